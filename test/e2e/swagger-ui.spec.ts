import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { Holdfast } from '../support/holdfast.js';

/** What the answers shown there hold, as far as a reader looks at it. */
interface Body {
  readonly accountId: string;
  readonly order: { readonly orderNumber: string; readonly orderStatus: string };
  readonly initPaymentData: { readonly checkoutUrl: string; readonly sessionId: string };
  readonly data: readonly { readonly to?: string }[];
}

/** What a reader of `/docs` does with one call, once it is unfolded. */
class Call {
  constructor(private readonly block: Locator) {}

  async execute(orderNumber?: string): Promise<{ status: string; body: Body }> {
    if (orderNumber !== undefined) await this.block.getByPlaceholder('orderNumber').fill(orderNumber);
    const clear = this.block.getByRole('button', { name: 'Clear' });
    if (await clear.isVisible()) {
      await clear.click();
      // The page draws itself anew for a second, and the button to press moves meanwhile.
      await clear.waitFor({ state: 'detached' });
    }
    await this.block.getByRole('button', { name: 'Execute' }).click();
    const answer = this.block.locator('.live-responses-table').first();
    const status = await answer.locator('tbody .response-col_status').first().innerText();
    const body = await answer.locator('.highlight-code code').first().innerText();
    return { status: status.split('\n')[0] ?? '', body: JSON.parse(body) as Body };
  }

  get body(): Locator {
    return this.block.locator('textarea.body-param__text');
  }
}

describeInBrowser('Swagger UI at /docs', () => {
  let holdfast: Holdfast;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    holdfast = await Holdfast.start();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await holdfast.stop();
  });
  beforeEach(async () => {
    visitor = await Visitor.come(browser, [holdfast.api.url, holdfast.sandbox.url]);
    await visitor.page.goto(`${holdfast.api.url}/docs`);
    await authorize('hf_test_demo');
  });
  afterEach(async () => {
    expect(visitor.faults).toEqual([]);
    expect(visitor.outside).toEqual([]);
    await visitor.context.close();
  });

  async function authorize(key: string): Promise<void> {
    const { page } = visitor;
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.locator('.auth-container input').fill(key);
    await page.locator('.auth-btn-wrapper').getByRole('button', { name: 'Apply credentials' }).click();
    await page.locator('.auth-btn-wrapper').getByRole('button', { name: 'Close' }).click();
  }

  /** Finds a call by what stands in its line, and unfolds it. */
  async function unfold(method: string, path: string): Promise<Call> {
    const block = visitor.page
      .locator(`.opblock-${method.toLowerCase()}`)
      .filter({ has: visitor.page.locator(`[data-path="${path}"]`) });
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Execute' }).waitFor();
    return new Call(block);
  }

  /** Steps 2 and 3 of what the page tells: an account, and an order from the example. @returns the order's number */
  async function createOrder(): Promise<string> {
    const account = await (await unfold('POST', '/v1/accounts')).execute();
    expect(account).toMatchObject({ status: expect.stringMatching(/^20[01]$/), body: { name: 'Ada Lovelace' } });
    const creation = await unfold('POST', '/v1/orders');
    const example = await creation.body.inputValue();
    expect(example).toMatch(/"accountId": "acc_… \(put/);
    await creation.body.fill(example.replace(/"acc_….*?"/, `"${account.body.accountId}"`));
    const created = await creation.execute();
    expect(created).toMatchObject({ status: '201', body: { order: { orderStatus: 'Placed', totalAmount: 2500 } } });
    return created.body.order.orderNumber;
  }

  it('plays an order with the demo key: create, init payment, read, timeline, abandon, cancel', async () => {
    const number = await createOrder();
    const init = await (await unfold('PUT', '/v1/orders/{orderNumber}/payment')).execute(number);
    expect(init).toMatchObject({ status: '200', body: { initPaymentData: { result: true } } });
    expect(init.body.initPaymentData.checkoutUrl).toContain(holdfast.sandbox.url);

    const reading = await unfold('GET', '/v1/orders/{orderNumber}');
    expect(await reading.execute(number)).toMatchObject({
      status: '200',
      body: { order: { orderStatus: 'Payment' } },
    });
    const timeline = await (await unfold('GET', '/v1/orders/{orderNumber}/timeline')).execute(number);
    expect(timeline.body.data.map(({ to }) => to)).toContain('Payment');

    const abandon = await unfold('DELETE', '/v1/orders/{orderNumber}/payment');
    expect(await abandon.execute(number)).toMatchObject({
      status: '200',
      body: { order: { orderStatus: 'Placed' } },
    });
    const cancel = await unfold('POST', '/v1/orders/{orderNumber}/cancel');
    expect(await cancel.execute(number)).toMatchObject({
      status: '200',
      body: { order: { orderStatus: 'Canceled' } },
    });
    expect(await reading.execute(number)).toMatchObject({ body: { order: { orderStatus: 'Canceled' } } });
  });

  it('leads to the hosted page and back, as its first lines tell', async () => {
    const { page } = visitor;
    const number = await createOrder();
    const payment = await unfold('PUT', '/v1/orders/{orderNumber}/payment');
    // As it stands, though this service is not on the default port.
    const { body } = await payment.execute(number);

    await page.goto(body.initPaymentData.checkoutUrl);
    const card = { cardNumber: '4242424242424242', cardExpiry: '12 / 34', cardCvc: '123', billingName: 'Ada' };
    for (const [name, value] of Object.entries(card)) await page.locator(`[name=${name}]`).fill(value);
    await page.getByTestId('pay').click();

    await page.waitForURL(`${holdfast.api.url}/docs?paid=${body.initPaymentData.sessionId}*`);
    await holdfast.api.orderIn(number, 'Fulfilled');
    // The key is still known: nobody has to enter it twice.
    const reading = await unfold('GET', '/v1/orders/{orderNumber}');
    expect(await reading.execute(number)).toMatchObject({
      status: '200',
      body: { order: { orderStatus: 'Fulfilled' } },
    });
  });

  it('names every group, and fits a phone', async () => {
    const { page } = visitor;
    await page.setViewportSize({ width: 390, height: 844 });
    const groups = await page.evaluate<[string, string | undefined][]>(
      "[...document.querySelectorAll('.opblock-tag')].map((tag) => [tag.dataset.tag, tag.querySelector('small')?.textContent])",
    );
    expect(groups.length).toBeGreaterThan(5);
    for (const [name, description] of groups) expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
  });
});
