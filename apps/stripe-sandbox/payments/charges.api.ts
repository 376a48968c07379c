import { resourceMissing } from '../http/errors.js';
import { mergeMetadata, metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { string, timeRange } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { emit } from '../webhooks/events.js';
import { presentCharge, type ChargeRecord } from './charges.js';

/** /v1/charges (https://docs.stripe.com/api/charges): made by PaymentIntents only; there is no create here. */
export const chargeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/charges',
    parameters: { ...pagingParameters, created: timeRange(), customer: string(), payment_intent: string() },
    answers: 'charge',
    list: true,
    run({ world, params, url }) {
      const { charges } = world.store;
      const matches = (charge: ChargeRecord) =>
        within(charge.created, params.created) && (params.customer ?? charge.customer) === charge.customer;
      const page =
        params.payment_intent === undefined
          ? pageOf(charges, params, matches)
          : pageOfRows(charges.where('payment_intent', params.payment_intent), params, matches);
      return listOf(page.rows.map(presentCharge), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/charges/:id',
    parameters: {},
    answers: 'charge',
    run: (call) => presentCharge(chargeOf(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/charges/:id',
    parameters: { description: string(), metadata: metadata(), receipt_email: string() },
    answers: 'charge',
    run(call) {
      const charge = chargeOf(call);
      const { params, world } = call;
      const updated = world.store.charges.update(charge, {
        description: params.description ?? charge.description,
        receipt_email: params.receipt_email ?? charge.receipt_email,
        metadata: mergeMetadata(charge.metadata, params.metadata),
      });
      emit(world, 'charge.updated', presentCharge(updated));
      return presentCharge(updated);
    },
  }),
];

function chargeOf(call: Call): ChargeRecord {
  const id = call.path['id'] ?? '';
  const charge = call.world.store.charges.get(id);
  if (charge === undefined) throw resourceMissing('charge', id, 'id', 404);
  return charge;
}
