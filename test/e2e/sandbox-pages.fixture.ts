import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import type Stripe from 'stripe';
import { openReceiver, openSandbox, type Fixture, type Receiver } from '../sandbox/sandbox.fixture.js';

const CHROMIUM = '/usr/bin/chromium';
export const MISSING_BROWSER = existsSync(CHROMIUM) ? undefined : 'Chromium (Debian: apt-get install chromium)';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

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
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    return new PagesFixture(f, receiver, await chromium.launch({ executablePath: CHROMIUM, args }));
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.receiver.close();
    await this.f.sandbox.close();
  }

  async page(options: { width?: number; javaScriptEnabled?: boolean } = {}): Promise<Page> {
    const { width = 1280, javaScriptEnabled = true } = options;
    const page = await this.browser.newPage({ viewport: { width, height: 800 }, javaScriptEnabled });
    page.on('request', (request) => this.asked.push(request.url()));
    page.setDefaultTimeout(20_000);
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

/** What axe finds that keeps people out, in words. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** By how many pixels a page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
