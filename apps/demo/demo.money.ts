import type { LedgerLine, Order, TimelineEntry } from './demo.client.js';

/** Where an order's money is, minor units. */
export interface Money {
  /** Held on the card now, and neither charged nor let go. */
  readonly reserved: number;
  readonly captured: number;
  readonly released: number;
}

export const NO_MONEY: Money = { reserved: 0, captured: 0, released: 0 };

/** In these the reservation is over: what was not captured is released. */
const OVER = ['Captured', 'PartiallyCaptured', 'Released', 'Expired'];

function moneyIn(status: string, authorized: number, captured: number): Money {
  const rest = authorized - captured;
  return OVER.includes(status) ? { reserved: 0, captured, released: rest } : { reserved: rest, captured, released: 0 };
}

export function moneyOfOrder({ payment }: Order): Money {
  return payment ? moneyIn(payment.status, payment.amountAuthorized, payment.amountCaptured) : NO_MONEY;
}

/** Only a line about the payment moves money. */
export function moneyAfter(entry: TimelineEntry, before: Money): Money {
  if (!entry.type.startsWith('payment.') || entry.to === undefined) return before;
  const { amountAuthorized = 0, amountCaptured = 0 } = entry.detail;
  return moneyIn(entry.to, amountAuthorized, amountCaptured);
}

/** The promise of the house: what the delivered items are worth, to the unit. */
export function deliveredValue(order: Order): number {
  const delivered = order.items.filter(({ orderItemStatus }) => orderItemStatus === 'Delivered');
  return delivered.reduce((sum, { totalAmount }) => sum + totalAmount, 0);
}

/** What Holdfast says of an order against what Stripe's side says; empty when they agree. */
export function differences(order: Order, expectedStatus: string, ledger: readonly LedgerLine[]): string[] {
  const ours = moneyOfOrder(order);
  const lines = ledger.filter(({ metadata }) => metadata.paymentId === order.payment?.paymentId);
  const sum = (amount: (line: LedgerLine) => number) => lines.reduce((total, line) => total + amount(line), 0);
  const received = sum((line) => line.amount_received);
  const held = sum((line) => line.amount_capturable);
  const pairs: [string, number | string, number | string][] = [
    ['status', order.orderStatus, expectedStatus],
    ['captured, against the value delivered', ours.captured, deliveredValue(order)],
    ['captured, against the ledger', ours.captured, received],
    ['reserved, against the ledger', ours.reserved, held],
    ['released, against the ledger', ours.released, sum((line) => line.amount) - received - held],
    ['payments in the ledger', order.totalAmount > 0 ? 1 : 0, lines.length],
  ];
  return pairs
    .filter(([, left, right]) => left !== right)
    .map(([what, left, right]) => `${order.orderNumber}: ${what}: ${left} and not ${right}`);
}
