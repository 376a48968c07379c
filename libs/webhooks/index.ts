export { WebhooksModule } from './webhooks.module.js';
export { type FailedEvent, WebhooksRepository } from './webhooks.repository.js';
export { HANDLED_EVENTS } from './webhooks.stripe-events.js';
