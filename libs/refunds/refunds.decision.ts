import { mayMove, sum } from '#platform';
import type { Stripe } from '#stripe';
import type { RefundEntity } from './refund.entity.js';
import { REFUND_MOVES, type RefundStatus } from './refund.state-machine.js';

/** What Stripe says of a refund, in our words. */
export interface RefundTruth {
  readonly stripeRefundId: string;
  readonly status: RefundStatus;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  /** Ours, from its metadata: whoever asked for it here and got no answer finds it by this. */
  readonly refundId: string | undefined;
  readonly reason: string | null;
  readonly failure: RefundEntity['failure'];
  /** Stripe counts whole seconds: the end of its second keeps it after what was there before. */
  readonly createdAt: Date;
}

/** What follows for our books. */
export type RefundStep =
  | { readonly kind: 'change'; readonly refund: RefundEntity; readonly fields: Partial<RefundEntity> }
  /** Made in Stripe's dashboard, or by another program: a row of ours from now on. */
  | { readonly kind: 'adopt'; readonly truth: RefundTruth };

/** @throws Error for a status that this API version does not know: nothing may be concluded from it */
export function truthOfRefund(refund: Stripe.Refund): RefundTruth {
  const status = statusOf(refund);
  const code = refund.failure_reason ?? refund.status ?? 'failed';
  return {
    ...{ stripeRefundId: refund.id, status, amount: refund.amount, currency: refund.currency.toUpperCase() },
    ...{ refundId: refund.metadata?.refundId, reason: refund.reason },
    failure: status === 'Failed' ? { code, message: `The refund did not reach the customer: ${code}` } : null,
    createdAt: new Date(refund.created * 1000 + 999),
  };
}

function statusOf(refund: Stripe.Refund): RefundStatus {
  switch (refund.status) {
    case 'pending':
    case 'requires_action':
      return 'Pending';
    case 'succeeded':
      return 'Succeeded';
    case 'failed':
    case 'canceled':
      return 'Failed';
    case null:
    default:
      throw new Error(`the refund ${refund.id} has the unknown status ${refund.status}`);
  }
}

/**
 * Pure: the same rows and the same truths always give the same steps. A refund is known by Stripe's id, and one of ours
 * that was never answered by its metadata. What failed is over: its row never lives again.
 */
export function decideRefunds(known: readonly RefundEntity[], found: readonly RefundTruth[]): RefundStep[] {
  const byStripeId = new Map(known.map((refund) => [refund.stripeRefundId, refund]));
  const unanswered = new Map(known.filter(isUnanswered).map((refund) => [refund.refundId, refund]));
  const steps: RefundStep[] = [];
  // Stripe lists the newest first; our books are written in the order in which it happened.
  for (const truth of found.toReversed()) {
    const refund = byStripeId.get(truth.stripeRefundId) ?? unanswered.get(truth.refundId ?? '');
    if (!refund) {
      steps.push({ kind: 'adopt', truth });
      continue;
    }
    // A second refund with the same metadata is another one.
    unanswered.delete(refund.refundId);
    const fields = fieldsOf(refund, truth);
    if (Object.keys(fields).length > 0) steps.push({ kind: 'change', refund, fields });
  }
  return steps;
}

/** Stripe was asked, or is about to be, and its answer is not known. */
export function isUnanswered(refund: RefundEntity): boolean {
  return refund.status === 'Pending' && refund.stripeRefundId === null;
}

function fieldsOf(refund: RefundEntity, { stripeRefundId, status, failure }: RefundTruth): Partial<RefundEntity> {
  const linked = refund.stripeRefundId === null ? { stripeRefundId } : {};
  return mayMove(REFUND_MOVES, refund.status, status) ? { ...linked, status, failure } : linked;
}

/** A charge whose reservation was larger than what was captured, minor units. */
export interface CapturedCharge {
  readonly authorized: number;
  readonly captured: number;
  /** Stripe's `amount_refunded`, which counts the released rest of the reservation as well. */
  readonly refunded: number;
}

/**
 * Leaves out what Stripe shows like a refund and is none: the rest of a reservation that was let go. A charge's
 * `amount_refunded` counts it; where the listed refunds add up to as much, it is one of them, and the first that was made.
 */
export function withoutReleased(
  found: readonly Stripe.Refund[],
  known: readonly RefundEntity[],
  charge: CapturedCharge,
): Stripe.Refund[] {
  const candidates = found.filter(({ reason }) => reason !== 'expired_uncaptured_charge');
  const released = charge.authorized - charge.captured;
  const standing = candidates.filter((refund) => statusOf(refund) !== 'Failed');
  if (released === 0 || sum(standing.map(({ amount }) => amount)) !== charge.refunded) return candidates;
  const ours = new Set(known.map(({ stripeRefundId }) => stripeRefundId));
  const release = standing.findLast(
    ({ id, amount, metadata }) => amount === released && !ours.has(id) && metadata?.refundId === undefined,
  );
  return candidates.filter((refund) => refund !== release);
}
