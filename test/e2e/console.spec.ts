import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { violations } from '../support/axe.js';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import type { Receiver } from '../support/receiver.js';
import { dyingRelease, fill, HOSTILE, operatorAt, overflow, plantCase } from './console.fixture.js';

const KEY = 'key-of-the-console';
const WIDTHS = [390, 1280];

describeInBrowser('the console', () => {
  let holdfast: Holdfast;
  let browser: Browser;
  let orders: Record<string, string>;
  let receiver: Receiver;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    holdfast = await Holdfast.start({ environment: { OPERATOR_KEY: KEY } });
    browser = await openBrowser();
    ({ orders, receiver } = await fill(holdfast));
  });
  afterAll(async () => {
    await holdfast.stop();
    await receiver.stop();
  });
  beforeEach(async () => {
    visitor = await operatorAt(browser, holdfast, KEY);
    ({ page } = visitor);
  });
  afterEach(async () => {
    expect(visitor.faults).toEqual([]);
    expect(visitor.outside).toEqual([]);
    await visitor.context.close();
  });

  const open = (path = '') => page.goto(`${holdfast.api.url}/console${path}`);
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  const find = async (text: string) => {
    await page.getByRole('searchbox').fill(text);
    await press('Find');
  };
  const notice = () => page.getByRole('status').innerText();

  it.each(WIDTHS)('has no barrier at %i px, by day and by night, and nothing beyond its edge', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const ofOrders = Object.values(orders).map((number) => `/orders/${number}`);
    const found: unknown[] = [];
    for (const path of ['', '/orders', '/orders?query=nobody', '/endpoints', ...ofOrders]) {
      await open(path);
      // What is folded is looked at too.
      await page.evaluate('document.querySelectorAll("details").forEach((part) => { part.open = true; })');
      const faults = await violations(page);
      const beyond = await overflow(page);
      if (faults.length > 0 || beyond > 0) found.push({ path, faults, beyond });
    }
    expect(found).toEqual([]);
  });

  it('finds an order by its payment intent, and tells where its money is', async () => {
    const order = (await holdfast.api.order(orders.partly ?? '')) as { payment: { paymentIntentId: string } };
    await open();
    await find(order.payment.paymentIntentId);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(`Order ${orders.partly}`);
    const picture = page.getByRole('img');
    expect(await picture.getAttribute('aria-label')).toBe(
      'Of 21.50 EUR: 12.50 EUR charged and kept · 9.00 EUR released, not charged.',
    );
    // The bars have the widths of the amounts, and the colours of the stylesheet.
    const bars = await page.evaluate<[number, string][]>(
      '[...document.querySelectorAll("svg rect")].map((bar) => [Number(bar.getAttribute("width")), getComputedStyle(bar).fill])',
    );
    expect(bars.map(([width]) => width)).toEqual([581, 419]);
    expect(new Set(bars.map(([, fill]) => fill)).size).toBe(2);
    const region = page.getByRole('region', { name: 'Where its money is' });
    expect(await region.innerText()).toContain('12.50 EUR charged and kept');
    const attempts = page.getByRole('region', { name: /Attempts to pay/ });
    expect(await attempts.getByRole('link').getAttribute('href')).toBe(`${holdfast.sandbox.url}/`);
    const told = page.getByRole('region', { name: /Notifications/ });
    expect(await told.getByRole('listitem').filter({ hasText: 'order.partially_fulfilled' }).innerText()).toContain(
      'Delivered',
    );
  });

  it('replays a dead job until the order ends right', async () => {
    const number = await dyingRelease(holdfast);
    await open();
    const card = page.getByRole('article').filter({ hasText: number });
    expect(await card.innerText()).toMatch(/payments\.release[^]*Given up after 1 try: .*Stripe/);
    await card.getByRole('button', { name: 'Replay the job' }).click();
    expect(await notice()).toContain('in its queue');
    expect(await page.getByRole('article').filter({ hasText: number }).count()).toBe(0);
    await find(number);
    await eventually(
      async () => {
        await page.reload();
        return page.getByRole('main').innerText();
      },
      (text) => text.includes('Canceled') && text.includes('12.50 EUR released, not charged'),
    );
  });

  it('closes a case that was dealt with, with the keyboard alone, after asking once more', async () => {
    const number = orders.canceled ?? '';
    await plantCase(holdfast, 'refund-returned', number);
    await open(`/orders/${number}`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content');
    await page.keyboard.press('Enter');
    await page.locator('summary').first().focus();
    expect(await page.getByRole('button', { name: /I have dealt with it/ }).isVisible()).toBe(false);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await Promise.all([page.waitForURL('**/orders/*?notice=closed'), page.keyboard.press('Enter')]);
    expect(await notice()).toContain('The case is closed');
    expect(await page.getByRole('article').count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Timeline' }).innerText()).toContain('operator.case_closed');
  });

  it('shows hostile texts as texts', async () => {
    await open(`/orders/${orders.hostile}`);
    await page.getByText('Metadata of the partner').click();
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('<script>document.title="owned"</script>');
    expect(text).toContain('[U+202E]gpj.exe[U+202C]');
    expect(text).toContain(HOSTILE.sku);
    expect(text).toContain('<i>k</i>');
    expect(await page.title()).toBe(`Order ${orders.hostile} · Holdfast console`);
    expect(await page.evaluate('document.querySelectorAll("script, main img, [onclick]").length')).toBe(0);
  });

  it('does nothing for a form on another site, though the browser knows the password', async () => {
    await plantCase(holdfast, 'planted-elsewhere', 'pi_elsewhere');
    await open();
    const form = page.locator('form[action^="/console/cases/"]').filter({ hasText: 'case' }).last();
    const action = (await form.getAttribute('action')) ?? '';
    const elsewhere = `http://localhost:${holdfast.config.port}`;
    const stranger = await visitor.context.newPage();
    await stranger.route(`${elsewhere}/trap`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${holdfast.api.url}${action}"><button>Win</button></form>`,
      }),
    );
    await stranger.goto(`${elsewhere}/trap`);
    const answer = stranger.waitForResponse((response) => response.request().method() === 'POST');
    await stranger.getByRole('button').click();
    expect((await answer).status()).toBe(403);
    await open();
    expect(await page.getByRole('article').filter({ hasText: 'planted-elsewhere' }).count()).toBe(1);
  });
});
