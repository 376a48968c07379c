// Types only: whoever wants to call Stripe asks the gateway.
export type { Stripe } from 'stripe';
export {
  idempotencyKey,
  StripeGateway,
  StripeNotFound,
  StripeUnavailable,
  type IdempotencyKey,
} from './stripe.gateway.js';
export { StripeModule } from './stripe.module.js';
export type { StripeOutcome } from './stripe.outcome.js';
