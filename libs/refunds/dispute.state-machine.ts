import type { Moves } from '#platform';

/**
 * `Inquiry`: the bank asks, and no money has moved. `Open`: the money is withdrawn until it is decided. `Closed`: the
 * inquiry ended, or the dispute was prevented, without a loss.
 */
export type DisputeStatus = 'Inquiry' | 'Open' | 'Won' | 'Lost' | 'Closed';

/**
 * Mirrored by the CHECK `disputes_move_check`. What was decided can be taken up again by an appeal, of either side.
 * Source: https://docs.stripe.com/disputes/how-disputes-work
 */
export const DISPUTE_MOVES: Moves<DisputeStatus> = {
  Inquiry: ['Open', 'Won', 'Lost', 'Closed'],
  Open: ['Won', 'Lost', 'Closed'],
  Won: ['Open', 'Lost'],
  Lost: ['Open', 'Won'],
  Closed: ['Open', 'Won', 'Lost'],
};

/** The bank has decided, or withdrawn its question. */
export const DISPUTE_DECIDED: readonly DisputeStatus[] = ['Won', 'Lost', 'Closed'];
