import type Stripe from 'stripe';
import type { Metadata } from '../http/metadata.js';
import type { EventType } from './events.js';

export interface WebhookEndpointRecord {
  readonly id: string;
  readonly created: number;
  readonly url: string;
  /** Shown once, in the answer that creates the endpoint. */
  readonly secret: string;
  readonly enabled_events: readonly string[];
  readonly description: string | null;
  readonly disabled: boolean;
  readonly api_version: string | null;
  readonly metadata: Metadata;
  /** Given by configuration and not over the API: replaced at every start. */
  readonly configured: boolean;
}

export function listensTo(endpoint: WebhookEndpointRecord, type: EventType): boolean {
  if (endpoint.disabled) return false;
  return endpoint.enabled_events.includes('*') || endpoint.enabled_events.includes(type);
}

export function presentEndpoint(endpoint: WebhookEndpointRecord): Stripe.WebhookEndpoint {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    api_version: endpoint.api_version,
    application: null,
    created: endpoint.created,
    description: endpoint.description,
    enabled_events: [...endpoint.enabled_events],
    livemode: false,
    metadata: endpoint.metadata,
    status: endpoint.disabled ? 'disabled' : 'enabled',
    url: endpoint.url,
  } satisfies Stripe.WebhookEndpoint;
}
