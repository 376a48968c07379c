import { METADATA_SOURCE } from '#payments';
import type { Stripe } from '#stripe';

/** A customer's cards changed, here or elsewhere. */
const CARD_EVENTS = [
  'customer.deleted',
  'payment_method.attached',
  'payment_method.automatically_updated',
  'payment_method.detached',
  'payment_method.updated',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];

/** A payment may have changed. */
const PAYMENT_EVENTS = [
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
  'charge.expired',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];

/** The kinds of event that have an effect here, and so the kinds to subscribe to: one list for both. */
export const HANDLED_EVENTS = [...CARD_EVENTS, ...PAYMENT_EVENTS];

/** What an event is about, in our words. */
export interface EventSubject {
  readonly paymentId: string;
  readonly orderNumber: string | undefined;
  readonly objectId: string;
  readonly intentId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** @returns `undefined` for an event that has no effect here, or is about somebody else's object */
export function subjectOf(event: Stripe.Event): EventSubject | undefined {
  if (!(PAYMENT_EVENTS as readonly string[]).includes(event.type)) return undefined;
  const object = event.data.object as Stripe.PaymentIntent | Stripe.Charge | Stripe.Checkout.Session;
  const { source, paymentId, orderNumber } = object.metadata ?? {};
  if (source !== METADATA_SOURCE || !paymentId) return undefined;
  const subject = { paymentId, orderNumber, objectId: object.id };
  switch (object.object) {
    case 'payment_intent':
      return { ...subject, intentId: object.id };
    case 'charge':
      return { ...subject, intentId: idOf(object.payment_intent) };
    case 'checkout.session':
      return { ...subject, sessionId: object.id, intentId: idOf(object.payment_intent) };
  }
}

/** The customer whose cards an event is about; a detached card names it among what it was before. */
export function customerOf(event: Stripe.Event): string | undefined {
  if (!(CARD_EVENTS as readonly string[]).includes(event.type)) return undefined;
  const object = event.data.object as Stripe.PaymentMethod | Stripe.Customer;
  if (object.object === 'customer') return object.id;
  const before = event.data.previous_attributes as { customer?: string } | undefined;
  return idOf(object.customer) ?? before?.customer;
}

function idOf(reference: string | { id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}
