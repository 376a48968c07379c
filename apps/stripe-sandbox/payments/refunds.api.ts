import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { oneOf, positiveInteger, string, timeRange } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import type { ChargeRecord } from './charges.js';
import { createRefund, presentRefund, type RefundRecord } from './refunds.js';

const createParameters = {
  amount: positiveInteger(),
  charge: string(),
  metadata: metadata(),
  payment_intent: string(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
};

/** /v1/refunds (https://docs.stripe.com/api/refunds). */
export const refundRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/refunds',
    parameters: createParameters,
    answers: 'refund',
    run({ world, params }) {
      const charge = chargeToRefund(world, params.charge, params.payment_intent);
      const refund = createRefund(world, charge, {
        amount: params.amount,
        reason: params.reason ?? null,
        metadata: mergeMetadata({}, params.metadata),
      });
      return presentRefund(refund);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/refunds',
    parameters: { ...pagingParameters, charge: string(), created: timeRange(), payment_intent: string() },
    answers: 'refund',
    list: true,
    run({ world, params, url }) {
      const { refunds } = world.store;
      const matches = (refund: RefundRecord) =>
        within(refund.created, params.created) &&
        (params.payment_intent ?? refund.payment_intent) === refund.payment_intent;
      const page =
        params.charge === undefined
          ? pageOf(refunds, params, matches)
          : pageOfRows(refunds.where('charge', params.charge), params, matches);
      return listOf(page.rows.map(presentRefund), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/refunds/:id',
    parameters: {},
    answers: 'refund',
    run: (call) => presentRefund(refundOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/refunds/:id',
    parameters: { metadata: metadata() },
    answers: 'refund',
    run(call) {
      const refund = refundOf(call);
      const updated = call.world.store.refunds.update(refund, {
        metadata: mergeMetadata(refund.metadata, call.params.metadata),
      });
      emit(call.world, 'refund.updated', presentRefund(updated));
      return presentRefund(updated);
    },
  }),
  route({
    method: 'POST',
    path: '/v1/refunds/:id/cancel',
    parameters: {},
    answers: 'refund',
    // Only refunds that wait for the customer (requires_action) can be cancelled, and card refunds never do.
    run(call) {
      const refund = refundOf(call);
      const message = `You cannot cancel refund ${refund.id} because it has a status of ${refund.status}. Only refunds with a status of requires_action may be canceled.`;
      throw invalidRequest(message);
    },
  }),
];

function refundOf(call: Call): RefundRecord {
  const id = call.path['id'] ?? '';
  const refund = call.world.store.refunds.get(id);
  if (refund === undefined) throw resourceMissing('refund', id, 'refund', 404);
  return refund;
}

function chargeToRefund(world: World, chargeId: string | undefined, intentId: string | undefined): ChargeRecord {
  if (chargeId === undefined && intentId === undefined) {
    const message = 'One of the following params should be provided for this request: payment_intent or charge.';
    throw invalidRequest(message, { code: 'parameter_missing', param: 'charge' });
  }
  if (chargeId !== undefined && intentId !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: charge, payment_intent.');
  }
  const charge = chargeId === undefined ? latestCharge(world, intentId ?? '') : world.store.charges.get(chargeId);
  if (charge === undefined) throw resourceMissing('charge', chargeId ?? '', 'charge', 404);
  return charge;
}

function latestCharge(world: World, intentId: string): ChargeRecord {
  const intent = world.store.paymentIntents.get(intentId);
  if (intent === undefined) throw resourceMissing('payment_intent', intentId, 'payment_intent', 404);
  const charge = world.store.charges.get(intent.latest_charge ?? '');
  if (charge === undefined || charge.decline !== null) {
    const message = `This PaymentIntent (${intentId}) does not have a successful charge to refund.`;
    throw invalidRequest(message, { param: 'payment_intent' });
  }
  return charge;
}
