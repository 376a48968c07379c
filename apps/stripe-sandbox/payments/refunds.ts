import type Stripe from 'stripe';
import { invalidRequest } from '../http/errors.js';
import type { Metadata } from '../http/metadata.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber } from './cards.js';
import { presentCharge, type ChargeRecord } from './charges.js';
import { formatAmount, refuseFraction } from './currencies.js';
import { isInquiry } from './disputes.present.js';
import { moved, type Movement } from './payment-intent.record.js';

export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer';

export interface RefundRecord {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly charge: string;
  readonly customer: string | null;
  readonly payment_intent: string;
  readonly payment_method: string;
  readonly reason: RefundReason | null;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  readonly failure_reason: string | null;
  readonly metadata: Metadata;
}

/** How long the asynchronous test cards take, in seconds of the sandbox's clock (Stripe says "some time later"). */
export const ASYNCHRONOUS_REFUND_SECONDS = 60;

export interface NewRefund {
  readonly amount: number | undefined;
  readonly reason: RefundReason | null;
  readonly metadata: Metadata;
}

/** What of a charge may still be refunded: captured, less what refunds that have not failed took. */
export function refundable(world: World, charge: ChargeRecord): number {
  const refunds = world.store.refunds.where('charge', charge.id);
  const taken = refunds.filter((refund) => refund.status === 'pending' || refund.status === 'succeeded');
  return charge.amount_captured - taken.reduce((sum, refund) => sum + refund.amount, 0);
}

/** Gives money back. @throws charge_already_refunded, charge_disputed, and when more is asked than is left */
export function createRefund(world: World, charge: ChargeRecord, wanted: NewRefund): RefundRecord {
  const left = refundable(world, charge);
  const amount = wanted.amount ?? left;
  refuseRefund(world, charge, amount, left);
  const card = cardByNumber(charge.card_number);
  const pending = card.refund === 'pending';
  const refund = world.store.refunds.insert({
    id: newId('re'),
    created: world.clock.seconds(),
    amount,
    currency: charge.currency,
    charge: charge.id,
    customer: charge.customer,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: wanted.reason,
    status: pending ? 'pending' : 'succeeded',
    failure_reason: null,
    metadata: wanted.metadata,
  });
  const refunded = addToRefunded(world, charge, amount);
  move(world, refund, 'refund');
  emit(world, 'refund.created', presentRefund(refund));
  const before = { amount_refunded: charge.amount_refunded };
  const previous = presentCharge(refunded).refunded ? { ...before, refunded: false } : before;
  emit(world, 'charge.refunded', presentCharge(refunded), previous);
  planLaterOutcome(world, refund);
  return refund;
}

function refuseRefund(world: World, charge: ChargeRecord, amount: number, left: number): void {
  if (!charge.captured && charge.amount_refunded === charge.amount) {
    const message = `This PaymentIntent (${charge.payment_intent}) does not have a successful charge to refund.`;
    throw invalidRequest(message, { param: 'payment_intent' });
  }
  if (!charge.captured) {
    const message = `Charge ${charge.id} has not been captured, so it cannot be refunded. Cancel its PaymentIntent instead.`;
    throw invalidRequest(message, { code: 'charge_not_refundable' });
  }
  if (blocksRefunds(world, charge)) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  refuseFraction(amount, charge.currency, 'amount');
  if (amount <= left) return;
  const of =
    amount > charge.amount
      ? (['charge amount', charge.amount] as const)
      : (['unrefunded amount on charge', left] as const);
  const message = `Refund amount (${formatAmount(amount, charge.currency)}) is greater than ${of[0]} (${formatAmount(of[1], charge.currency)})`;
  throw invalidRequest(message, { param: 'amount' });
}

/** An inquiry does not stand in the way (the package on `is_charge_refundable`); any other dispute does, whatever its end. */
function blocksRefunds(world: World, charge: ChargeRecord): boolean {
  return world.store.disputes.where('charge', charge.id).some(({ status }) => !isInquiry(status));
}

function addToRefunded(world: World, charge: ChargeRecord, amount: number): ChargeRecord {
  return world.store.charges.update(charge, { amount_refunded: charge.amount_refunded + amount });
}

function move(world: World, refund: RefundRecord, type: Movement['type']): void {
  const intent = world.store.paymentIntents.get(refund.payment_intent);
  if (intent === undefined) return;
  world.store.paymentIntents.update(intent, { movements: moved(intent, world.clock.now(), type, refund.amount) });
}

/** The test cards whose refunds end later: pending then succeeded, or succeeded then failed (docs.stripe.com/testing). */
export function planLaterOutcome(world: World, refund: RefundRecord): void {
  const charge = world.store.charges.get(refund.charge);
  const outcome = charge && cardByNumber(charge.card_number).refund;
  const [from, to] = outcome === 'pending' ? (['pending', 'succeeded'] as const) : (['succeeded', 'failed'] as const);
  if (outcome === undefined || refund.status !== from) return;
  const at = (refund.created + ASYNCHRONOUS_REFUND_SECONDS) * 1000;
  world.clock.alarm(at, () => {
    const current = world.store.refunds.get(refund.id);
    // The controls may have been faster.
    if (current?.status === from) settleRefund(world, current, to);
    world.store.commit();
  });
}

/** Why a refund fails; Stripe's own list (the package on `Refund.failure_reason`). */
export const FAILURE_REASONS = [
  'lost_or_stolen_card',
  'expired_or_canceled_card',
  'charge_for_pending_refund_disputed',
  'insufficient_funds',
  'declined',
  'merchant_request',
  'unknown',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * What becomes of a refund after it was asked for: a pending one succeeds, and a pending or succeeded one can still fail.
 * Then the money is back with the merchant, and can be refunded again.
 * @throws when the refund is in no status that leads there
 */
export function settleRefund(
  world: World,
  refund: RefundRecord,
  status: 'succeeded' | 'failed',
  reason: FailureReason = 'unknown',
): RefundRecord {
  const failed = status === 'failed';
  if (refund.status !== 'pending' && !(failed && refund.status === 'succeeded')) {
    throw invalidRequest(`Refund ${refund.id} has a status of ${refund.status}: it cannot become ${status}.`);
  }
  const settled = world.store.refunds.update(refund, { status, failure_reason: failed ? reason : null });
  const charge = world.store.charges.get(refund.charge);
  if (failed && charge !== undefined) {
    addToRefunded(world, charge, -refund.amount);
    move(world, settled, 'refund_failed');
  }
  if (failed) emit(world, 'refund.failed', presentRefund(settled));
  const previous = { status: refund.status };
  emit(world, 'refund.updated', presentRefund(settled), previous);
  emit(world, 'charge.refund.updated', presentRefund(settled), previous);
  return settled;
}

export function presentRefund(refund: RefundRecord): Stripe.Refund {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: refund.charge,
    created: refund.created,
    currency: refund.currency,
    customer: refund.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    ...(refund.failure_reason === null ? {} : { failure_reason: refund.failure_reason }),
    metadata: refund.metadata,
    payment_intent: refund.payment_intent,
    payment_method: refund.payment_method,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  } satisfies Stripe.Refund;
}
