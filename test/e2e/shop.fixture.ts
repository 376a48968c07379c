import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openShop } from '../../apps/sample-shop/server.js';
import { openBrowser, Visitor } from '../support/browser.js';
import { Holdfast } from '../support/holdfast.js';
import { eventually } from '../support/eventually.js';

/** The whole service, the sample shop in front of it, and a browser. */
export class ShopFixture {
  private constructor(
    readonly holdfast: Holdfast,
    readonly shop: Awaited<ReturnType<typeof openShop>>,
    private readonly browser: Browser,
  ) {}

  static async open(): Promise<ShopFixture> {
    const holdfast = await Holdfast.start();
    const shop = await openShop({
      port: 0,
      host: '127.0.0.1',
      holdfastUrl: holdfast.api.url,
      partnerKey: 'hf_test_demo',
      stripeJsUrl: `${holdfast.sandbox.url}/v3/stripe.js`,
    });
    return new ShopFixture(holdfast, shop, await openBrowser());
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.shop.close();
    await this.holdfast.stop();
  }

  /** A customer of their own, who reaches the shop and the sandbox and nothing else. */
  async visit(width = 1280): Promise<Customer> {
    const visitor = await Visitor.come(this.browser, [this.shop.url, this.holdfast.sandbox.url], width);
    return new Customer(visitor, this.shop.url);
  }
}

/** What a customer does in the shop, a word for each step. */
export class Customer {
  readonly page: Page;

  constructor(
    private readonly visitor: Visitor,
    private readonly shop: string,
  ) {
    this.page = visitor.page;
  }

  /** What went wrong, and what was asked of anybody else. A card that was declined (402) is no fault of the page. */
  get faults(): string[] {
    return [...this.visitor.faults.filter((fault) => !fault.includes('402')), ...this.visitor.outside];
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

  async choose(how: 'hosted' | 'card', { save = false } = {}): Promise<void> {
    const label = how === 'hosted' ? /On Stripe’s page/ : /With a card, here/;
    await this.page.getByRole('radio', { name: label }).check();
    if (save) await this.page.getByRole('checkbox', { name: /Save this card/ }).check();
    await this.page.getByTestId('continue').click();
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

  /** Answers the bank's question over the page. */
  answerBank(how: 'complete' | 'fail'): Promise<void> {
    return this.page.getByTestId('challenge').locator('iframe').contentFrame().getByTestId(`challenge-${how}`).click();
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

  /** What the picture of the money says. */
  async money(): Promise<Record<string, string | null>> {
    const read = (key: string) => this.page.getByTestId(key).textContent();
    return { reserved: await read('reserved'), captured: await read('captured'), released: await read('released') };
  }

  /** What axe-core finds on the page as it is, from serious on: rule and elements. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate<{ violations: Violation[] }>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /** How much has moved by itself since the page came (https://web.dev/articles/cls; up to 0.1 is good). */
  async jumps(): Promise<number> {
    return this.page.evaluate(`new Promise((resolve) => {
      let sum = 0;
      const add = (list) => list.getEntries().forEach((shift) => { if (!shift.hadRecentInput) sum += shift.value; });
      new PerformanceObserver((list) => { add(list); resolve(sum); }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => resolve(sum), 200);
    })`);
  }

  /** Whether anything sticks out to the right. */
  async overflows(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  }
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: { readonly html: string }[];
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
