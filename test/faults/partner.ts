import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, ApiClient, Item } from '../support/api-client.js';
import { CHECKOUT, pageOf, secretOf } from '../support/payment-steps.js';
import type { SandboxControls } from '../support/sandbox-controls.js';

/** What an order must come to in the end, however often somebody died meanwhile. */
export interface Promised {
  readonly number: string;
  readonly story: string;
  readonly status: string;
  /** Minor units. */
  readonly captured: number;
  readonly refunded: number;
}

type End = Omit<Promised, 'number' | 'story'>;
type Story = (partner: Partner) => Promise<void>;

/** Real time between two tries; a partner's back-off, short. */
const PAUSE_MS = 60;
/** Nobody is dead for so long: 150 seconds on an idle machine, and more where each try takes longer. */
const MOST_TRIES = 2500;
/** What `fetch` says when nobody is there, and when whoever was goes away in the middle of the answer. */
const LOST = ['fetch failed', 'terminated'];
/** Refusals that say: not now. */
const COMES_AGAIN = ['idempotency-key-in-flight', 'payment-being-released'];
const MANUAL = { fulfiller: 'manual' };
const UNPAID = { captured: 0, refunded: 0 };

/** A partner's server: whatever is not answered is asked again, of whoever is there, under the same Idempotency-Key. */
export class Partner {
  readonly promised: Promised[] = [];
  accounts = 0;
  /** Requests sent so far, the repeated ones included. */
  asked = 0;

  private hasLeft = false;

  constructor(
    private readonly apis: readonly ApiClient[],
    readonly controls: SandboxControls,
  ) {}

  /** Asks for nothing any more. */
  leave(): void {
    this.hasLeft = true;
  }

  /** @throws Error for an answer that no repeating explains */
  async ask(method: string, path: string, body?: object, accepted: readonly number[] = [200]): Promise<Answer> {
    const headers: Record<string, string> = method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {};
    for (let tries = 1; ; tries++) {
      if (this.hasLeft) throw new Error(`${method} ${path} is not asked any more`);
      const api = this.apis[this.asked++ % this.apis.length];
      const answer = await api?.call(path, { method, headers, ...(body && { body }) }).catch((error: unknown) => {
        // The connection was refused, or lost with whoever was to answer.
        if (!LOST.includes((error as Error).message)) throw error;
      });
      if (answer && accepted.includes(answer.status)) return answer;
      const { status = 503, text = 'nobody answered' } = answer ?? {};
      const passes = [500, 503].includes(status) || COMES_AGAIN.some((code) => text.includes(`"${code}"`));
      if (!passes || tries === MOST_TRIES)
        throw new Error(`${method} ${path} was answered with ${status} at try ${tries}: ${text}`);
      await sleep(PAUSE_MS);
    }
  }

  async account(): Promise<string> {
    const { body } = await this.ask('POST', '/v1/accounts', {}, [201]);
    this.accounts++;
    return (body as { accountId: string }).accountId;
  }

  /** @param end what the order is to come to, whatever happens on the way */
  async place(story: string, items: Item[], end: End, account?: string): Promise<string> {
    const accountId = account ?? (await this.account());
    const wished = items.map((item) => ({ sku: 'ticket', name: 'Ticket', quantity: 1, unitAmount: 1250, ...item }));
    const body = { accountId, currency: 'EUR', orderStatus: 'Placed', items: wished };
    const answer = await this.ask('POST', '/v1/orders', body, [201]);
    const { orderNumber } = (answer.body as { order: { orderNumber: string } }).order;
    this.promised.push({ number: orderNumber, story, ...end });
    return orderNumber;
  }

  init(number: string, body: object = {}): Promise<Answer> {
    return this.ask('PUT', `/v1/orders/${number}/payment`, body);
  }

  async pay(number: string, body: object = {}, card = 'pm_card_visa'): Promise<void> {
    await this.controls.confirm(secretOf(await this.init(number, body)), card);
  }

  async until(number: string, ...statuses: string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { body } = await this.ask('GET', `/v1/orders/${number}`);
      const { orderStatus } = (body as { order: { orderStatus: string } }).order;
      if (statuses.includes(orderStatus)) return;
      if (tries === MOST_TRIES)
        throw new Error(
          `waited for ${number} to be ${statuses.join(' or ')}; after ${tries} reads it is ${orderStatus}`,
        );
      await sleep(PAUSE_MS);
    }
  }

  async report(number: string, item: number, outcome: string): Promise<void> {
    await this.ask('PUT', `/v1/orders/${number}/items/${number}-${item}/fulfillment`, { outcome });
  }
}

/** What partners and their customers do, each with the end that it must come to. */
export const STORIES: Readonly<Record<string, Story>> = {
  async 'delivered, and refunded in part twice'(partner) {
    const number = await partner.place('refunded', [{}], { status: 'Fulfilled', captured: 1250, refunded: 600 });
    await partner.pay(number);
    await partner.until(number, 'Fulfilled');
    const refund = () => partner.ask('POST', `/v1/orders/${number}/refunds`, { amount: 300 }, [201]);
    await Promise.all([refund(), refund()]);
  },
  async 'reported item by item'(partner) {
    const end = { status: 'PartiallyFulfilled', captured: 1250, refunded: 0 };
    const number = await partner.place('reported', [MANUAL, { ...MANUAL, unitAmount: 900 }], end);
    await partner.pay(number);
    await partner.until(number, 'InTransit');
    await Promise.all([partner.report(number, 1, 'Delivered'), partner.report(number, 2, 'Failed')]);
  },
  async 'cancelled after the reservation'(partner) {
    const number = await partner.place('cancelled', [MANUAL], { status: 'Canceled', ...UNPAID });
    await partner.pay(number);
    await partner.until(number, 'InTransit');
    await partner.ask('POST', `/v1/orders/${number}/cancel`, {}, [200, 202]);
  },
  async 'cancelled while it is paid'(partner) {
    const number = await partner.place('cancelled while paid', [MANUAL], { status: 'Canceled', ...UNPAID });
    const secret = secretOf(await partner.init(number));
    await Promise.all([
      partner.controls.confirm(secret),
      partner.ask('POST', `/v1/orders/${number}/cancel`, {}, [200, 202]),
    ]);
  },
  async 'abandoned, and paid on the hosted page'(partner) {
    const end = { status: 'PartiallyFulfilled', captured: 1250, refunded: 0 };
    const number = await partner.place('page', [{}, { sku: 'fail-tour', unitAmount: 400 }], end);
    await partner.init(number);
    await partner.ask('DELETE', `/v1/orders/${number}/payment`);
    await partner.controls.payHostedPage(pageOf(await partner.init(number, CHECKOUT)));
  },
  async 'paid by one click'(partner) {
    const accountId = await partner.account();
    const end = { status: 'Fulfilled', captured: 1250, refunded: 0 };
    const first = await partner.place('card saved', [{}], end, accountId);
    await partner.pay(first, { savePaymentMethod: true });
    await partner.until(first, 'Fulfilled');
    const { body } = await partner.ask('GET', `/v1/accounts/${accountId}/payment-methods`);
    const [card] = (body as { data: { id: string }[] }).data;
    const second = await partner.place('one click', [{}], end, accountId);
    // A caller whose answer was lost reads there that it is paid.
    await partner.ask('PUT', `/v1/orders/${second}/payment`, { paymentMethodId: card?.id }, [200, 409]);
  },
  async 'declined, and paid with another card'(partner) {
    const number = await partner.place('declined', [{}], { status: 'Fulfilled', captured: 1250, refunded: 0 });
    await partner.pay(number, {}, 'pm_card_visa_chargeDeclined');
    await partner.pay(number);
  },
  async 'asked of a supplier'(partner) {
    const end = { status: 'Fulfilled', captured: 2500, refunded: 0 };
    await partner.pay(await partner.place('supplier', [{ fulfiller: 'http' }, { fulfiller: 'http' }], end));
  },
  async free(partner) {
    const number = await partner.place('free', [{ unitAmount: 0 }], { status: 'Fulfilled', ...UNPAID });
    await partner.ask('PUT', `/v1/orders/${number}/payment`, {}, [200, 409]);
  },
  async 'forgotten in payment'(partner) {
    await partner.init(await partner.place('forgotten', [{}], { status: 'Expired', ...UNPAID }));
  },
};
