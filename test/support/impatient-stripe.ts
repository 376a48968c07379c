import Stripe from 'stripe';

/** The real client for the sandbox, which is near: whatever the client repeats by itself it repeats at once. */
export class ImpatientStripe extends Stripe {
  override getInitialNetworkRetryDelay(): number {
    return 0.005;
  }
}
