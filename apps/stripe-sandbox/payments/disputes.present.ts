import type Stripe from 'stripe';
import type { DisputeRecord } from './dispute.record.js';

/** How long a merchant has to answer: the card networks give up to twenty-one days (https://docs.stripe.com/disputes/responding). */
export const DAYS_TO_RESPOND = 20;

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
    evidence: { ...NO_EVIDENCE, ...dispute.evidence },
    evidence_details: {
      due_by: dueBy(dispute),
      enhanced_eligibility: {},
      has_evidence: Object.keys(dispute.evidence).length > 0,
      past_due: dispute.past_due,
      submission_count: dispute.submitted ? 1 : 0,
      submission_method: dispute.submitted ? 'manual' : 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: isInquiry(dispute.status),
    livemode: false,
    metadata: dispute.metadata,
    payment_intent: dispute.payment_intent,
    payment_method_details: {
      card: {
        brand: dispute.card_brand,
        case_type: isInquiry(dispute.status) ? 'inquiry' : 'chargeback',
        network: dispute.card_brand,
        network_reason_code: NETWORK_REASON[dispute.reason],
      },
      type: 'card',
    },
    reason: dispute.reason,
    status: dispute.status,
  } satisfies Stripe.Dispute;
}

/** Visa's codes for the two reasons that the test cards know. */
const NETWORK_REASON = { fraudulent: '10.4', product_not_received: '13.1' } as const;

/** Seconds since 1970. */
export function dueBy(dispute: DisputeRecord): number {
  return dispute.created + DAYS_TO_RESPOND * 86_400;
}

/** An inquiry asks before it takes: no money is withdrawn, and the charge can still be refunded. */
export function isInquiry(status: DisputeRecord['status']): boolean {
  return status.startsWith('warning_');
}
