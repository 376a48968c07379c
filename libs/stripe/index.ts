export type { Stripe } from 'stripe';
export { SandboxClock } from './stripe.clock.js';
export { PROVIDER_UNAVAILABLE, StripeNotFound, StripeUnavailable } from './stripe.errors.js';
export { idempotencyKey, StripeGateway } from './stripe.gateway.js';
export { StripeModule } from './stripe.module.js';
export { type StripeOutcome } from './stripe.outcome.js';
export { DatabaseStamp } from './stripe.stamp.js';
