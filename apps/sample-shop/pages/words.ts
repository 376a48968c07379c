import type { Order, TimelineEntry } from '../holdfast.js';

/** Holdfast's statuses in the words of this shop. A status that is new there does not compile here. */

interface Headline {
  readonly title: string;
  readonly text: string;
  readonly tone: '' | 'good' | 'hold' | 'wrong';
}

export const HEADLINES: Readonly<Record<Order['orderStatus'], Headline>> = {
  New: { title: 'Your order is not complete', text: 'Something is missing before you can pay.', tone: '' },
  Placed: { title: 'Your order is waiting', text: 'It has not been paid for yet.', tone: '' },
  Payment: { title: 'We are waiting for your payment', text: 'This usually takes a few seconds.', tone: 'hold' },
  Paid: {
    title: 'Your money is reserved',
    text: 'Nothing is charged yet. We are about to get your tickets.',
    tone: 'hold',
  },
  InTransit: { title: 'We are getting your tickets', text: 'Nothing is charged until you have them.', tone: 'hold' },
  Delivered: { title: 'Your tickets are here', text: 'We are settling the bill.', tone: 'hold' },
  Fulfilled: { title: 'Your tickets are here', text: 'You have been charged for all of them. Enjoy!', tone: 'good' },
  PartiallyFulfilled: {
    title: 'Some of your tickets are here',
    text: 'You have been charged for those alone; the rest of your money was released.',
    tone: 'good',
  },
  FulfillmentError: {
    title: 'We could not get your tickets',
    text: 'You have not been charged. What was reserved has been released.',
    tone: 'wrong',
  },
  Canceling: { title: 'Your order is being cancelled', text: 'What was reserved is on its way back.', tone: '' },
  Canceled: { title: 'Your order was cancelled', text: 'Nothing was charged.', tone: '' },
  Expired: { title: 'Your order has expired', text: 'Nothing was charged.', tone: '' },
};

const FINAL: readonly Order['orderStatus'][] = [
  'Fulfilled',
  'PartiallyFulfilled',
  'FulfillmentError',
  'Canceled',
  'Expired',
];

/** Nothing more will happen by itself. */
export function isFinal({ orderStatus }: Order): boolean {
  return FINAL.includes(orderStatus);
}

type ItemStatus = Order['items'][number]['orderItemStatus'];

export const ITEM_WORDS: Readonly<Record<ItemStatus, { label: string; tone: Headline['tone'] }>> = {
  New: { label: 'waiting', tone: '' },
  InTransit: { label: 'on its way', tone: 'hold' },
  Delivered: { label: 'here', tone: 'good' },
  Failed: { label: 'not available', tone: 'wrong' },
  Canceled: { label: 'cancelled', tone: '' },
};

/** An entry of a kind that is new here is shown by its name. */
const LINES: Readonly<Record<string, string>> = {
  'order.new': 'You chose your tickets',
  'order.placed': 'The order was placed',
  'order.payment': 'The payment began',
  'order.paid': 'The money was reserved',
  'order.in_transit': 'We went to get your tickets',
  'order.delivered': 'Every ticket has its outcome',
  'order.fulfilled': 'Everything was delivered and charged',
  'order.partially_fulfilled': 'What was delivered was charged, the rest released',
  'order.fulfillment_error': 'Nothing could be delivered',
  'order.canceling': 'The cancellation began',
  'order.canceled': 'The order was cancelled',
  'order.expired': 'The order expired',
  'payment.initializing': 'We asked Stripe for the payment',
  'payment.pending': 'Stripe waits for your card',
  'payment.declined': 'The card was declined',
  'payment.processing': 'Your bank is thinking about it',
  'payment.authorized': 'Your bank reserved the money',
  'payment.capturing': 'We asked for what was delivered',
  'payment.captured': 'You were charged for everything',
  'payment.partially_captured': 'You were charged for what was delivered',
  'payment.releasing': 'We asked for the money to be released',
  'payment.released': 'The money was released',
  'payment.abandoned': 'The payment ended before anything was reserved',
  'item.in_transit': 'A ticket is on its way',
  'item.delivered': 'A ticket arrived',
  'item.failed': 'A ticket could not be had',
  'item.canceled': 'A ticket was cancelled',
};

export function lineOf({ type, from, to }: TimelineEntry): string {
  if (type === 'order.placed' && from === 'Payment') return 'The payment was given up';
  const move = from !== undefined && to !== undefined ? `: ${from} → ${to}` : '';
  return LINES[type] ?? `${type.replace('.', ': ').replaceAll('_', ' ')}${move}`;
}
