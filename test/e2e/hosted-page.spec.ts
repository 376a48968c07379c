import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { Holdfast } from '../support/holdfast.js';
import { close, listen } from '../support/listener.js';
import { pageOf, sessionIdOf } from '../support/payment-steps.js';

const VISA = '4242424242424242';
const DECLINED = '4000000000000002';
const ASKS_THE_BANK = '4000002760003184';
const SESSION_SECONDS = 24 * 3600;

describeInBrowser('paying on the hosted page', () => {
  let holdfast: Holdfast;
  let browser: Browser;
  let visitor: Visitor;
  /** The shop's own pages, wherever the customer is sent back to. */
  let pages: Server;
  let shop: string;
  let checkout: object;
  let order: { number: string; answer: string; url: string; sessionId: string };

  beforeAll(async () => {
    holdfast = await Holdfast.start();
    browser = await openBrowser();
    const { server, port } = await listen((_, response) => response.end('The shop'));
    pages = server;
    shop = `http://127.0.0.1:${port}`;
    checkout = {
      createCheckoutSession: true,
      successUrl: `${shop}/paid?session={CHECKOUT_SESSION_ID}`,
      errorUrl: `${shop}/cart`,
    };
  });
  afterAll(async () => {
    await close(pages);
    await holdfast.stop();
  });
  beforeEach(async () => {
    const number = await holdfast.api.placeOrder({ items: [{ quantity: 2, unitAmount: 1250 }] });
    const answer = await holdfast.api.init(number, checkout);
    order = { number, answer: answer.text, url: pageOf(answer), sessionId: sessionIdOf(answer) };
    visitor = await Visitor.come(browser, [holdfast.sandbox.url, shop]);
    await visitor.page.goto(order.url);
  });
  afterEach(async () => {
    // A browser reports a refused card (402) and an expired page (410) as resources that failed.
    expect(visitor.faults.filter((fault) => !/status of 4(02|10)/.test(fault))).toEqual([]);
    expect(visitor.outside).toEqual([]);
    await visitor.context.close();
  });

  async function payWith(cardNumber: string): Promise<void> {
    const { page } = visitor;
    const fields = { cardNumber, cardExpiry: '12 / 34', cardCvc: '123', billingName: 'Ada Lovelace' };
    for (const [name, value] of Object.entries(fields)) await page.locator(`[name=${name}]`).fill(value);
    await page.getByTestId('pay').click();
  }

  async function expectPaid(): Promise<void> {
    await visitor.page.waitForURL(`${shop}/paid?session=${order.sessionId}`);
    const { payment } = await holdfast.api.orderIn(order.number, 'Fulfilled');
    expect(payment).toMatchObject({ procedure: 'checkout', status: 'Captured', amountCaptured: 2500 });
    expect(await holdfast.controls.ledger(order.number)).toMatchObject([{ amount_received: 2500 }]);
  }

  it('shows what is bought, takes the card, and leads to the shop', async () => {
    expect(await visitor.page.getByTestId('total').textContent()).toContain('25.00');
    await payWith(VISA);
    await expectPaid();
  });

  it('says that a card was declined, and takes another (S25)', async () => {
    await payWith(DECLINED);
    await visitor.page
      .getByTestId('cardNumber-error')
      .getByText(/declined/i)
      .waitFor();
    expect(visitor.page.url()).toBe(order.url);
    expect((await holdfast.api.order(order.number)).orderStatus).toBe('Payment');

    await payWith(VISA);
    await expectPaid();
  });

  it('is paid once the bank has been answered, and not before (S32)', async () => {
    await payWith(ASKS_THE_BANK);
    await visitor.page.getByTestId('challenge-complete').waitFor();
    expect((await holdfast.api.order(order.number)).orderStatus).toBe('Payment');
    expect(await holdfast.controls.ledger(order.number)).toMatchObject([{ status: 'requires_action' }]);

    await visitor.page.getByTestId('challenge-complete').click();
    await expectPaid();
  });

  it('is back on the page when the bank was not convinced, and takes another card (S25)', async () => {
    await payWith(ASKS_THE_BANK);
    await visitor.page.getByTestId('challenge-fail').click();
    await visitor.page.getByTestId('cardNumber-error').waitFor();
    expect(visitor.page.url()).toBe(order.url);
    expect((await holdfast.api.order(order.number)).orderStatus).toBe('Payment');

    await payWith(VISA);
    await expectPaid();
  });

  it('leads back to the shop without paying; the payment stays, and init gives the same answer', async () => {
    await visitor.page.getByTestId('back').click();
    await visitor.page.waitForURL(`${shop}/cart`);

    expect((await holdfast.api.order(order.number)).orderStatus).toBe('Payment');
    expect((await holdfast.api.init(order.number, checkout)).text).toBe(order.answer);
    await visitor.page.goto(order.url);
    await payWith(VISA);
    await expectPaid();
  });

  it('cannot be paid once it has expired; the order can be paid anew', async () => {
    await holdfast.controls.advance(SESSION_SECONDS + 60);
    await payWith(VISA);

    await visitor.page.getByRole('heading', { name: /expired/i }).waitFor();
    await holdfast.api.orderIn(order.number, 'Placed');
    expect(await holdfast.controls.ledger(order.number)).toEqual([]);
    const again = await holdfast.api.init(order.number, checkout);
    order = { ...order, sessionId: sessionIdOf(again), url: pageOf(again) };
    await visitor.page.goto(order.url);
    await payWith(VISA);
    await expectPaid();
  });
});
