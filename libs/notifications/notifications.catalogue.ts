import type { OrderItemMoved, OrderMoved } from '#orders';
import type { DisputeMoved, RefundMoved } from '#refunds';
import type { PaymentMoved } from '#payments';

/** Everything that a partner can be told; the names are a promise. */
export const NOTIFICATION_TYPES = [
  ...(['order.placed', 'order.paid', 'order.fulfilled', 'order.partially_fulfilled'] as const),
  ...(['order.fulfillment_error', 'order.canceled', 'order.expired', 'item.delivered', 'item.failed'] as const),
  ...(['payment.failed', 'payment.captured', 'payment.released', 'payment.authorization_expiring'] as const),
  ...(['refund.succeeded', 'refund.failed', 'dispute.opened', 'dispute.closed'] as const),
] as const;

export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

/** What a partner sends itself to try its endpoint; not an event that can be chosen. */
export const TEST_TYPE = 'endpoint.test';

/** Of every move the type that tells of it; `null` for what partners are not told. A status that is missing does not compile. */
type News<Status extends string> = Readonly<Record<Status, NotificationType | null>>;

const ORDER_NEWS: News<OrderMoved['to']> = {
  New: null,
  Placed: 'order.placed',
  Payment: null,
  Paid: 'order.paid',
  InTransit: null,
  Delivered: null,
  Fulfilled: 'order.fulfilled',
  PartiallyFulfilled: 'order.partially_fulfilled',
  FulfillmentError: 'order.fulfillment_error',
  Canceling: null,
  Canceled: 'order.canceled',
  Expired: 'order.expired',
};

const ITEM_NEWS: News<OrderItemMoved['to']> = {
  New: null,
  InTransit: null,
  Delivered: 'item.delivered',
  Failed: 'item.failed',
  // The order's own `order.canceled` tells of all its items.
  Canceled: null,
};

const PAYMENT_NEWS: News<PaymentMoved['to']> = {
  Initializing: null,
  Pending: null,
  Processing: null,
  Authorized: null,
  Capturing: null,
  Captured: 'payment.captured',
  PartiallyCaptured: 'payment.captured',
  Releasing: null,
  Released: 'payment.released',
  Abandoned: null,
  // The reservation ran out or was cancelled at Stripe: there is nothing left to charge.
  Expired: 'payment.failed',
  Failed: 'payment.failed',
  NotRequired: null,
};

const REFUND_NEWS: News<RefundMoved['to']> = {
  Pending: null,
  Succeeded: 'refund.succeeded',
  Failed: 'refund.failed',
};

const DISPUTE_NEWS: News<DisputeMoved['to']> = { opened: 'dispute.opened', closed: 'dispute.closed' };

/** A payment that ended puts its order back into Placed: that is no news of placing. */
export function newsOfOrder({ from, to }: OrderMoved): NotificationType | null {
  return to === 'Placed' && from === 'Payment' ? null : ORDER_NEWS[to];
}

export const newsOfItem = ({ to }: OrderItemMoved): NotificationType | null => ITEM_NEWS[to];
export const newsOfPayment = ({ to }: PaymentMoved): NotificationType | null => PAYMENT_NEWS[to];
export const newsOfRefund = ({ to }: RefundMoved): NotificationType | null => REFUND_NEWS[to];
export const newsOfDispute = ({ to }: DisputeMoved): NotificationType | null => DISPUTE_NEWS[to];
