import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/metadata.js';
import type { Values } from '../http/parameters.js';
import { newId, randomToken } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { readShipping } from './contact.parameters.js';
import { checkChargeable, currencyOf } from './currencies.js';
import { customerToUse } from './customers.js';
import type { PaymentIntentRecord } from './payment-intent.record.js';
import {
  cardOptionsFrom,
  chooseMethod,
  confirmationFrom,
  PLAIN_CARD_OPTIONS,
  typeFiltersFrom,
} from './payment-intents.choices.js';
import { tryToPay } from './payment-intents.confirm.js';
import type { createParameters } from './payment-intents.parameters.js';
import { presentPaymentIntent } from './payment-intents.present.js';

type CreateParameters = Values<typeof createParameters>;

/** Creates a PaymentIntent, and with `confirm` tries to pay at once. */
export function createIntent(world: World, params: CreateParameters): PaymentIntentRecord {
  const currency = currencyOf(params.currency, 'currency');
  checkChargeable(params.amount, currency, 'amount');
  refuseWithoutConfirm(params);
  const intent = newIntent(world, params, currency);
  const confirmation = params.confirm === true ? confirmationFrom(intent, params) : undefined;
  const method = chooseMethod(world, params, intent.customer, null);
  if (confirmation !== undefined && method === undefined) throw missingMethod();
  const created = world.store.paymentIntents.insert({
    ...intent,
    payment_method: method?.id ?? null,
    status: method === undefined ? 'requires_payment_method' : 'requires_confirmation',
  });
  emit(world, 'payment_intent.created', presentPaymentIntent(world, created));
  if (confirmation === undefined || method === undefined) return created;
  return tryToPay(world, created, method, confirmation);
}

/** Parameters that only mean something together with `confirm` (https://docs.stripe.com/api/payment_intents/create). */
function refuseWithoutConfirm(params: CreateParameters): void {
  if (params.confirm === true) return;
  for (const name of ['return_url', 'off_session', 'error_on_requires_action'] as const) {
    if (params[name] === undefined || params[name] === false) continue;
    const message = `The parameter \`${name}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.`;
    throw invalidRequest(message, { param: name });
  }
}

function missingMethod(): Error {
  const message =
    "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent, specify a " +
    'payment method attached to this customer, or `payment_method_data`, or a ConfirmationToken.';
  return invalidRequest(message, { code: 'payment_intent_unexpected_state' });
}

/** The record before its payment method is known. Nothing is stored yet. */
function newIntent(world: World, params: CreateParameters, currency: string): PaymentIntentRecord {
  refuseUnknownConfiguration(world, params.payment_method_configuration);
  const customer = params.customer === undefined ? null : customerToUse(world, params.customer).id;
  const id = newId('pi');
  return {
    ...blankIntent(id, world.clock.seconds(), params.amount, currency),
    ...typeFiltersFrom(params, { allowed_payment_method_types: null, excluded_payment_method_types: null }),
    customer,
    capture_method: params.capture_method ?? 'automatic_async',
    confirmation_method: params.confirmation_method ?? 'automatic',
    automatic_payment_methods: automaticMethods(params.automatic_payment_methods),
    setup_future_usage: params.setup_future_usage ?? null,
    card_options: cardOptionsFrom(PLAIN_CARD_OPTIONS, params.payment_method_options?.card),
    description: params.description ?? null,
    receipt_email: params.receipt_email ?? null,
    shipping: params.shipping === undefined ? null : readShipping(params.shipping),
    statement_descriptor: params.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
    transfer_group: params.transfer_group ?? null,
    metadata: mergeMetadata({}, params.metadata),
  };
}

/** Dynamic payment methods are the default since 2023-08-16, with redirects allowed (facts §1.17, §3.5). */
function automaticMethods(
  sent: CreateParameters['automatic_payment_methods'],
): PaymentIntentRecord['automatic_payment_methods'] {
  if (sent?.enabled === false) return null;
  return { enabled: true, allow_redirects: sent?.allow_redirects ?? 'always' };
}

function refuseUnknownConfiguration(world: World, id: string | undefined): void {
  if (id === undefined || id === world.store.account.get('account')?.configuration) return;
  throw resourceMissing('payment_method_configuration', id, 'payment_method_configuration', 400);
}

/** A PaymentIntent with nothing but its amount; Checkout begins with one too. */
export function blankIntent(id: string, created: number, amount: number, currency: string): PaymentIntentRecord {
  return {
    id,
    created,
    status: 'requires_payment_method',
    amount,
    amount_capturable: 0,
    amount_received: 0,
    currency,
    client_secret: `${id}_secret_${randomToken(25)}`,
    customer: null,
    payment_method: null,
    latest_charge: null,
    capture_method: 'automatic_async',
    confirmation_method: 'automatic',
    setup_future_usage: null,
    automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
    allowed_payment_method_types: null,
    excluded_payment_method_types: null,
    card_options: PLAIN_CARD_OPTIONS,
    canceled_at: null,
    cancellation_reason: null,
    last_payment_error: null,
    next_action: null,
    challenge_return_url: null,
    authenticated: false,
    processing: null,
    session: null,
    description: null,
    receipt_email: null,
    shipping: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    transfer_group: null,
    metadata: {},
    movements: [],
  };
}
