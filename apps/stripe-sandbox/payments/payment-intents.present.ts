import type Stripe from 'stripe';
import type { World } from '../world.js';
import type { NextAction } from './next-action.js';
import type { PaymentError, PaymentIntentRecord } from './payment-intent.record.js';
import { presentPaymentMethod } from './payment-methods.js';

/** A PaymentIntent as a secret key sees it. */
export function presentPaymentIntent(world: World, intent: PaymentIntentRecord): Stripe.PaymentIntent {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowed_payment_method_types && [...intent.allowed_payment_method_types],
    amount: intent.amount,
    amount_capturable: intent.amount_capturable,
    amount_details: { tip: {} },
    amount_received: intent.amount_received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: intent.automatic_payment_methods,
    canceled_at: intent.canceled_at,
    cancellation_reason: intent.cancellation_reason,
    capture_method: intent.capture_method,
    client_secret: intent.client_secret,
    confirmation_method: intent.confirmation_method,
    created: intent.created,
    currency: intent.currency,
    customer: intent.customer,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: intent.excluded_payment_method_types && [...intent.excluded_payment_method_types],
    last_payment_error: intent.last_payment_error && presentError(world, intent.last_payment_error),
    latest_charge: intent.latest_charge,
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: intent.next_action && presentNextAction(world, intent, intent.next_action),
    on_behalf_of: null,
    payment_method: intent.payment_method,
    payment_method_configuration_details: intent.automatic_payment_methods && {
      id: world.store.account.get('account')?.configuration ?? '',
      parent: null,
    },
    payment_method_options: { card: presentCardOptions(intent) },
    payment_method_types: ['card'],
    payment_record: null,
    processing: intent.processing && { card: {}, type: 'card' },
    receipt_email: intent.receipt_email,
    review: null,
    setup_future_usage: intent.setup_future_usage,
    shipping: intent.shipping as Stripe.PaymentIntent.Shipping | null,
    source: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: intent.transfer_group,
  } satisfies Stripe.PaymentIntent;
}

function presentCardOptions(intent: PaymentIntentRecord): Stripe.PaymentIntent.PaymentMethodOptions.Card {
  const { request_three_d_secure, setup_future_usage } = intent.card_options;
  return {
    installments: null,
    mandate_options: null,
    network: null,
    request_three_d_secure,
    ...(setup_future_usage === null ? {} : { setup_future_usage }),
  };
}

function presentNextAction(
  world: World,
  intent: PaymentIntentRecord,
  action: NextAction,
): Stripe.PaymentIntent.NextAction {
  const url = challengeUrl(world, intent);
  if (action.type === 'redirect_to_url') {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: action.return_url, url } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url, source: `src_${intent.id.slice(3)}` },
  };
}

/** Where the customer completes 3-D Secure: a page of this sandbox. */
export function challengeUrl(world: World, intent: PaymentIntentRecord): string {
  return `${world.baseUrl}/3ds/${intent.id}?client_secret=${encodeURIComponent(intent.client_secret)}`;
}

export function presentError(world: World, error: PaymentError): Stripe.PaymentIntent.LastPaymentError {
  const method = world.store.paymentMethods.get(error.payment_method);
  return {
    ...(error.charge === null ? {} : { charge: error.charge }),
    code: error.code,
    ...(error.decline_code === null ? {} : { decline_code: error.decline_code }),
    doc_url: `https://stripe.com/docs/error-codes/${error.code.replaceAll('_', '-')}`,
    message: error.message,
    ...(method === undefined ? {} : { payment_method: presentPaymentMethod(method) }),
    type: error.type,
  };
}
