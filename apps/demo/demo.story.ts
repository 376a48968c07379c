import { setTimeout as sleep } from 'node:timers/promises';
import {
  DemoFailure,
  type CustomerClient,
  type InitPaymentData,
  type Item,
  type Order,
  type PartnerClient,
  type TimelineEntry,
} from './demo.client.js';
import { moneyAfter, NO_MONEY } from './demo.money.js';
import { moneyHeading, moneyLine } from './demo.terminal.js';

export interface Story {
  readonly title: string;
  readonly items: readonly Item[];
  readonly procedure: 'intent' | 'checkout' | 'free';
  readonly endsAs: string;
}

const ticket = (quantity: number, unitAmount = 1250): Item => ({
  ...{ sku: 'ticket-adult', name: 'Day ticket, adult' },
  ...{ quantity, unitAmount },
});

/** The sandbox fails every sku that starts with `fail-`, and delivers `flaky-` at the third try. */
export const STORIES: readonly Story[] = [
  {
    title: 'Payment intent, everything delivered: everything is charged',
    items: [ticket(2)],
    procedure: 'intent',
    endsAs: 'Fulfilled',
  },
  {
    title: 'Checkout page, one item fails: only the delivered one is charged',
    items: [ticket(2), { sku: 'fail-tour', name: 'Guided tour', quantity: 1, unitAmount: 900 }],
    procedure: 'checkout',
    endsAs: 'PartiallyFulfilled',
  },
  {
    title: 'Payment intent, nothing can be delivered: nothing is charged',
    items: [{ sku: 'fail-tour', name: 'Guided tour', quantity: 1, unitAmount: 900 }],
    procedure: 'intent',
    endsAs: 'FulfillmentError',
  },
  {
    title: 'Payment intent, a flaky supplier: asked again until it delivers',
    items: [{ sku: 'flaky-boat', name: 'Boat trip', quantity: 1, unitAmount: 1500 }],
    procedure: 'intent',
    endsAs: 'Fulfilled',
  },
  {
    title: 'A free order: delivered at once, and Stripe is not asked',
    items: [ticket(1, 0)],
    procedure: 'free',
    endsAs: 'Fulfilled',
  },
];

const FINAL = ['Fulfilled', 'PartiallyFulfilled', 'FulfillmentError', 'Canceled', 'Expired'];
const WAIT_MS = 45_000;
const POLL_MS = 50;

/** Plays one story, telling each step as it happens. @throws DemoFailure when it does not reach its end */
export class Teller {
  constructor(
    private readonly partner: PartnerClient,
    private readonly customer: CustomerClient,
    private readonly print: (line: string) => void,
  ) {}

  async play(story: Story, accountId: string): Promise<Order> {
    this.print(moneyHeading());
    this.print('  > POST /v1/orders');
    const order = await this.partner.placeOrder(accountId, story.items);
    const told = new Told(order, this.print);
    await this.tellNew(told);
    const payment = await this.init(order.orderNumber, story.procedure);
    await this.tellNew(told);
    await this.pay(payment);
    await this.tellToTheEnd(told);
    return this.partner.order(order.orderNumber);
  }

  private async init(orderNumber: string, procedure: Story['procedure']): Promise<InitPaymentData> {
    const pages = { successUrl: 'https://shop.example/paid', errorUrl: 'https://shop.example/cart' };
    const body = procedure === 'checkout' ? { createCheckoutSession: true, ...pages } : {};
    this.print(`  > PUT /v1/orders/${orderNumber}/payment`);
    return this.partner.initPayment(orderNumber, body);
  }

  private async pay({ clientSecret, checkoutUrl, paymentApiKey }: InitPaymentData): Promise<void> {
    if (checkoutUrl !== undefined) {
      this.print(`  > the customer pays on ${checkoutUrl}`);
      this.print(`  > and is sent to ${await this.customer.payOnPage(checkoutUrl)}`);
    } else if (clientSecret !== undefined) {
      const status = await this.customer.confirm(paymentApiKey ?? '', clientSecret);
      this.print(`  > the customer confirms with ${paymentApiKey} and a test card: ${status}`);
    } else {
      this.print('  > there is nothing to pay');
    }
  }

  private async tellToTheEnd(told: Told): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!FINAL.includes(await this.tellNew(told))) {
      if (Date.now() > deadline) {
        throw new DemoFailure(`${told.order.orderNumber} is still ${told.status} after ${WAIT_MS / 1000} seconds`);
      }
      await sleep(POLL_MS);
    }
  }

  private async tellNew(told: Told): Promise<string> {
    return told.tell(await this.partner.timeline(told.order.orderNumber));
  }
}

/** How far an order's timeline was told. */
class Told {
  status = '';
  private money = NO_MONEY;
  private count = 0;

  constructor(
    readonly order: Order,
    private readonly print: (line: string) => void,
  ) {}

  /** Tells what is new. @returns the order's status after it */
  tell(timeline: readonly TimelineEntry[]): string {
    for (const entry of timeline.slice(this.count)) {
      this.money = moneyAfter(entry, this.money);
      if (entry.type.startsWith('order.') && entry.to !== undefined) this.status = entry.to;
      this.print(moneyLine(this.nameOf(entry), this.money, this.order.totalAmount));
    }
    this.count = timeline.length;
    return this.status;
  }

  private nameOf(entry: TimelineEntry): string {
    const [subject = ''] = entry.type.split('.');
    const item = this.order.items.find(({ orderItemNumber }) => orderItemNumber === entry.detail.orderItemNumber);
    const who = item ? `item ${item.name}` : subject === 'order' ? `order ${this.order.orderNumber}` : subject;
    return entry.to === undefined ? entry.type : `${who}: ${entry.to}`;
  }
}
