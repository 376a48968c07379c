import { cardError, invalidRequest } from '../http/errors.js';
import { mergeMetadata, type Metadata } from '../http/metadata.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import type { Decline } from './cards.js';
import { presentCharge, type ChargeRecord } from './charges.js';
import { formatAmount, refuseFraction } from './currencies.js';
import { planDispute } from './disputes.js';
import { moved, type PaymentIntentRecord } from './payment-intent.record.js';
import { assertMove, refuseUnless } from './payment-intents.lifecycle.js';
import { presentPaymentIntent } from './payment-intents.present.js';

export interface Capture {
  readonly amount_to_capture?: number | undefined;
  readonly metadata?: Metadata | '' | undefined;
  readonly statement_descriptor?: string | undefined;
  readonly statement_descriptor_suffix?: string | undefined;
}

/**
 * Takes the reserved money, once; what is not taken is released (facts §3.2).
 * @throws payment_intent_unexpected_state, amount_too_large
 */
export function capture(world: World, intent: PaymentIntentRecord, wanted: Capture): PaymentIntentRecord {
  refuseUnless('capture', intent.status, presentPaymentIntent(world, intent));
  const amount = wanted.amount_to_capture ?? intent.amount_capturable;
  refuseOvercapture(intent, amount);
  refuseFraction(amount, intent.currency, 'amount_to_capture');
  const metadata = mergeMetadata(intent.metadata, wanted.metadata);
  const declined = world.cause.takeDecline();
  if (declined !== null) throw declinedCapture(world, intent, declined);
  const charge = chargeOf(world, intent);
  const released = intent.amount_capturable - amount;
  const capturedCharge = world.store.charges.update(charge, {
    captured: true,
    captured_at: world.clock.seconds(),
    amount_captured: amount,
    amount_refunded: charge.amount_refunded + released,
    capture_before: null,
  });
  const captured = settle(world, intent, {
    status: 'succeeded',
    amount_received: amount,
    metadata,
    statement_descriptor: wanted.statement_descriptor ?? intent.statement_descriptor,
    statement_descriptor_suffix: wanted.statement_descriptor_suffix ?? intent.statement_descriptor_suffix,
    movements: capturedMovements(world, intent, amount, released),
  });
  emit(world, 'charge.captured', presentCharge(capturedCharge));
  emit(world, 'payment_intent.succeeded', presentPaymentIntent(world, captured));
  planDispute(world, capturedCharge);
  return captured;
}

function capturedMovements(world: World, intent: PaymentIntentRecord, amount: number, released: number) {
  const now = world.clock.now();
  const movements = moved(intent, now, 'capture', amount);
  return released === 0 ? movements : moved({ ...intent, movements }, now, 'release', released);
}

function refuseOvercapture(intent: PaymentIntentRecord, amount: number): void {
  if (amount <= intent.amount_capturable) return;
  const asked = formatAmount(amount, intent.currency);
  const capturable = formatAmount(intent.amount_capturable, intent.currency);
  const message = `The amount_to_capture (${asked}) is greater than the amount capturable (${capturable}).`;
  throw invalidRequest(message, { code: 'amount_too_large', param: 'amount_to_capture' });
}

/** Facts §3.2: a capture can fail with a card error too. The hold stays. */
function declinedCapture(world: World, intent: PaymentIntentRecord, decline: Decline): Error {
  return cardError(decline.message, {
    code: decline.code,
    decline_code: decline.declineCode ?? undefined,
    charge: intent.latest_charge ?? undefined,
    payment_intent: presentPaymentIntent(world, intent),
  });
}

/** Ends the intent; a hold is released, which Stripe also reports as charge.refunded (facts §3.1, §3.3). */
export function cancel(world: World, intent: PaymentIntentRecord, reason: string | null): PaymentIntentRecord {
  refuseUnless('cancel', intent.status, presentPaymentIntent(world, intent));
  const canceled = close(world, intent, reason, intent.status === 'requires_capture' ? 'release' : null);
  if (intent.status === 'requires_capture') {
    const charge = chargeOf(world, intent);
    const released = world.store.charges.update(charge, { amount_refunded: charge.amount, capture_before: null });
    emit(world, 'charge.refunded', presentCharge(released), { amount_refunded: 0, refunded: false });
  }
  emit(world, 'payment_intent.canceled', presentPaymentIntent(world, canceled));
  return canceled;
}

function close(
  world: World,
  intent: PaymentIntentRecord,
  reason: string | null,
  movement: 'release' | 'expire' | null,
): PaymentIntentRecord {
  return settle(world, intent, {
    status: 'canceled',
    canceled_at: world.clock.seconds(),
    cancellation_reason: reason,
    next_action: null,
    movements:
      movement === null ? intent.movements : moved(intent, world.clock.now(), movement, intent.amount_capturable),
  });
}

function settle(world: World, intent: PaymentIntentRecord, patch: Partial<PaymentIntentRecord>): PaymentIntentRecord {
  assertMove(intent.status, patch.status ?? intent.status);
  return world.store.paymentIntents.update(intent, { amount_capturable: 0, ...patch });
}

function chargeOf(world: World, intent: PaymentIntentRecord): ChargeRecord {
  const charge = world.store.charges.get(intent.latest_charge ?? '');
  if (charge === undefined) throw new Error(`${intent.id} is reserved without a charge`);
  return charge;
}

/** A hold runs out at `capture_before`: charge.expired and payment_intent.canceled, reason automatic (facts §3.1). */
export function planHoldExpiry(world: World, charge: ChargeRecord): void {
  if (charge.capture_before === null) return;
  world.clock.alarm(charge.capture_before * 1000, () => expireHold(world, charge.id));
}

function expireHold(world: World, chargeId: string): void {
  const charge = world.store.charges.get(chargeId);
  const intent = charge && world.store.paymentIntents.get(charge.payment_intent);
  if (charge === undefined || intent?.status !== 'requires_capture' || intent.latest_charge !== chargeId) return;
  const expired = world.store.charges.update(charge, {
    expired: true,
    amount_refunded: charge.amount,
    capture_before: null,
  });
  const canceled = close(world, intent, 'automatic', 'expire');
  emit(world, 'charge.expired', presentCharge(expired));
  emit(world, 'payment_intent.canceled', presentPaymentIntent(world, canceled));
  world.store.commit();
}
