import { cardError, invalidRequest } from '../http/errors.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import type { Decline } from './cards.js';
import { createCharge, presentCharge, settleCharge, type Attempted, type ChargeRecord } from './charges.js';
import { planDispute } from './disputes.js';
import { moved, type PaymentError, type PaymentIntentRecord } from './payment-intent.record.js';
import { assertMove, type Status } from './payment-intents.lifecycle.js';
import { presentPaymentIntent } from './payment-intents.present.js';
import { planHoldExpiry } from './payment-intents.settle.js';
import { attach, type PaymentMethodRecord } from './payment-methods.js';

/** Replaces the intent by itself with `patch`, and refuses a move that the lifecycle does not know. */
export function change(
  world: World,
  intent: PaymentIntentRecord,
  patch: Partial<PaymentIntentRecord>,
): PaymentIntentRecord {
  assertMove(intent.status, patch.status ?? intent.status);
  return world.store.paymentIntents.update(intent, patch);
}

/** How an attempt to pay came to its end. */
export interface How {
  readonly offSession: boolean;
  readonly authenticated: boolean;
}

/** The money is reserved, or with automatic capture taken at once. Events as in facts §3.1. */
export function authorise(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  how: How,
): PaymentIntentRecord {
  const now = world.clock.now();
  const manual = intent.capture_method === 'manual';
  const charge = chargeFor(world, intent, { ...how, method, decline: null });
  const reserved = moved(intent, now, 'reserve', intent.amount);
  const status: Status = manual ? 'requires_capture' : 'succeeded';
  const authorised = change(world, intent, {
    status,
    latest_charge: charge.id,
    next_action: null,
    authenticated: false,
    processing: null,
    amount_capturable: manual ? intent.amount : 0,
    amount_received: manual ? 0 : intent.amount,
    movements: manual ? reserved : moved({ ...intent, movements: reserved }, now, 'capture', intent.amount),
  });
  keepOrSpend(world, authorised, method, how.authenticated);
  emit(world, 'charge.succeeded', presentCharge(charge));
  const event = manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded';
  emit(world, event, presentPaymentIntent(world, authorised));
  if (manual) planHoldExpiry(world, charge);
  else planDispute(world, charge);
  return authorised;
}

/** The charge of this attempt; one that was processing has it already. */
function chargeFor(world: World, intent: PaymentIntentRecord, attempted: Attempted): ChargeRecord {
  const pending = intent.processing === null ? undefined : world.store.charges.get(intent.latest_charge ?? '');
  return pending === undefined
    ? createCharge(world, intent, attempted)
    : settleCharge(world, intent, pending, attempted);
}

/** Saves the method when that was asked for (at authorisation, facts §3.4); otherwise it is used up. */
function keepOrSpend(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  authenticated: boolean,
): void {
  const wanted = intent.card_options.setup_future_usage ?? intent.setup_future_usage;
  const usage = wanted === 'none' ? null : wanted;
  const set_up = method.set_up || (usage === 'off_session' && authenticated);
  if (usage !== null && intent.customer !== null) attach(world, method, intent.customer, { set_up });
  else if (usage !== null) world.store.paymentMethods.update(method, { set_up });
  else if (method.customer === null) world.store.paymentMethods.update(method, { spent: true });
}

/** A decline: a failed charge, and the intent back in requires_payment_method (facts §3.1, §3.5). @returns the 402 that carries it */
export function decline(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  decline: Decline,
  how: How,
): Error {
  const charge = chargeFor(world, intent, { ...how, method, decline });
  emit(world, 'charge.failed', presentCharge(charge));
  return recordFailure(
    world,
    { ...intent, latest_charge: charge.id },
    {
      type: 'card_error',
      code: decline.code,
      decline_code: decline.declineCode,
      message: decline.message,
      charge: charge.id,
      payment_method: method.id,
    },
  );
}

export function recordFailure(world: World, intent: PaymentIntentRecord, error: PaymentError): Error {
  const failed = change(world, intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    authenticated: false,
    processing: null,
    latest_charge: intent.latest_charge,
    last_payment_error: error,
  });
  const presented = presentPaymentIntent(world, failed);
  emit(world, 'payment_intent.payment_failed', presented);
  const details = {
    code: error.code,
    decline_code: error.decline_code ?? undefined,
    charge: error.charge ?? undefined,
    payment_intent: presented,
    payment_method: presented.last_payment_error?.payment_method,
  };
  return error.type === 'card_error' ? cardError(error.message, details) : invalidRequest(error.message, details, 402);
}
