import type { OrderStatus } from '#orders';
import type { PaymentEntity, ReleaseReason } from './payment.entity.js';
import type { PaymentStatus } from './payment.state-machine.js';
import type { Truth } from './payments.truth.js';

/** What follows for our books from what Stripe says. */
export type Decision =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'change';
      readonly fields: Partial<PaymentEntity>;
      readonly orderMove?: { readonly from: OrderStatus; readonly to: OrderStatus };
      /** Something a person should know, by the kind of its case. */
      readonly tellOperator?: 'captured-elsewhere' | 'reservation-lost';
    }
  /** Nothing can be paid on its page any more: what is left of it at Stripe is released, and the order can be paid anew. */
  | { readonly kind: 'page-failed'; readonly fields: Partial<PaymentEntity> }
  /** The amount or the currency is not the order's: never Paid, released, and on the operator's list. */
  | { readonly kind: 'mismatch'; readonly fields: Partial<PaymentEntity> };

const NOTHING: Decision = { kind: 'nothing' };

/** Pure: the same payment and the same truth always give the same decision, in whatever order events arrived. */
export function decide(payment: PaymentEntity, truth: Truth): Decision {
  switch (payment.status) {
    case 'Initializing':
    case 'Pending':
    case 'Processing':
      return decideOpen(payment, truth);
    case 'Authorized':
    case 'Capturing':
      return decideReserved(payment, truth);
    case 'Releasing':
      return decideReleasing(payment, truth);
    case 'Captured':
    case 'PartiallyCaptured':
    case 'Released':
    case 'Abandoned':
    case 'Expired':
    case 'Failed':
    case 'NotRequired':
      return NOTHING;
  }
}

function decideOpen(payment: PaymentEntity, truth: Truth): Decision {
  switch (truth.kind) {
    case 'open': {
      const declineCode = truth.declineCode ?? null;
      const paymentIntentId = truth.intentId ?? payment.paymentIntentId;
      if (
        payment.status === 'Pending' &&
        payment.declineCode === declineCode &&
        payment.paymentIntentId === paymentIntentId
      )
        return NOTHING;
      return { kind: 'change', fields: { status: 'Pending', declineCode, paymentIntentId } };
    }
    case 'processing':
      if (payment.status === 'Processing') return NOTHING;
      return { kind: 'change', fields: { status: 'Processing', declineCode: null, paymentIntentId: truth.intentId } };
    case 'authorized':
    case 'captured': {
      const fields = reservedFields(truth);
      if (!isAsAsked(payment, truth)) return { kind: 'mismatch', fields };
      const status: PaymentStatus = truth.kind === 'authorized' ? 'Authorized' : 'Captured';
      const orderMove = { from: 'Payment', to: 'Paid' } as const;
      const change = { kind: 'change', fields: { ...fields, status, declineCode: null }, orderMove } as const;
      return truth.kind === 'captured' ? { ...change, tellOperator: 'captured-elsewhere' } : change;
    }
    case 'page-failed': {
      const { intentId: paymentIntentId, declineCode = null } = truth;
      return { kind: 'page-failed', fields: { paymentIntentId, declineCode } };
    }
    case 'ended':
      return { kind: 'change', fields: { status: 'Abandoned' }, orderMove: { from: 'Payment', to: 'Placed' } };
  }
}

function decideReserved(payment: PaymentEntity, truth: Truth): Decision {
  switch (truth.kind) {
    case 'authorized': {
      const moved = truth.expiresAt?.getTime() !== payment.authorizationExpiresAt?.getTime();
      return moved ? { kind: 'change', fields: { authorizationExpiresAt: truth.expiresAt } } : NOTHING;
    }
    case 'captured': {
      const status: PaymentStatus = truth.amount < payment.amountAuthorized ? 'PartiallyCaptured' : 'Captured';
      const change = { kind: 'change', fields: { status, amountCaptured: truth.amount } } as const;
      const asAsked = payment.status === 'Capturing' && truth.amount === payment.captureAmount;
      return asAsked ? change : { ...change, tellOperator: 'captured-elsewhere' };
    }
    case 'ended':
      return { kind: 'change', fields: { status: 'Expired' }, tellOperator: 'reservation-lost' };
    case 'open':
    case 'processing':
    case 'page-failed':
      // A reservation never goes back to the customer: an event that says so is older than what we know.
      return NOTHING;
  }
}

/** Releasing beats authorising: facts are kept, and the release itself decides what becomes of the order. */
function decideReleasing(payment: PaymentEntity, truth: Truth): Decision {
  if (truth.kind !== 'authorized' && truth.kind !== 'captured') return NOTHING;
  const fields = reservedFields(truth);
  // What is found may make the order Paid after all, and so must not be another than the order's.
  if (MAY_BE_PAID.includes(payment.releaseReason) && !isAsAsked(payment, truth)) return { kind: 'mismatch', fields };
  const known =
    payment.paymentIntentId === fields.paymentIntentId &&
    payment.amountAuthorized === fields.amountAuthorized &&
    payment.amountCaptured === (fields.amountCaptured ?? payment.amountCaptured);
  return known ? NOTHING : { kind: 'change', fields };
}

/**
 * Why a payment is released, where the order may become Paid in the end: an abandon counts a reservation that was already
 * made, and a charge that somebody made at Stripe meanwhile cannot be released.
 */
export const MAY_BE_PAID: readonly (ReleaseReason | null)[] = ['abandoned', 'expired'];

type Reserved = Extract<Truth, { kind: 'authorized' | 'captured' }>;

function isAsAsked(payment: PaymentEntity, truth: Reserved): boolean {
  const reserved = truth.kind === 'authorized' ? truth.amount : truth.authorized;
  return reserved === payment.amount && truth.currency === payment.currency;
}

function reservedFields(truth: Reserved): Partial<PaymentEntity> & { amountAuthorized: number } {
  return truth.kind === 'authorized'
    ? { paymentIntentId: truth.intentId, amountAuthorized: truth.amount, authorizationExpiresAt: truth.expiresAt }
    : { paymentIntentId: truth.intentId, amountAuthorized: truth.authorized, amountCaptured: truth.amount };
}
