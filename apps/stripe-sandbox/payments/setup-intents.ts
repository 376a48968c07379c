import type Stripe from 'stripe';
import { cardError, invalidRequest } from '../http/errors.js';
import type { Metadata } from '../http/metadata.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber } from './cards.js';
import { nextActionFor, type NextAction } from './next-action.js';
import type { PaymentError, SetupFutureUsage } from './payment-intent.record.js';
import { presentError } from './payment-intents.present.js';
import { attach, type PaymentMethodRecord } from './payment-methods.js';

export interface SetupIntentRecord {
  readonly id: string;
  readonly created: number;
  readonly status: 'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'succeeded' | 'canceled';
  readonly client_secret: string;
  readonly customer: string | null;
  readonly payment_method: string | null;
  readonly usage: SetupFutureUsage;
  readonly description: string | null;
  readonly automatic_payment_methods: {
    readonly enabled: boolean;
    readonly allow_redirects: 'always' | 'never';
  } | null;
  readonly allowed_payment_method_types: readonly string[] | null;
  readonly excluded_payment_method_types: readonly string[] | null;
  readonly cancellation_reason: 'abandoned' | 'duplicate' | 'requested_by_customer' | null;
  readonly last_setup_error: PaymentError | null;
  readonly next_action: NextAction | null;
  /** As in a PaymentIntent. */
  readonly challenge_return_url: string | null;
  readonly metadata: Metadata;
}

export interface SetupConfirmation {
  readonly useStripeSdk: boolean;
  readonly returnUrl: string | null;
}

/** Saves a card without a payment (https://docs.stripe.com/payments/save-and-reuse). @throws a 402 when the card declines */
export function trySetup(
  world: World,
  intent: SetupIntentRecord,
  method: PaymentMethodRecord,
  how: SetupConfirmation,
): SetupIntentRecord {
  const card = cardByNumber(method.card_number);
  const started = world.store.setupIntents.update(intent, {
    payment_method: method.id,
    last_setup_error: null,
    next_action: null,
  });
  if (card.declinesAttachment && card.decline !== undefined) {
    const { code, declineCode, message } = card.decline;
    throw failSetup(world, started, {
      type: 'card_error',
      code,
      decline_code: declineCode,
      message,
      charge: null,
      payment_method: method.id,
    });
  }
  if (card.challenge !== 'always' && card.challenge !== 'until_set_up') return succeed(world, started, method, false);
  if (card.authenticationFails === true) throw failAuthentication(world, started);
  const action = nextActionFor(how);
  const waiting = world.store.setupIntents.update(started, {
    status: 'requires_action',
    next_action: action,
    challenge_return_url: action.return_url,
  });
  emit(world, 'setup_intent.requires_action', presentSetupIntent(world, waiting));
  return waiting;
}

/** The end of the 3-D Secure challenge. */
export function endSetupChallenge(world: World, intent: SetupIntentRecord, succeeded: boolean): SetupIntentRecord {
  const method = world.store.paymentMethods.get(intent.payment_method ?? '');
  if (intent.status !== 'requires_action' || method === undefined) return intent;
  if (succeeded) return succeed(world, intent, method, true);
  failAuthentication(world, intent);
  return world.store.setupIntents.get(intent.id) ?? intent;
}

function succeed(
  world: World,
  intent: SetupIntentRecord,
  method: PaymentMethodRecord,
  authenticated: boolean,
): SetupIntentRecord {
  const set_up = method.set_up || (authenticated && intent.usage === 'off_session');
  if (intent.customer !== null) attach(world, method, intent.customer, { set_up });
  else world.store.paymentMethods.update(method, { set_up });
  const done = world.store.setupIntents.update(intent, { status: 'succeeded', next_action: null });
  emit(world, 'setup_intent.succeeded', presentSetupIntent(world, done));
  return done;
}

/** https://docs.stripe.com/error-codes#setup-intent-authentication-failure */
function failAuthentication(world: World, intent: SetupIntentRecord): Error {
  return failSetup(world, intent, {
    type: 'invalid_request_error',
    code: 'setup_intent_authentication_failure',
    decline_code: null,
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
    charge: null,
    payment_method: intent.payment_method ?? '',
  });
}

function failSetup(world: World, intent: SetupIntentRecord, error: PaymentError): Error {
  const failed = world.store.setupIntents.update(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_setup_error: error,
  });
  const presented = presentSetupIntent(world, failed);
  emit(world, 'setup_intent.setup_failed', presented);
  const details = { code: error.code, decline_code: error.decline_code ?? undefined, setup_intent: presented };
  return error.type === 'card_error' ? cardError(error.message, details) : invalidRequest(error.message, details, 402);
}

export function presentSetupIntent(world: World, intent: SetupIntentRecord): Stripe.SetupIntent {
  return {
    id: intent.id,
    object: 'setup_intent',
    allowed_payment_method_types: intent.allowed_payment_method_types && [...intent.allowed_payment_method_types],
    application: null,
    automatic_payment_methods: intent.automatic_payment_methods,
    cancellation_reason: intent.cancellation_reason,
    client_secret: intent.client_secret,
    created: intent.created,
    customer: intent.customer,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: intent.excluded_payment_method_types && [...intent.excluded_payment_method_types],
    flow_directions: null,
    last_setup_error: intent.last_setup_error && presentError(world, intent.last_setup_error),
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: intent.metadata,
    next_action: presentNextAction(world, intent),
    on_behalf_of: null,
    payment_method: intent.payment_method,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: intent.status,
    usage: intent.usage,
  } satisfies Stripe.SetupIntent;
}

function presentNextAction(world: World, intent: SetupIntentRecord): Stripe.SetupIntent.NextAction | null {
  if (intent.next_action === null) return null;
  const url = `${world.baseUrl}/3ds/${intent.id}?client_secret=${encodeURIComponent(intent.client_secret)}`;
  const { type, return_url } = intent.next_action;
  if (type === 'redirect_to_url') return { type, redirect_to_url: { return_url, url } };
  return { type, use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } };
}
