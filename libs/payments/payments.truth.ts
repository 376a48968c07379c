import type { Stripe } from '#stripe';

/** What Stripe says of a payment, in our words. Amounts are minor units. */
export type Truth =
  | {
      readonly kind: 'open';
      readonly intentId?: string;
      readonly declineCode?: string;
      readonly actionRequired: boolean;
    }
  | { readonly kind: 'processing'; readonly intentId: string }
  | {
      readonly kind: 'authorized';
      readonly intentId: string;
      readonly amount: number;
      readonly currency: string;
      readonly expiresAt: Date | null;
    }
  | {
      readonly kind: 'captured';
      readonly intentId: string;
      readonly amount: number;
      readonly authorized: number;
      readonly currency: string;
    }
  /** A hosted page that is done, and whose payment came to nothing: nobody can pay on it, and its intent is left over. */
  | { readonly kind: 'page-failed'; readonly intentId: string; readonly declineCode?: string }
  | { readonly kind: 'ended'; readonly intentId?: string; readonly reason: string };

export function truthOfIntent(intent: Stripe.PaymentIntent): Truth {
  const intentId = intent.id;
  const currency = intent.currency.toUpperCase();
  switch (intent.status) {
    case 'requires_payment_method': {
      const declineCode = intent.last_payment_error?.decline_code ?? intent.last_payment_error?.code;
      return { kind: 'open', intentId, actionRequired: false, ...(declineCode && { declineCode }) };
    }
    case 'requires_confirmation':
      return { kind: 'open', intentId, actionRequired: false };
    case 'requires_action':
      return { kind: 'open', intentId, actionRequired: true };
    case 'processing':
      return { kind: 'processing', intentId };
    case 'requires_capture':
      return {
        kind: 'authorized',
        intentId,
        amount: intent.amount_capturable,
        currency,
        expiresAt: captureBefore(intent),
      };
    case 'succeeded':
      return { kind: 'captured', intentId, amount: intent.amount_received, authorized: intent.amount, currency };
    case 'canceled':
      return { kind: 'ended', intentId, reason: intent.cancellation_reason ?? 'canceled' };
    default:
      // A status that this API version does not know: nothing may be concluded from it.
      throw new Error(`the intent ${intentId} has the unknown status ${intent.status}`);
  }
}

/**
 * A session has no intent until its page is confirmed, and is `complete` with `payment_status: unpaid` while the money
 * is only reserved: the intent decides.
 */
export function truthOfSession(session: Stripe.Checkout.Session): Truth {
  const intent = typeof session.payment_intent === 'string' ? null : session.payment_intent;
  if (session.status === 'expired' && intent?.status !== 'requires_capture' && intent?.status !== 'succeeded') {
    return { kind: 'ended', reason: 'session-expired', ...(intent && { intentId: intent.id }) };
  }
  if (!intent) return { kind: 'open', actionRequired: false };
  // While the session is open a declined attempt leaves its intent behind, and the page goes on.
  const truth = truthOfIntent(intent);
  if (session.status !== 'complete' || truth.kind !== 'open') return truth;
  return { kind: 'page-failed', intentId: intent.id, ...(truth.declineCode && { declineCode: truth.declineCode }) };
}

function captureBefore(intent: Stripe.PaymentIntent): Date | null {
  const charge = intent.latest_charge;
  if (charge === null || typeof charge === 'string') return null;
  const seconds = charge.payment_method_details?.card?.capture_before;
  return seconds ? new Date(seconds * 1000) : null;
}
