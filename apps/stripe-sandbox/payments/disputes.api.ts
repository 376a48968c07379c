import { metadata } from '../http/metadata.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { boolean, hash, orUnset, string, timeRange } from '../http/parameters.js';
import { route, type Call, type Route } from '../http/route.js';
import { answerDispute, closeDispute, disputeOf } from './disputes.js';
import type { DisputeRecord } from './dispute.record.js';
import { presentDispute } from './disputes.present.js';

/** Evidence in words; files are not built. All of it together has 150,000 characters at most at Stripe. */
const said = orUnset(string({ max: 20_000 }));
const evidence = hash({
  access_activity_log: said,
  billing_address: said,
  cancellation_policy_disclosure: said,
  cancellation_rebuttal: said,
  customer_email_address: said,
  customer_name: said,
  customer_purchase_ip: said,
  duplicate_charge_explanation: said,
  duplicate_charge_id: said,
  product_description: said,
  refund_policy_disclosure: said,
  refund_refusal_explanation: said,
  service_date: said,
  shipping_address: said,
  shipping_carrier: said,
  shipping_date: said,
  shipping_tracking_number: said,
  uncategorized_text: said,
});

/** /v1/disputes (https://docs.stripe.com/api/disputes). */
export const disputeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/disputes',
    parameters: { ...pagingParameters, charge: string(), created: timeRange(), payment_intent: string() },
    answers: 'dispute',
    list: true,
    run({ world, params, url }) {
      const { disputes } = world.store;
      const matches = (dispute: DisputeRecord) =>
        within(dispute.created, params.created) && (params.charge ?? dispute.charge) === dispute.charge;
      const page =
        params.payment_intent === undefined
          ? pageOf(disputes, params, matches)
          : pageOfRows(disputes.where('payment_intent', params.payment_intent), params, matches);
      return listOf(page.rows.map(presentDispute), page.hasMore, url);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/disputes/:id',
    parameters: {},
    answers: 'dispute',
    run: (call) => presentDispute(called(call)),
  }),
  route({
    method: 'POST',
    path: '/v1/disputes/:id',
    parameters: { evidence, metadata: metadata(), submit: boolean() },
    answers: 'dispute',
    run(call) {
      const { evidence: words = {}, metadata: sent, submit } = call.params;
      const given = Object.entries(words).filter((entry): entry is [string, string] => entry[1] !== undefined);
      // Stripe hands evidence in by default, and nothing when only the metadata changes.
      return presentDispute(
        answerDispute(call.world, called(call), {
          evidence: Object.fromEntries(given),
          metadata: sent,
          submit: submit ?? given.length > 0,
        }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/v1/disputes/:id/close',
    parameters: {},
    answers: 'dispute',
    // https://docs.stripe.com/api/disputes/close: to close is to accept that it is lost.
    run: (call) => presentDispute(closeDispute(call.world, called(call), 'lost')),
  }),
];

function called(call: Call): DisputeRecord {
  return disputeOf(call.world, call.path['id'] ?? '');
}
