import { invalidRequest } from '../http/errors.js';
import type { Values } from '../http/parameters.js';
import type { World } from '../world.js';
import { mergeBillingDetails, NO_BILLING_DETAILS } from './contact.parameters.js';
import { customerToUse } from './customers.js';
import type { CardOptions, PaymentIntentRecord } from './payment-intent.record.js';
import type { Confirmation } from './payment-intents.confirm.js';
import type { confirmParameters, PaymentMethodData, updateParameters } from './payment-intents.parameters.js';
import { createPaymentMethod, paymentMethodToUse, refuseSpent, type PaymentMethodRecord } from './payment-methods.js';

/** What a request chooses to pay with. */
export interface Choice {
  readonly payment_method?: string | undefined;
  readonly payment_method_data?: PaymentMethodData | undefined;
}

/**
 * The payment method that a request names, makes, or leaves as it is.
 * @throws when it is unknown, used up, or another customer's (facts §3.4, §3.5)
 */
export function chooseMethod(
  world: World,
  choice: Choice,
  customer: string | null,
  current: string | null,
): PaymentMethodRecord | undefined {
  if (choice.payment_method !== undefined && choice.payment_method_data !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: payment_method, payment_method_data.');
  }
  const method =
    choice.payment_method_data !== undefined
      ? methodFromData(world, choice.payment_method_data)
      : namedMethod(world, choice.payment_method ?? current ?? undefined);
  if (method === undefined) return undefined;
  refuseForeign(method, customer);
  refuseSpent(method);
  if (customer !== null && method.customer !== null) customerToUse(world, customer);
  return method;
}

function namedMethod(world: World, id: string | undefined): PaymentMethodRecord | undefined {
  return id === undefined ? undefined : paymentMethodToUse(world, id);
}

export function methodFromData(world: World, data: PaymentMethodData): PaymentMethodRecord {
  const { number, exp_month, exp_year, cvc } = data.card;
  return createPaymentMethod(world, {
    card: {
      number: number.replaceAll(/[ -]/g, ''),
      exp_month,
      exp_year: exp_year < 100 ? 2000 + exp_year : exp_year,
      cvc,
    },
    billing_details: mergeBillingDetails(NO_BILLING_DETAILS, data.billing_details),
    metadata: data.metadata || {},
    allow_redisplay: data.allow_redisplay,
  });
}

function refuseForeign(method: PaymentMethodRecord, customer: string | null): void {
  if (method.customer === null || method.customer === customer) return;
  if (customer === null) {
    const message =
      'The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.';
    throw invalidRequest(message, { param: 'payment_method' });
  }
  const message =
    `PaymentMethod ${method.id} does not belong to Customer ${customer}. Please use this PaymentMethod with the Customer ` +
    'that it belongs to instead.';
  throw invalidRequest(message, { param: 'payment_method' });
}

type SentCardOptions = NonNullable<Values<typeof updateParameters>['payment_method_options']>['card'];

export function cardOptionsFrom(current: CardOptions, sent: SentCardOptions): CardOptions {
  if (sent === undefined) return current;
  if (sent === '') return PLAIN_CARD_OPTIONS;
  return {
    request_three_d_secure: sent.request_three_d_secure ?? current.request_three_d_secure,
    setup_future_usage:
      sent.setup_future_usage === undefined ? current.setup_future_usage : sent.setup_future_usage || null,
  };
}

export const PLAIN_CARD_OPTIONS: CardOptions = { request_three_d_secure: 'automatic', setup_future_usage: null };

type TypeFilters = Pick<PaymentIntentRecord, 'allowed_payment_method_types' | 'excluded_payment_method_types'>;

/**
 * The filters on payment method types. This account has only cards enabled, so a filter that leaves no card leaves nothing.
 * @throws when nothing is left to pay with
 */
export function typeFiltersFrom(
  sent: {
    readonly allowed_payment_method_types?: string[] | undefined;
    readonly excluded_payment_method_types?: string[] | '' | undefined;
  },
  current: TypeFilters,
): TypeFilters {
  const allowed = sent.allowed_payment_method_types ?? current.allowed_payment_method_types;
  const sentExcluded = sent.excluded_payment_method_types;
  const excluded = sentExcluded === undefined ? current.excluded_payment_method_types : sentExcluded || null;
  if (allowed !== null && !allowed.includes('card')) throw nothingLeft('allowed_payment_method_types');
  if (excluded?.includes('card') === true) throw nothingLeft('excluded_payment_method_types');
  return { allowed_payment_method_types: allowed, excluded_payment_method_types: excluded };
}

function nothingLeft(param: string): Error {
  const message =
    'No valid payment method types for this Payment Intent. Please ensure that you have activated payment methods ' +
    'compatible with your chosen currency in your dashboard, and that they are not filtered out.';
  return invalidRequest(message, { param });
}

/** How to confirm. @throws when a return_url is needed and was not sent (facts §3.5) */
export function confirmationFrom(
  intent: PaymentIntentRecord,
  params: Pick<
    Values<typeof confirmParameters>,
    'return_url' | 'off_session' | 'error_on_requires_action' | 'use_stripe_sdk'
  >,
): Confirmation {
  const { automatic_payment_methods: automatic } = intent;
  if (params.return_url === undefined && automatic?.enabled === true && automatic.allow_redirects === 'always') {
    throw invalidRequest(MISSING_RETURN_URL, { param: 'return_url' });
  }
  return {
    offSession: params.off_session ?? false,
    errorOnRequiresAction: params.error_on_requires_action ?? false,
    useStripeSdk: params.use_stripe_sdk ?? false,
    returnUrl: params.return_url ?? null,
  };
}

const MISSING_RETURN_URL =
  'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment ' +
  "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept " +
  'redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and ' +
  '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.';
