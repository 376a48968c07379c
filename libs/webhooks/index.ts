export { WebhooksModule } from './webhooks.module.js';
export { HANDLED_EVENTS } from './webhooks.stripe-events.js';
export { WebhooksRepository, type FailedEvent } from './webhooks.repository.js';
