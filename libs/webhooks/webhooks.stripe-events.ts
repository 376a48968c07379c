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

/** Refunds may have changed, whoever made them. */
const REFUND_EVENTS = [
  'charge.refunded',
  'refund.created',
  'refund.failed',
  'refund.updated',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];

/** A dispute may have changed. */
const DISPUTE_EVENTS = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
] as const satisfies readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];

/** The kinds of event that have an effect here, and so the kinds to subscribe to: one list for both. */
export const HANDLED_EVENTS = [...CARD_EVENTS, ...PAYMENT_EVENTS, ...REFUND_EVENTS, ...DISPUTE_EVENTS];

/** What an event is about, in our words. */
export interface EventSubject {
  /** Which part of the payment is read anew. */
  readonly about: 'payment' | 'refunds' | 'disputes';
  /** From the object's metadata, which a refund or dispute made elsewhere does not have: its intent says whose it is. */
  readonly paymentId: string | undefined;
  readonly orderNumber: string | undefined;
  readonly objectId: string;
  readonly intentId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** @returns `undefined` for an event that has no effect here, or is about somebody else's object */
export function subjectOf(event: Stripe.Event): EventSubject | undefined {
  if ((REFUND_EVENTS as readonly string[]).includes(event.type)) return subjectOfReturn(event, 'refunds');
  if ((DISPUTE_EVENTS as readonly string[]).includes(event.type)) return subjectOfReturn(event, 'disputes');
  if (!(PAYMENT_EVENTS as readonly string[]).includes(event.type)) return undefined;
  const object = event.data.object as Stripe.PaymentIntent | Stripe.Charge | Stripe.Checkout.Session;
  const { source, paymentId, orderNumber } = object.metadata ?? {};
  if (source !== METADATA_SOURCE || !paymentId) return undefined;
  const subject = { about: 'payment', paymentId, orderNumber, objectId: object.id } as const;
  switch (object.object) {
    case 'payment_intent':
      return { ...subject, intentId: object.id };
    case 'charge':
      return { ...subject, intentId: idOf(object.payment_intent) };
    case 'checkout.session':
      return { ...subject, sessionId: object.id, intentId: idOf(object.payment_intent) };
  }
}

/** Money that went back belongs to a payment by its intent; what has none was never a payment of ours. */
function subjectOfReturn(event: Stripe.Event, about: 'refunds' | 'disputes'): EventSubject | undefined {
  const object = event.data.object as Stripe.Charge | Stripe.Refund | Stripe.Dispute;
  const intentId = idOf(object.payment_intent);
  if (intentId === undefined) return undefined;
  const { source, paymentId, orderNumber } = object.metadata ?? {};
  const ours = source === METADATA_SOURCE;
  return {
    ...{ about, objectId: object.id, intentId },
    ...{ paymentId: ours ? paymentId : undefined, orderNumber: ours ? orderNumber : undefined },
  };
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
