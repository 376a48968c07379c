import type Stripe from 'stripe';
import { invalidRequest, resourceMissing } from '../http/errors.js';
import { listOf, pageOf, pageOfRows, pagingParameters, within } from '../http/paging.js';
import { string, timeRange } from '../http/parameters.js';
import { route, type Route } from '../http/route.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber } from './cards.js';
import type { ChargeRecord } from './charges.js';
import { moved, type PaymentIntentRecord } from './payment-intent.record.js';

export interface DisputeRecord {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly charge: string;
  readonly payment_intent: string;
  readonly reason: string;
  readonly status: 'needs_response' | 'under_review' | 'won' | 'lost';
  readonly card_brand: string;
}

const DAYS_TO_RESPOND = 20;

/** Opens a dispute over what a payment has captured (control POST /_sandbox/disputes). */
export function openDispute(world: World, intent: PaymentIntentRecord): DisputeRecord {
  const charge = world.store.charges.get(intent.latest_charge ?? '');
  if (charge?.captured !== true) throw invalidRequest(`${intent.id} has no captured charge to dispute.`);
  if (charge.disputed) throw invalidRequest(`${charge.id} is already disputed.`, { code: 'charge_disputed' });
  world.store.charges.update(charge, { disputed: true });
  const dispute = world.store.disputes.insert(newDispute(world, charge));
  move(world, dispute, 'dispute');
  emit(world, 'charge.dispute.created', presentDispute(dispute));
  emit(world, 'charge.dispute.funds_withdrawn', presentDispute(dispute));
  return dispute;
}

function newDispute(world: World, charge: ChargeRecord): DisputeRecord {
  return {
    id: newId('du'),
    created: world.clock.seconds(),
    amount: charge.amount_captured,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: charge.payment_intent,
    reason: 'fraudulent',
    status: 'needs_response',
    card_brand: cardByNumber(charge.card_number).brand,
  };
}

/** Ends a dispute; the money comes back when it is won. */
export function closeDispute(world: World, id: string, status: 'won' | 'lost'): DisputeRecord {
  const dispute = world.store.disputes.get(id);
  if (dispute === undefined) throw resourceMissing('dispute', id, 'dispute', 404);
  if (dispute.status === 'won' || dispute.status === 'lost')
    throw invalidRequest(`This dispute is already closed: ${dispute.status}.`);
  const closed = world.store.disputes.update(dispute, { status });
  emit(world, 'charge.dispute.closed', presentDispute(closed));
  if (status === 'won') {
    move(world, closed, 'dispute_won');
    emit(world, 'charge.dispute.funds_reinstated', presentDispute(closed));
  }
  return closed;
}

function move(world: World, dispute: DisputeRecord, type: 'dispute' | 'dispute_won'): void {
  const intent = world.store.paymentIntents.get(dispute.payment_intent);
  if (intent === undefined) return;
  world.store.paymentIntents.update(intent, { movements: moved(intent, world.clock.now(), type, dispute.amount) });
}

/** /v1/disputes (https://docs.stripe.com/api/disputes): to read; evidence is not built. */
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
    run({ world, path }) {
      const id = path['id'] ?? '';
      const dispute = world.store.disputes.get(id);
      if (dispute === undefined) throw resourceMissing('dispute', id, 'dispute', 404);
      return presentDispute(dispute);
    },
  }),
];

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export function presentDispute(dispute: DisputeRecord): Stripe.Dispute {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: [],
    charge: dispute.charge,
    created: dispute.created,
    currency: dispute.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: dispute.created + DAYS_TO_RESPOND * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: dispute.payment_intent,
    payment_method_details: {
      card: {
        brand: dispute.card_brand,
        case_type: 'chargeback',
        network: dispute.card_brand,
        network_reason_code: '10.4',
      },
      type: 'card',
    },
    reason: dispute.reason,
    status: dispute.status,
  } satisfies Stripe.Dispute;
}
