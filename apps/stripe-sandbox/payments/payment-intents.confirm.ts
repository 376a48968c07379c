import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { AUTHENTICATION_REQUIRED, cardByNumber, type TestCard } from './cards.js';
import { nextActionFor, type NextAction } from './next-action.js';
import type { PaymentIntentRecord } from './payment-intent.record.js';
import { authorise, change, decline, recordFailure, type How } from './payment-intents.outcome.js';
import { presentPaymentIntent } from './payment-intents.present.js';
import { startProcessing } from './payment-intents.processing.js';
import type { PaymentMethodRecord } from './payment-methods.js';

/** How a confirmation was asked for. */
export interface Confirmation {
  readonly offSession: boolean;
  readonly errorOnRequiresAction: boolean;
  readonly useStripeSdk: boolean;
  readonly returnUrl: string | null;
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
  const forced = world.cause.takeDecline();
  const started = change(world, intent, { payment_method: method.id, last_payment_error: null, next_action: null });
  const how = { offSession: confirmation.offSession, authenticated: started.authenticated };
  if (forced !== null) throw decline(world, started, method, forced, how);
  const challenged = !started.authenticated && needsChallenge(card, method, started, confirmation.offSession);
  if (!challenged) return finish(world, started, method, card, how);
  if (confirmation.offSession) throw decline(world, started, method, AUTHENTICATION_REQUIRED, how);
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

function requireAction(world: World, intent: PaymentIntentRecord, action: NextAction): PaymentIntentRecord {
  const waiting = change(world, intent, {
    status: 'requires_action',
    next_action: action,
    challenge_return_url: action.return_url,
  });
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

function finish(
  world: World,
  intent: PaymentIntentRecord,
  method: PaymentMethodRecord,
  card: TestCard,
  how: How,
): PaymentIntentRecord {
  if (card.processing !== undefined) return startProcessing(world, intent, method, how);
  if (card.decline !== undefined) throw decline(world, intent, method, card.decline, how);
  return authorise(world, intent, method, how);
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
