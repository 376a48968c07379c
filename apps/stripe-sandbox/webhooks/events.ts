import type Stripe from 'stripe';
import { newId } from '../state/ids.js';
import { API_VERSION, type World } from '../world.js';

export type EventType = Stripe.Event.Type;

export interface EventRecord {
  readonly id: string;
  readonly created: number;
  readonly type: EventType;
  readonly object: object;
  readonly previous_attributes: object | null;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
}

/**
 * Records that something happened and queues its deliveries. `object` is the snapshot that the event carries for ever.
 * Deliveries start after the request that caused them has been carried out, never inside it.
 */
export function emit(world: World, type: EventType, object: object, previousAttributes: object | null = null): void {
  const { requestId, idempotencyKey } = world.cause;
  const event = world.store.events.insert({
    id: newId('evt'),
    created: world.clock.seconds(),
    type,
    object,
    previous_attributes: previousAttributes,
    request: { id: requestId, idempotency_key: idempotencyKey },
  });
  world.deliveries.queue(event);
}

export function presentEvent(world: World, event: EventRecord, apiVersion: string = API_VERSION): Stripe.EventBase {
  const data: Stripe.Event.Data = { object: event.object };
  if (event.previous_attributes !== null) data.previous_attributes = event.previous_attributes;
  return {
    id: event.id,
    object: 'event',
    api_version: apiVersion,
    created: event.created,
    data,
    livemode: false,
    pending_webhooks: world.deliveries.pendingOf(event.id),
    request: { ...event.request },
    type: event.type,
  } satisfies Stripe.EventBase;
}
