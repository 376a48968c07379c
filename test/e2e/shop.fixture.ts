import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { openShop, type ShopOptions } from '../../apps/sample-shop/server.js';
import { barriers } from '../support/axe.js';
import { openBrowser, Visitor } from '../support/browser.js';
import { Holdfast } from '../support/holdfast.js';
import { eventually } from '../support/eventually.js';

type Between = (holdfastUrl: string) => Promise<string>;

/**
 * Inside a `describe`: one shop for its tests. Its visitors leave after each test, as an open page goes on polling.
 * @param before each test
 * @param between an address that stands for Holdfast's, such as that of a gate
 */
export function useShop(before: (fixture: ShopFixture) => Promise<void>, between?: Between): void {
  let fixture: ShopFixture;
  beforeAll(async () => {
    fixture = await ShopFixture.open(between);
  });
  beforeEach(() => before(fixture));
  afterEach(() => fixture.leave());
  afterAll(() => fixture?.close());
}

/** The whole service, the sample shop in front of it, and a browser. */
export class ShopFixture {
  private readonly guests: Visitor[] = [];

  private constructor(
    readonly holdfast: Holdfast,
    /** What the shop was opened with. */
    readonly options: ShopOptions,
    public shop: Awaited<ReturnType<typeof openShop>>,
    private readonly browser: Browser,
  ) {}

  static async open(between?: Between): Promise<ShopFixture> {
    const holdfast = await Holdfast.start();
    const options = {
      port: 0,
      host: '127.0.0.1',
      holdfastUrl: between === undefined ? holdfast.api.url : await between(holdfast.api.url),
      partnerKey: 'hf_test_demo',
      dataDir: await mkdtemp(join(tmpdir(), 'sample-shop-')),
      stripeJsUrl: `${holdfast.sandbox.url}/v3/stripe.js`,
    };
    return new ShopFixture(holdfast, options, await openShop(options), await openBrowser());
  }

  async close(): Promise<void> {
    await this.leave();
    await this.shop.close();
    await this.holdfast.stop();
    await rm(this.options.dataDir, { recursive: true });
  }

  /** A customer of their own, who reaches the shop and the sandbox and nothing else. */
  async visit(): Promise<Customer> {
    const visitor = await Visitor.come(this.browser, [this.shop.url, this.holdfast.sandbox.url]);
    this.guests.push(visitor);
    return new Customer(visitor, this.shop.url);
  }

  /** Every visitor leaves. */
  async leave(): Promise<void> {
    await Promise.all(this.guests.splice(0).map(({ context }) => context.close()));
  }

  /** What really happened to the money, as Stripe has it: one entry for each intent. */
  async atStripe(orderNumber: string): Promise<{ reserved: number; charged: number }[]> {
    const ledger = await this.holdfast.controls.ledger(orderNumber);
    return ledger.map((entry) => ({ reserved: entry.amount_capturable, charged: entry.amount_received }));
  }

  /** What the one intent of an order says about saving the card. */
  async futureUsage(orderNumber: string): Promise<string | null> {
    const [entry, ...more] = await this.holdfast.controls.ledger(orderNumber);
    if (entry === undefined || more.length > 0) throw new Error(`${orderNumber} has not one intent`);
    return (await this.holdfast.stripe.paymentIntents.retrieve(entry.id)).setup_future_usage;
  }
}

/** What a customer does in the shop, a word for each step. */
export class Customer {
  constructor(
    private readonly visitor: Visitor,
    private readonly shop: string,
    readonly page: Page = visitor.page,
  ) {}

  /** The same customer in a second tab. */
  async tab(path = ''): Promise<Customer> {
    const tab = new Customer(this.visitor, this.shop, await this.visitor.context.newPage());
    await tab.page.goto(this.shop + path);
    return tab;
  }

  /** The account that the shop keeps for this customer at Holdfast. */
  async account(holdfast: Holdfast): Promise<string> {
    const cookie = (await this.visitor.context.cookies()).find(({ name }) => name === 'pier_customer');
    return holdfast.api.createAccount(cookie?.value);
  }

  /** What went wrong, and what was asked of anybody else. Neither a card that was declined (402) nor a wrong form (400) is a fault of the page. */
  get faults(): string[] {
    return [...this.visitor.faults.filter((fault) => !/status of 40[02]/.test(fault)), ...this.visitor.outside];
  }

  async order(tickets: Record<string, number>): Promise<string> {
    await this.page.goto(this.shop);
    for (const [sku, quantity] of Object.entries(tickets)) await this.page.locator(`#${sku}`).fill(String(quantity));
    await this.page.getByTestId('order').click();
    await this.page.waitForURL('**/orders/*');
    return new URL(this.page.url()).pathname.split('/')[2] ?? '';
  }

  /** Sends a form past the browser, with the customer's cookie. @returns where it leads */
  async post(path: string, form: Record<string, string>): Promise<string> {
    const cookie = (await this.visitor.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const body = new URLSearchParams(form);
    const sent = { method: 'POST', body, headers: { cookie }, redirect: 'manual' } as const;
    return (await fetch(this.shop + path, sent)).headers.get('location') ?? '';
  }

  async choose(how: 'hosted' | 'card' | 'saved'): Promise<void> {
    const labels = { hosted: /On Stripe’s page/, card: /With a card, here/, saved: /ending in/ };
    await this.page.getByRole('radio', { name: labels[how] }).check();
    await this.page.getByTestId('continue').click();
  }

  /** Orders, and comes to the card form. */
  async toCardForm(tickets: Record<string, number> = { 'harbour-tour': 1 }): Promise<string> {
    const order = await this.order(tickets);
    await this.choose('card');
    await this.saveTick.and(this.page.locator(':enabled')).waitFor();
    return order;
  }

  get saveTick(): Locator {
    return this.page.getByRole('checkbox', { name: 'Save this card for next time' });
  }

  /** Ticks or unticks, and waits until the page says that it was noted. */
  async wish(save: boolean): Promise<void> {
    await this.saveTick.setChecked(save);
    await this.page
      .getByTestId('save-message')
      .getByText(save ? 'It will be saved' : 'It will not be saved')
      .waitFor();
  }

  async payWith(number: string): Promise<void> {
    await this.fillCard(number);
    await this.pay();
  }

  /** The secret of the payment that the card form is for. */
  async secret(): Promise<string> {
    return (await this.page.locator('#card-form').getAttribute('data-client-secret')) ?? '';
  }

  async fillCard(number: string): Promise<void> {
    await this.page.getByLabel('Card number').fill(number);
    await this.page.getByLabel('Expiration date').fill('1234');
    await this.page.getByLabel('Security code').fill('123');
  }

  pay(): Promise<void> {
    return this.page.getByTestId('pay').click();
  }

  /** The page of Stripe, played by the sandbox. */
  async payOnStripesPage(number: string): Promise<void> {
    await this.page.waitForURL('**/c/pay/**');
    await this.page.locator('[name=cardNumber]').fill(number);
    await this.page.locator('[name=cardExpiry]').fill('12 / 34');
    await this.page.locator('[name=cardCvc]').fill('123');
    await this.page.getByTestId('pay').click();
  }

  /** The bank's question over the page. */
  get bankPage(): FrameLocator {
    return this.page.getByTestId('challenge').locator('iframe').contentFrame();
  }

  answerBank(how: 'complete' | 'fail'): Promise<void> {
    return this.bankPage.getByTestId(`challenge-${how}`).click();
  }

  /** Waits until the status page shows this status. */
  async until(status: string): Promise<void> {
    // Not by waiting for one navigation: a second click breaks the first one off.
    await eventually(
      () => Promise.resolve(this.page.url()),
      (url) => url.includes('/status'),
    );
    await this.page.getByTestId('order-status').getByText(status, { exact: true }).waitFor();
  }

  /** What the picture of the money says to those who do not see it, and the widths of its parts in per cent. */
  async picture(): Promise<{ says: string | null; shows: Record<string, number> }> {
    const picture = this.page.getByTestId('picture');
    const parts = await picture.locator('span').all();
    const shows: Record<string, number> = {};
    for (const part of parts) {
      const share = (await part.getAttribute('data-share')) ?? '';
      shows[share] = Math.round(parseFloat((await part.getAttribute('style'))?.replace('width:', '') ?? ''));
    }
    return { says: await picture.getAttribute('aria-label'), shows };
  }

  /** The amounts beside the picture of the money. */
  async money(): Promise<Record<string, string | null>> {
    // An amount is not broken between its currency and its digits.
    const read = async (key: string) =>
      (await this.page.getByTestId(key).textContent())?.replace('\u00a0', ' ') ?? null;
    return { reserved: await read('reserved'), captured: await read('captured'), released: await read('released') };
  }

  /** What axe-core finds on the page as it is, from serious on: rule and elements. */
  async barriers(): Promise<string[]> {
    return barriers(this.page);
  }

  /** How much has moved by itself since the page came (https://web.dev/articles/cls; up to 0.1 is good). */
  async jumps(): Promise<number> {
    return this.page.evaluate(`new Promise((resolve) => {
      const observer = new PerformanceObserver(() => undefined);
      // Two frames later everything that was there is drawn, and what moved by it is noted.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        observer.observe({ type: 'layout-shift', buffered: true });
        const shifts = observer.takeRecords().filter((shift) => !shift.hadRecentInput);
        resolve(shifts.reduce((sum, shift) => sum + shift.value, 0));
      }));
    })`);
  }

  /** Whether anything sticks out to the right. */
  async overflows(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  }
}

export const GOOD = '4242424242424242';
export const DECLINED = '4000000000000002';
export const ASKS_THE_BANK = '4000002760003184';
