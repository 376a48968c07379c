import type { Browser, Page } from 'playwright-core';
import type Stripe from 'stripe';
import { openReceiver, openSandbox, type Fixture, type Receiver } from '../sandbox/sandbox.fixture.js';
import { openBrowser, openPage } from '../support/browser.js';

/** A sandbox, somebody it delivers to, and a browser that looks at its pages. */
export class PagesFixture {
  /** Every address that the browser has asked for. */
  readonly asked: string[] = [];

  private constructor(
    readonly f: Fixture,
    private readonly receiver: Receiver,
    private readonly browser: Browser,
  ) {}

  static async open(): Promise<PagesFixture> {
    const receiver = await openReceiver();
    const f = await openSandbox({ webhookEndpoints: [{ url: receiver.url, secret: 'whsec_x' }] });
    return new PagesFixture(f, receiver, await openBrowser());
  }

  async close(): Promise<void> {
    await this.receiver.close();
    await this.f.sandbox.close();
  }

  async page(options: { width?: number; javaScriptEnabled?: boolean } = {}): Promise<Page> {
    const { width = 1280, javaScriptEnabled = true } = options;
    const page = await openPage(this.browser, { viewport: { width, height: 800 }, javaScriptEnabled });
    page.on('request', (request) => this.asked.push(request.url()));
    return page;
  }

  /** A session whose customer comes back to the sandbox's own dashboard, so that nothing else is needed. */
  session(params: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> {
    const item = (name: string, unit_amount: number, quantity: number) => ({
      quantity,
      price_data: { currency: 'eur', unit_amount, product_data: { name } },
    });
    return this.f.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: `${this.f.sandbox.url}/?paid={CHECKOUT_SESSION_ID}`,
      cancel_url: `${this.f.sandbox.url}/?back`,
      line_items: [item('Harbour tour', 2000, 2), item('Day ticket', 1000, 1)],
      payment_intent_data: { capture_method: 'manual' },
      ...params,
    });
  }

  /** What the customer's bank was asked for, for one session. */
  async reservations(session: string): Promise<{ status: string; charges: number }> {
    const { payment_intent } = await this.f.stripe.checkout.sessions.retrieve(session, { expand: ['payment_intent'] });
    const intent = payment_intent as Stripe.PaymentIntent | null;
    if (intent === null) return { status: 'none', charges: 0 };
    const charges = await this.f.stripe.charges.list({ payment_intent: intent.id, limit: 100 });
    return { status: intent.status, charges: charges.data.filter(({ paid }) => paid).length };
  }
}

export async function fillCard(page: Page, number = '4242424242424242'): Promise<void> {
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expires (MM/YY)').fill('04/34');
  await page.getByLabel('Security code').fill('123');
}

/** By how many pixels a page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
