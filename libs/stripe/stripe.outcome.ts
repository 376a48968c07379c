import Stripe from 'stripe';

/**
 * What became of a call that changes something at Stripe, as a value. `unknown` is a state of its own: Stripe may or may
 * not have done it, and nothing final may be recorded.
 */
export type StripeOutcome<T> =
  | { readonly kind: 'succeeded'; readonly value: T }
  /** The bank said no. `intent` is the intent as it is now, when there is one. */
  | {
      readonly kind: 'declined';
      readonly declineCode: string;
      readonly message: string;
      readonly intent: Stripe.PaymentIntent | undefined;
    }
  /** Stripe will not do this, however often it is asked in the same way. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly param: string | undefined }
  /**
   * `answered` when Stripe itself said 5xx: that answer is stored under the key and comes again, so only another key,
   * after a look at Stripe's state, can help.
   */
  | { readonly kind: 'unknown'; readonly reason: string; readonly answered: boolean };

/** Runs a call and turns whatever it throws into its outcome. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<StripeOutcome<T>> {
  try {
    return { kind: 'succeeded', value: await call() };
  } catch (error) {
    return failureOf(error);
  }
}

/** The one switch from Stripe's errors to ours. Source: https://docs.stripe.com/error-low-level */
export function failureOf(error: unknown): Exclude<StripeOutcome<never>, { kind: 'succeeded' }> {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) throw error;
  const code = error.code || error.type;
  if (error instanceof errors.StripeCardError) {
    const declineCode = error.decline_code || code;
    return { kind: 'declined', declineCode, message: error.message, intent: error.payment_intent };
  }
  // Before any work was done, or in place of it: our key is wrong, we are too fast, the object is busy, nobody answered.
  const passing =
    error instanceof errors.StripeConnectionError ||
    error instanceof errors.StripeRateLimitError ||
    error instanceof errors.StripeAuthenticationError ||
    error instanceof errors.StripePermissionError ||
    code === 'idempotency_key_in_use' ||
    code === 'lock_timeout';
  if (passing) return { kind: 'unknown', reason: code, answered: false };
  // The key was used with another body: what it made, if anything, is to be looked for before another key is used.
  if (error instanceof errors.StripeIdempotencyError) return { kind: 'unknown', reason: code, answered: true };
  const status = error.statusCode ?? 0;
  if (status >= 400 && status < 500) return { kind: 'refused', code, message: error.message, param: error.param };
  // A 5xx, or an answer that is not JSON (no status): the first is stored under the key, the second is not known to be.
  return { kind: 'unknown', reason: code, answered: status >= 500 };
}
