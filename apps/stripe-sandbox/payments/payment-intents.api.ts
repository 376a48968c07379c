import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { missing, string, timeRange, type Values } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import type { World } from '../world.js';
import { merged, readShipping } from './contact.parameters.js';
import { checkChargeable, currencyOf } from './currencies.js';
import { customerToUse } from './customers.js';
import type { PaymentIntentRecord, SetupFutureUsage } from './payment-intent.record.js';
import { tryToPay } from './payment-intents.confirm.js';
import { createIntent } from './payment-intents.create.js';
import { change } from './payment-intents.outcome.js';
import { refuseChangeUnlessOpen, refuseUnless, unexpectedState } from './payment-intents.lifecycle.js';
import {
  cancelParameters,
  captureParameters,
  confirmParameters,
  createParameters,
  updateParameters,
} from './payment-intents.parameters.js';
import { cardOptionsFrom, chooseMethod, confirmationFrom, typeFiltersFrom } from './payment-intents.choices.js';
import { presentPaymentIntent } from './payment-intents.present.js';
import { cancel, capture } from './payment-intents.settle.js';
import { publicPaymentIntent } from './public-views.js';

/** /v1/payment_intents (https://docs.stripe.com/api/payment_intents, facts §3). */
export const paymentIntentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/payment_intents',
    parameters: createParameters,
    answers: 'payment_intent',
    run: ({ world, params }) => presentPaymentIntent(world, createIntent(world, params)),
  }),
  route({
    method: 'GET',
    path: '/v1/payment_intents',
    parameters: { ...pagingParameters, created: timeRange(), customer: string() },
    answers: 'payment_intent',
    list: true,
    run({ world, params, url }) {
      const { customer, created } = params;
      const matches = (intent: PaymentIntentRecord) => within(intent.created, created);
      const page =
        customer === undefined
          ? pageOf(world.store.paymentIntents, params, matches)
          : pageOfRows(world.store.paymentIntents.where('customer', customer), params, matches);
      return listOf(
        page.rows.map((intent) => presentPaymentIntent(world, intent)),
        page.hasMore,
        url,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/v1/payment_intents/:id',
    parameters: { client_secret: string() },
    answers: 'payment_intent',
    publishable: true,
    run: (call) => shown(call, intentOf(call, call.params.client_secret)),
  }),
  route({
    method: 'POST',
    path: '/v1/payment_intents/:id',
    parameters: updateParameters,
    answers: 'payment_intent',
    run: (call) => presentPaymentIntent(call.world, update(call.world, intentOf(call), call.params)),
  }),
  route({
    method: 'POST',
    path: '/v1/payment_intents/:id/confirm',
    parameters: confirmParameters,
    answers: 'payment_intent',
    publishable: true,
    run: (call) => shown(call, confirm(call, intentOf(call, call.params.client_secret))),
  }),
  route({
    method: 'POST',
    path: '/v1/payment_intents/:id/capture',
    parameters: captureParameters,
    answers: 'payment_intent',
    run(call) {
      if (call.params.final_capture === false) {
        const message =
          'You cannot set `final_capture` to `false` unless multicapture is requested and available for this PaymentIntent.';
        throw invalidRequest(message, { param: 'final_capture' });
      }
      return presentPaymentIntent(call.world, capture(call.world, intentOf(call), call.params));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/payment_intents/:id/cancel',
    parameters: cancelParameters,
    answers: 'payment_intent',
    run(call) {
      const intent = intentOf(call);
      refuseWhileSessionIsOpen(call.world, intent, 'cancel');
      return presentPaymentIntent(call.world, cancel(call.world, intent, call.params.cancellation_reason ?? null));
    },
  }),
];

/** With a publishable key only what a customer may see. */
function shown(call: Call, intent: PaymentIntentRecord): object {
  const presented = presentPaymentIntent(call.world, intent);
  return call.key === 'publishable' ? publicPaymentIntent(presented) : presented;
}

/** @throws resource_missing; with a publishable key also when the client secret is not the intent's */
function intentOf(call: Call, clientSecret?: string): PaymentIntentRecord {
  const id = call.path['id'] ?? '';
  const intent = call.world.store.paymentIntents.get(id);
  if (intent === undefined) throw resourceMissing('payment_intent', id, 'intent', 404);
  if (call.key === 'publishable' && clientSecret === undefined) throw missing('client_secret');
  if (clientSecret !== undefined && clientSecret !== intent.client_secret) {
    const message = 'The client_secret provided does not match the client_secret associated with the PaymentIntent.';
    throw invalidRequest(message, { code: 'payment_intent_invalid_parameter', param: 'client_secret' });
  }
  return intent;
}

/** Facts §2.2: what an open Checkout Session made can only be ended by expiring the session. */
function refuseWhileSessionIsOpen(
  world: World,
  intent: PaymentIntentRecord,
  operation: 'cancel' | 'confirm' | 'update',
): void {
  if (intent.session === null || world.store.sessions.get(intent.session)?.status !== 'open') return;
  const message = `You cannot ${operation} this PaymentIntent because it was created by a Checkout Session that is still open. Expire the Checkout Session instead.`;
  throw unexpectedState(message, presentPaymentIntent(world, intent));
}

/** Parameters that say what is to be paid and how: fixed once the confirmation has succeeded (facts §3.4). */
const FIXED_AFTER_CONFIRMATION = [
  'amount',
  'currency',
  'customer',
  'payment_method',
  'payment_method_data',
  'payment_method_options',
  'capture_method',
  'setup_future_usage',
  'allowed_payment_method_types',
  'excluded_payment_method_types',
  'payment_method_configuration',
] as const satisfies readonly (keyof typeof updateParameters)[];

function update(
  world: World,
  intent: PaymentIntentRecord,
  params: Values<typeof updateParameters>,
): PaymentIntentRecord {
  const changed = FIXED_AFTER_CONFIRMATION.filter((name) => params[name] !== undefined);
  for (const name of changed) refuseChangeUnlessOpen(name, intent.status, presentPaymentIntent(world, intent));
  if (changed.length > 0) refuseWhileSessionIsOpen(world, intent, 'update');
  const currency = params.currency === undefined ? intent.currency : currencyOf(params.currency, 'currency');
  const amount = params.amount ?? intent.amount;
  if (params.amount !== undefined || params.currency !== undefined) checkChargeable(amount, currency, 'amount');
  const customer = params.customer === undefined ? intent.customer : customerToUse(world, params.customer).id;
  const chosen = chooseForUpdate(world, params, intent, customer);
  const setup = params.setup_future_usage;
  return change(world, intent, {
    amount,
    currency,
    customer,
    payment_method: chosen,
    capture_method: params.capture_method ?? intent.capture_method,
    setup_future_usage: setup === undefined ? intent.setup_future_usage : setup || null,
    card_options: cardOptionsFrom(intent.card_options, params.payment_method_options?.card),
    ...typeFiltersFrom(params, intent),
    description: params.description ?? intent.description,
    metadata: mergeMetadata(intent.metadata, params.metadata),
    receipt_email: merged(intent.receipt_email, params.receipt_email),
    shipping: shippingFrom(intent, params.shipping),
    statement_descriptor: params.statement_descriptor ?? intent.statement_descriptor,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? intent.statement_descriptor_suffix,
    transfer_group: params.transfer_group ?? intent.transfer_group,
    // Cleared "if the PaymentIntent is later updated for any reason" (the package's documentation of the field).
    last_payment_error: null,
    ...(changed.length > 0 ? startedAnew(chosen !== null) : {}),
  });
}

/** The method is looked at only when it, or the customer it must belong to, changes: a paid one may be used up by now. */
function chooseForUpdate(
  world: World,
  params: Values<typeof updateParameters>,
  intent: PaymentIntentRecord,
  customer: string | null,
): string | null {
  const untouched = params.payment_method === undefined && params.payment_method_data === undefined;
  if (untouched && customer === intent.customer) return intent.payment_method;
  return chooseMethod(world, params, customer, intent.payment_method)?.id ?? null;
}

/** A change of what is to be paid ends the attempt that was under way (facts §3.4). */
function startedAnew(hasMethod: boolean): Partial<PaymentIntentRecord> {
  const status = hasMethod ? 'requires_confirmation' : 'requires_payment_method';
  return { status, next_action: null, authenticated: false };
}

function shippingFrom(intent: PaymentIntentRecord, sent: Values<typeof updateParameters>['shipping']) {
  if (sent === undefined) return intent.shipping;
  return sent === '' ? null : readShipping(sent);
}

function confirm(call: Call<typeof confirmParameters>, intent: PaymentIntentRecord): PaymentIntentRecord {
  const { world, params } = call;
  const presented = presentPaymentIntent(world, intent);
  if (params.payment_method !== undefined || params.payment_method_data !== undefined) {
    refuseChangeUnlessOpen('payment_method', intent.status, presented);
  }
  refuseUnless('confirm', intent.status, presented);
  refuseWhileSessionIsOpen(world, intent, 'confirm');
  if (call.key === 'publishable') refuseWhatOnlyServersMay(intent, params);
  const method = chooseMethod(world, params, intent.customer, intent.payment_method);
  if (method === undefined) throw unexpectedState(MISSING_METHOD, presented);
  const setup = params.setup_future_usage;
  const how = confirmationFrom(intent, params);
  const prepared = change(world, intent, {
    payment_method: method.id,
    capture_method: params.capture_method ?? intent.capture_method,
    setup_future_usage: setup === undefined ? intent.setup_future_usage : setup || null,
    card_options: cardOptionsFrom(intent.card_options, params.payment_method_options?.card),
    ...typeFiltersFrom(params, intent),
    receipt_email: merged(intent.receipt_email, params.receipt_email),
    shipping: shippingFrom(intent, params.shipping),
    authenticated: intent.authenticated && method.id === intent.payment_method,
  });
  return tryToPay(world, prepared, method, how);
}

const MISSING_METHOD =
  "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent " +
  'with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.';

/** Facts §3.4: with a publishable key a save that is already asked for can only be widened; off_session is for servers. */
function refuseWhatOnlyServersMay(intent: PaymentIntentRecord, params: Values<typeof confirmParameters>): void {
  // https://docs.stripe.com/api/payment_intents/create, confirmation_method: all attempts must be made with a secret key.
  if (intent.confirmation_method === 'manual') {
    const message =
      'You cannot confirm with a publishable key a PaymentIntent whose `confirmation_method` is `manual`. Confirm it with ' +
      'your secret key.';
    throw invalidRequest(message, { code: 'payment_intent_invalid_parameter' });
  }
  const wanted = params.setup_future_usage;
  const current = intent.setup_future_usage;
  if (wanted !== undefined && current !== null && wanted !== current && !isWidening(current, wanted)) {
    const message =
      'With a publishable key, you can only update `setup_future_usage` from `on_session` to `off_session`.';
    throw invalidRequest(message, { param: 'setup_future_usage' });
  }
  for (const name of ['off_session', 'error_on_requires_action', 'capture_method'] as const) {
    if (params[name] === undefined) continue;
    throw invalidRequest(`You cannot set \`${name}\` with a publishable API key.`, { param: name });
  }
}

function isWidening(current: SetupFutureUsage, wanted: SetupFutureUsage | ''): boolean {
  return current === 'on_session' && wanted === 'off_session';
}
