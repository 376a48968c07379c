import type { Moves } from '#platform';

export type PaymentStatus =
  | 'Initializing'
  | 'Pending'
  | 'Processing'
  | 'Authorized'
  | 'Capturing'
  | 'Captured'
  | 'PartiallyCaptured'
  | 'Releasing'
  | 'Released'
  | 'Abandoned'
  | 'Expired'
  | 'Failed'
  | 'NotRequired';

/**
 * Mirrored by the CHECK `payments_move_check`. Money moves forward only; the one way back is an abandon that finds a
 * reservation already made (Releasing > Authorized), and a bank that changes its mind before anything is reserved.
 */
export const PAYMENT_MOVES: Moves<PaymentStatus> = {
  Initializing: ['Pending', 'Processing', 'Authorized', 'Captured', 'Releasing', 'Abandoned', 'Failed'],
  Pending: ['Processing', 'Authorized', 'Captured', 'Releasing', 'Abandoned', 'Failed'],
  Processing: ['Pending', 'Authorized', 'Captured', 'Releasing', 'Abandoned', 'Failed'],
  Authorized: ['Capturing', 'Captured', 'PartiallyCaptured', 'Releasing', 'Expired'],
  Capturing: ['Captured', 'PartiallyCaptured', 'Expired'],
  Captured: [],
  PartiallyCaptured: [],
  Releasing: ['Authorized', 'Released', 'Abandoned', 'Expired', 'Captured', 'PartiallyCaptured'],
  Released: [],
  Abandoned: [],
  Expired: [],
  Failed: [],
  NotRequired: [],
};

/** The payment is over and reserves nothing: the order may begin another. Mirrored by the index `payments_one_live`. */
export const PAYMENT_ENDED: readonly PaymentStatus[] = ['Released', 'Abandoned', 'Expired', 'Failed'];
