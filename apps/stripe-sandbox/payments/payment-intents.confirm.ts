import { cardError, invalidRequest } from '../http/errors.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { AUTHENTICATION_REQUIRED, cardByNumber, type Decline, type TestCard } from './cards.js';
import { createCharge, presentCharge } from './charges.js';
import { planDispute } from './disputes.js';
import { moved, type NextAction, type PaymentError, type PaymentIntentRecord } from './payment-intent.record.js';
import { assertMove, type Status } from './payment-intents.lifecycle.js';
import { presentPaymentIntent } from './payment-intents.present.js';
import { planHoldExpiry } from './payment-intents.settle.js';
import { attach, type PaymentMethodRecord } from './payment-methods.js';

/** How a confirmation was asked for. */
export interface Confirmation {
  readonly offSession: boolean;
  readonly errorOnRequiresAction: boolean;
  readonly useStripeSdk: boolean;
  readonly returnUrl: string | null;
}

/** Replaces the intent by itself with `patch`, and refuses a move that the lifecycle does not know. */
export function change(
  world: World,
  intent: PaymentIntentRecord,
  patch: Partial<PaymentIntentRecord>,
): PaymentIntentRecord {
  assertMove(intent.status, patch.status ?? intent.status);
  return world.store.paymentIntents.update(intent, patch);
}

/**
 * Tries to pay with a payment method: authorises, asks for 3-D Secure, or is declined (facts §3.5, §9).
 * @throws a 402 card error after a decline, with the intent back in requires_payment_method
 */
export function tryToPay(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  confirmation: Confirmation,
): PaymentIntentRecord {
  const card = cardByNumber(method.card_number);
  const forced = world.cause.forcedDecline;
  const started = change(world, intent, { payment_method: method.id, last_payment_error: null, next_action: null });
  if (forced !== null) return fail(world, started, method, forced, confirmation.offSession);
  const challenged = !started.authenticated && needsChallenge(card, method, started, confirmation.offSession);
  if (!challenged)
    return finish(world, started, method, card, { ...confirmation, authenticated: started.authenticated });
  if (confirmation.offSession) return fail(world, started, method, AUTHENTICATION_REQUIRED, true);
  if (card.authenticationFails === true) return failAuthentication(world, started, method);
  if (confirmation.errorOnRequiresAction) return failUnhandledAction(world, started, method);
  return requireAction(world, started, nextActionFor(confirmation));
}

/** https://docs.stripe.com/testing, authentication: which cards ask, and when. */
function needsChallenge(
  card: TestCard,
  method: PaymentMethodRecord,
  intent: PaymentIntentRecord,
  offSession: boolean,
): boolean {
  switch (card.challenge) {
    case 'always':
      return true;
    case 'until_set_up':
      return !(offSession && method.set_up);
    case 'on_session':
      return !offSession;
    case 'on_request':
      return intent.card_options.request_three_d_secure !== 'automatic' && !offSession;
    case 'never':
      return false;
  }
}

/**
 * Facts §3.5: a redirect when there is somewhere to return to, unless Stripe's client library handles the action: it shows
 * the bank's page in a frame, which must stay there and not lead the shop's page into the frame.
 */
function nextActionFor(confirmation: Confirmation): NextAction {
  if (confirmation.useStripeSdk || confirmation.returnUrl === null) {
    return { type: 'use_stripe_sdk', return_url: null };
  }
  return { type: 'redirect_to_url', return_url: confirmation.returnUrl };
}

function requireAction(world: World, intent: PaymentIntentRecord, action: NextAction): PaymentIntentRecord {
  const waiting = change(world, intent, { status: 'requires_action', next_action: action });
  emit(world, 'payment_intent.requires_action', presentPaymentIntent(world, waiting));
  return waiting;
}

/**
 * The end of the 3-D Secure challenge. With confirmation_method manual the server has to confirm once more (facts §3.5).
 * Never throws: the customer's browser is told by where it is sent, the server by the event.
 */
export function endChallenge(world: World, intent: PaymentIntentRecord, succeeded: boolean): PaymentIntentRecord {
  const method = world.store.paymentMethods.get(intent.payment_method ?? '');
  if (intent.status !== 'requires_action' || method === undefined) return intent;
  const card = cardByNumber(method.card_number);
  try {
    if (!succeeded) return failAuthentication(world, intent, method);
    if (intent.confirmation_method === 'manual') {
      return change(world, intent, { status: 'requires_confirmation', next_action: null, authenticated: true });
    }
    return finish(world, intent, method, card, { offSession: false, authenticated: true });
  } catch (error) {
    const current = world.store.paymentIntents.get(intent.id);
    if (current?.last_payment_error != null) return current;
    throw error;
  }
}

interface Finish {
  readonly offSession: boolean;
  readonly authenticated: boolean;
}

function finish(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  card: TestCard,
  how: Finish,
): PaymentIntentRecord {
  if (card.decline !== undefined) return fail(world, intent, method, card.decline, how.offSession, how.authenticated);
  return authorise(world, intent, method, how);
}

/** The money is reserved, or with automatic capture taken at once. Events as in facts §3.1. */
function authorise(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  how: Finish,
): PaymentIntentRecord {
  const now = world.clock.now();
  const manual = intent.capture_method === 'manual';
  const charge = createCharge(world, intent, {
    method,
    decline: null,
    authenticated: how.authenticated,
    offSession: how.offSession,
  });
  const reserved = moved(intent, now, 'reserve', intent.amount);
  const status: Status = manual ? 'requires_capture' : 'succeeded';
  const authorised = change(world, intent, {
    status,
    latest_charge: charge.id,
    next_action: null,
    authenticated: false,
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

/** A decline: a failed charge, the intent back in requires_payment_method, and a 402 that carries it (facts §3.1, §3.5). */
function fail(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  decline: Decline,
  offSession: boolean,
  authenticated = false,
): never {
  const charge = createCharge(world, intent, { method, decline, authenticated, offSession });
  emit(world, 'charge.failed', presentCharge(charge));
  const failed = recordFailure(
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
  throw failed;
}

function recordFailure(world: World, intent: PaymentIntentRecord, error: PaymentError): Error {
  const failed = change(world, intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    authenticated: false,
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

/** https://docs.stripe.com/error-codes#payment-intent-authentication-failure */
function failAuthentication(world: World, intent: PaymentIntentRecord, method: PaymentMethodRecord): never {
  throw recordFailure(world, intent, {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    decline_code: null,
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    charge: null,
    payment_method: method.id,
  });
}

/** Facts §3.5: error_on_requires_action makes the attempt fail instead of asking the customer. */
function failUnhandledAction(world: World, intent: PaymentIntentRecord, method: PaymentMethodRecord): never {
  throw recordFailure(world, intent, {
    type: 'card_error',
    code: 'authentication_required',
    decline_code: 'authentication_not_handled',
    message:
      "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're " +
      'ready, you can upgrade your integration to handle actions at ' +
      'https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.',
    charge: null,
    payment_method: method.id,
  });
}
