import type Stripe from 'stripe';
import { invalidRequest } from '../http/errors.js';
import type { Metadata } from '../http/metadata.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber } from './cards.js';
import { presentCharge, type ChargeRecord } from './charges.js';
import { formatAmount, refuseFraction } from './currencies.js';
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
  refuseRefund(charge, amount, left);
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
  emit(world, 'charge.refunded', presentCharge(refunded), { amount_refunded: charge.amount_refunded });
  planLaterOutcome(world, refund);
  return refund;
}

function refuseRefund(charge: ChargeRecord, amount: number, left: number): void {
  if (!charge.captured) {
    const message = `Charge ${charge.id} has not been captured, so it cannot be refunded. Cancel its PaymentIntent instead.`;
    throw invalidRequest(message, { code: 'charge_not_refundable' });
  }
  if (charge.disputed) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  refuseFraction(amount, charge.currency, 'amount');
  if (amount <= left) return;
  const message = `Refund amount (${formatAmount(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatAmount(left, charge.currency)})`;
  throw invalidRequest(message, { param: 'amount' });
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
  if (outcome === undefined || refund.status === 'failed' || refund.status === 'canceled') return;
  if (outcome === 'pending' && refund.status !== 'pending') return;
  const at = (refund.created + ASYNCHRONOUS_REFUND_SECONDS) * 1000;
  world.clock.alarm(at, () => settleRefund(world, refund.id, outcome === 'pending' ? 'succeeded' : 'failed'));
}

function settleRefund(world: World, id: string, status: 'succeeded' | 'failed'): void {
  const refund = world.store.refunds.get(id);
  if (refund === undefined || refund.status === 'failed' || refund.status === 'canceled') return;
  const failed = status === 'failed';
  const settled = world.store.refunds.update(refund, { status, failure_reason: failed ? 'unknown' : null });
  const charge = world.store.charges.get(refund.charge);
  if (failed && charge !== undefined) {
    addToRefunded(world, charge, -refund.amount);
    move(world, settled, 'refund_failed');
  }
  if (failed) emit(world, 'refund.failed', presentRefund(settled));
  emit(world, 'refund.updated', presentRefund(settled));
  emit(world, 'charge.refund.updated', presentRefund(settled));
  world.store.commit();
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
