import type { Order, TimelineEntry } from '../holdfast.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';

/** Holdfast's statuses in the words of this shop. A status that is new there does not compile here. */

interface Headline {
  readonly title: string;
  readonly text: string;
  readonly tone: '' | 'good' | 'hold' | 'wrong';
}

const HEADLINES: Readonly<Record<Order['orderStatus'], Headline>> = {
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

const WHILE_PAYING: Readonly<Record<string, Headline>> = {
  Processing: { title: 'Your bank is thinking about it', text: 'We go on as soon as it has answered.', tone: 'hold' },
  Releasing: {
    title: 'Your last payment is being undone',
    text: 'This takes a few seconds; then you can pay another way. Nothing was charged.',
    tone: 'hold',
  },
};

const REFUSED = 'The last payment was refused. Nothing was charged; please pay in another way.';

/** What an order is called in this shop, and what it means for the customer's money. */
export function headlineOf(
  { orderStatus, payment, totalAmount, currency }: Order,
  timeline: readonly TimelineEntry[] = [],
): Headline {
  const headline = HEADLINES[orderStatus];
  if (orderStatus === 'Placed' && lastWasRefused(timeline)) return { ...headline, text: REFUSED };
  if (orderStatus === 'Payment') return WHILE_PAYING[payment?.status ?? ''] ?? headline;
  if (totalAmount === 0) {
    const title = orderStatus === 'Paid' ? 'Your order is confirmed' : headline.title;
    return { ...headline, title, text: 'There was nothing to pay.' };
  }
  const { amountRefunded = 0, amountDisputed = 0 } = payment ?? {};
  const sentences = [
    headline.text,
    ...(amountRefunded > 0 ? [`${money(amountRefunded, currency)} of it was paid back to you.`] : []),
    ...(amountDisputed > 0 ? [`Your bank has taken back ${money(amountDisputed, currency)}, as you asked it to.`] : []),
  ];
  return { ...headline, text: sentences.join(' ') };
}

/** An order that can be paid shows no payment: what became of the last one stands in its timeline. */
function lastWasRefused(timeline: readonly TimelineEntry[]): boolean {
  const begun = timeline.findLastIndex(({ type }) => type === 'order.payment');
  return begun >= 0 && timeline.slice(begun).some(({ type }) => type === 'payment.declined');
}

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
  'order.paid': 'Your order was confirmed',
  'order.in_transit': 'We went to get your tickets',
  'order.delivered': 'Every ticket has its outcome',
  'order.fulfilled': 'The order is complete',
  'order.partially_fulfilled': 'The order is complete, without what could not be had',
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
  'payment.not_required': 'There was nothing to pay',
  'payment.expired': 'The reservation ran out',
  'payment.failed': 'The payment could not be made',
  'refund.pending': 'Money is on its way back to you',
  'refund.succeeded': 'Money was paid back to you',
  'refund.failed': 'Money could not be paid back; we look into it',
  'dispute.opened': 'Your bank disputes the charge for you',
  'dispute.closed': 'Your bank has decided about the charge',
  'item.in_transit': 'On its way',
  'item.delivered': 'Arrived',
  'item.failed': 'Could not be had',
  'item.canceled': 'Cancelled',
};

export function lineOf({ type, from, to, detail }: TimelineEntry, { items }: Order): string {
  if (type === 'order.placed' && from === 'Payment') return 'The payment was given up';
  const move = from !== undefined && to !== undefined ? `: ${from} → ${to}` : '';
  const line = LINES[type] ?? `${type.replace('.', ': ').replaceAll('_', ' ')}${move}`;
  const item = items.find(({ orderItemNumber }) => orderItemNumber === detail.orderItemNumber);
  return item === undefined ? line : `${line}: ${item.name}`;
}

const CLOCK = new Intl.DateTimeFormat('en-IE', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** @param at ISO 8601 */
export function whenOf(at: string): Html {
  return html`<time datetime="${at}">${CLOCK.format(new Date(at))} UTC</time>`;
}
