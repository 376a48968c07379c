import { mayMove, sum } from '#platform';
import type { Stripe } from '#stripe';
import type { DisputeEntity } from './dispute.entity.js';
import { DISPUTE_MOVES, type DisputeStatus } from './dispute.state-machine.js';

/** What Stripe says of a dispute, in our words. */
export type DisputeTruth = Pick<
  DisputeEntity,
  'disputeId' | 'status' | 'amount' | 'currency' | 'reason' | 'chargeRefundable' | 'createdAt'
>;

/** What follows for our books: a new row, or fields that changed. */
export type DisputeStep =
  | { readonly kind: 'open'; readonly truth: DisputeTruth }
  | { readonly kind: 'change'; readonly dispute: DisputeEntity; readonly fields: Partial<DisputeEntity> };

/** @throws Error for a status that this API version does not know: nothing may be concluded from it */
export function truthOfDispute(dispute: Stripe.Dispute): DisputeTruth {
  return {
    ...{ disputeId: dispute.id, status: statusOf(dispute), amount: dispute.amount, reason: dispute.reason },
    ...{ currency: dispute.currency.toUpperCase(), chargeRefundable: dispute.is_charge_refundable },
    createdAt: new Date(dispute.created * 1000),
  };
}

function statusOf(dispute: Stripe.Dispute): DisputeStatus {
  switch (dispute.status) {
    case 'warning_needs_response':
    case 'warning_under_review':
      return 'Inquiry';
    case 'needs_response':
    case 'under_review':
    case 'appeal_needs_response':
    case 'appeal_under_review':
      return 'Open';
    case 'won':
      return 'Won';
    case 'lost':
      return 'Lost';
    case 'warning_closed':
    case 'prevented':
      return 'Closed';
    default:
      throw new Error(`the dispute ${dispute.id} has the unknown status ${dispute.status}`);
  }
}

/** Pure: the same rows and the same truths always give the same steps, in whatever order events arrived. */
export function decideDisputes(known: readonly DisputeEntity[], found: readonly DisputeTruth[]): DisputeStep[] {
  const byId = new Map(known.map((dispute) => [dispute.disputeId, dispute]));
  return found.flatMap((truth): DisputeStep[] => {
    const dispute = byId.get(truth.disputeId);
    if (!dispute) return [{ kind: 'open', truth }];
    const fields = fieldsOf(dispute, truth);
    return Object.keys(fields).length > 0 ? [{ kind: 'change', dispute, fields }] : [];
  });
}

function fieldsOf(dispute: DisputeEntity, truth: DisputeTruth): Partial<DisputeEntity> {
  const { amount, chargeRefundable, status } = truth;
  return {
    ...(dispute.amount !== amount && { amount }),
    ...(dispute.chargeRefundable !== chargeRefundable && { chargeRefundable }),
    ...(mayMove(DISPUTE_MOVES, dispute.status, status) && { status }),
  };
}

/**
 * What of a payment is withdrawn at present or was lost, minor units of its currency. An inquiry takes nothing yet. An
 * amount in another currency cannot be compared: then the whole charge counts.
 */
export function amountDisputed(
  payment: { readonly currency: string; readonly amountCaptured: number },
  disputes: readonly DisputeEntity[],
): number {
  const counted = disputes.filter(({ status }) => status === 'Open' || status === 'Lost');
  return sum(counted.map(({ amount, currency }) => (currency === payment.currency ? amount : payment.amountCaptured)));
}

/** Stripe's own word, by dispute: it refunds while a bank only asks, and not once it has taken the money. */
export function forbidsRefunds(disputes: readonly DisputeEntity[]): boolean {
  return disputes.some(({ chargeRefundable }) => !chargeRefundable);
}
