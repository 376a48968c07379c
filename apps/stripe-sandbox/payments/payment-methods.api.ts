import { cardError, invalidRequest } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters } from '../http/paging.js';
import { hash, integer, oneOf, required, string } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber } from './cards.js';
import { billingDetailsParameter, mergeBillingDetails } from './contact.parameters.js';
import { customerToUse, type CustomerRecord } from './customers.js';
import { methodFromData } from './payment-intents.choices.js';
import { paymentMethodData } from './payment-intents.parameters.js';
import {
  attach,
  checkCard,
  detach,
  paymentMethodToUse,
  presentPaymentMethod,
  refuseSpent,
  type PaymentMethodRecord,
} from './payment-methods.js';
import { publicPaymentMethod } from './public-views.js';

const ALLOW_REDISPLAY = oneOf('always', 'limited', 'unspecified');
const updateParameters = {
  allow_redisplay: ALLOW_REDISPLAY,
  billing_details: billingDetailsParameter(),
  card: hash({ exp_month: integer(), exp_year: integer() }),
  metadata: metadata(),
};

/** /v1/payment_methods (https://docs.stripe.com/api/payment_methods, facts §4). */
export const paymentMethodRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/payment_methods',
    parameters: paymentMethodData,
    answers: 'payment_method',
    publishable: true,
    run(call) {
      const presented = presentPaymentMethod(methodFromData(call.world, call.params));
      return call.key === 'publishable' ? publicPaymentMethod(presented) : presented;
    },
  }),
  route({
    method: 'GET',
    path: '/v1/payment_methods',
    parameters: { ...pagingParameters, customer: string(), type: oneOf('card'), allow_redisplay: ALLOW_REDISPLAY },
    answers: 'payment_method',
    list: true,
    run({ world, params, url }) {
      const matches = (method: PaymentMethodRecord) =>
        (params.allow_redisplay ?? method.allow_redisplay) === method.allow_redisplay;
      const table = world.store.paymentMethods;
      const page =
        params.customer === undefined
          ? pageOf(table, params, matches)
          : pageOfRows(table.where('customer', customerToUse(world, params.customer).id), params, matches);
      return listOf(page.rows.map(presentPaymentMethod), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/payment_methods/:id',
    parameters: {},
    answers: 'payment_method',
    run: (call) => presentPaymentMethod(methodOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/payment_methods/:id',
    parameters: updateParameters,
    answers: 'payment_method',
    run: update,
  }),
  route({
    method: 'POST',
    path: '/v1/payment_methods/:id/attach',
    parameters: { customer: required(string()) },
    answers: 'payment_method',
    run(call) {
      const customer = customerToUse(call.world, call.params.customer);
      return presentPaymentMethod(attachChecked(call.world, methodOf(call), customer));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/payment_methods/:id/detach',
    parameters: {},
    answers: 'payment_method',
    run(call) {
      const method = methodOf(call);
      if (method.customer === null) {
        const message = 'The payment method you provided is not attached to a customer so detachment is impossible.';
        throw invalidRequest(message, { param: 'payment_method' });
      }
      return presentPaymentMethod(detach(call.world, method));
    },
  }),
];

function methodOf(call: Call): PaymentMethodRecord {
  return paymentMethodToUse(call.world, call.path['id'] ?? '', 404);
}

function attachChecked(world: World, method: PaymentMethodRecord, customer: CustomerRecord): PaymentMethodRecord {
  if (method.customer === customer.id) return method;
  refuseAttachment(method);
  return attach(world, method, customer.id);
}

/** Stripe asks the bank before it attaches: cards that decline are refused here too, but for one (facts §9). */
export function refuseAttachment(method: PaymentMethodRecord): void {
  if (method.customer !== null) {
    const message = 'The payment method you provided has already been attached to a customer.';
    throw invalidRequest(message, { param: 'payment_method' });
  }
  refuseSpent(method);
  const card = cardByNumber(method.card_number);
  if (card.declinesAttachment && card.decline !== undefined) {
    const { code, declineCode, message } = card.decline;
    throw cardError(message, { code, decline_code: declineCode ?? undefined });
  }
}

function update(call: Call<typeof updateParameters>): object {
  const { world, params } = call;
  const method = methodOf(call);
  if (method.customer === null) {
    const message = 'You must save this PaymentMethod to a customer before you can update it.';
    throw invalidRequest(message, { param: 'payment_method' });
  }
  const { exp_month = method.exp_month, exp_year = method.exp_year } = params.card ?? {};
  checkCard(world, { number: method.card_number, exp_month, exp_year });
  const updated = world.store.paymentMethods.update(method, {
    exp_month,
    exp_year,
    allow_redisplay: params.allow_redisplay ?? method.allow_redisplay,
    billing_details: mergeBillingDetails(method.billing_details, params.billing_details),
    metadata: mergeMetadata(method.metadata, params.metadata),
  });
  emit(world, 'payment_method.updated', presentPaymentMethod(updated));
  return presentPaymentMethod(updated);
}
