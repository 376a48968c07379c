import { Problem } from '#http';

export const PROVIDER_UNAVAILABLE = {
  status: 503,
  code: 'payment-provider-unavailable',
  title: 'Stripe did not answer; nothing is lost, the same call may be repeated',
};

const RETRY_AFTER_SECONDS = 2;

/** Stripe could not be asked, or its answer is unknown; asking again is safe. */
export class StripeUnavailable extends Problem {
  /** @param reason for the answer's detail */
  constructor(reason: string) {
    super(PROVIDER_UNAVAILABLE, {
      detail: `${PROVIDER_UNAVAILABLE.title} (${reason})`,
      retryAfter: RETRY_AFTER_SECONDS,
    });
  }
}

/** Stripe does not know the id of an object that was there: nothing can be concluded, and asking again tells no more. */
export class StripeNotFound extends Problem {
  constructor(reason: string) {
    super(PROVIDER_UNAVAILABLE, { detail: reason, retryAfter: RETRY_AFTER_SECONDS });
  }
}
