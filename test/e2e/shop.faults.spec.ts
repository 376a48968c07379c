import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { EVERY_TRY } from '../support/payment-steps.js';
import { GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';
import { Gate } from './shop.gate.js';

const UNAVAILABLE = 'We cannot be reached right now';

let f: ShopFixture;
let gate: Gate;
let customer: Customer;
describeInBrowser('the sample shop, when Holdfast or Stripe cannot', () => {
  useShop(
    async (fixture) => {
      f = fixture;
      customer = await f.visit();
    },
    async (url) => {
      gate = await Gate.before(url);
      return gate.url;
    },
  );
  afterAll(() => gate.close());
  afterEach(async () => {
    gate.open();
    await f.holdfast.controls.clearFaults();
  });

  const heading = (name: string) => customer.page.getByRole('heading', { name }).waitFor();
  const again = () => customer.page.getByTestId('again').click();
  async function payByCard(): Promise<void> {
    await customer.choose('card');
    await customer.payWith(GOOD);
    await customer.until('Fulfilled');
  }

  describe.each([
    ['is down', 'cut' as const, UNAVAILABLE],
    ['is unavailable', { status: 503, code: 'payment-provider-unavailable', retryAfter: 2 }, UNAVAILABLE],
    ['is at its limit', { status: 429, code: 'rate-limited', retryAfter: 7 }, 'A great many people are here'],
    ['knows the shop no more', { status: 401, code: 'unauthenticated' }, UNAVAILABLE],
  ])('Holdfast %s', (_name, refusal, says) => {
    test('when the order is placed: the same tickets are ordered with one click', async () => {
      await customer.page.goto(f.shop.url);
      await customer.page.locator('#harbour-tour').fill('2');
      gate.refuse(refusal);
      await customer.page.getByTestId('order').click();
      await heading(says);
      expect(await customer.barriers()).toEqual([]);
      gate.open();
      await again();
      await customer.page.getByTestId('total').getByText('€48.00').waitFor();
      await payByCard();
    });

    test('when the payment begins: the same choice is sent with one click', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      gate.refuse(refusal, /^PUT .*\/payment$/);
      await customer.choose('hosted');
      await heading(says);
      gate.open();
      await again();
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 2400 }]);
    });

    test('while the result is followed: the page says so, and goes on by itself', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.page.goto(`${f.shop.url}/orders/${order}/status`);
      gate.refuse(refusal);
      const trouble = customer.page.getByText('We cannot be reached right now. This page goes on by itself.');
      await trouble.waitFor();
      expect(await customer.page.getByTestId('order-status').textContent()).toBe('Placed');
      expect(await customer.barriers()).toEqual([]);
      gate.open();
      await trouble.waitFor({ state: 'detached' });
      await customer.page.getByTestId('to-payment').click();
      await payByCard();
    });
  });

  test('the seconds that Holdfast asks for are told, to people and to machines', async () => {
    await customer.page.goto(f.shop.url);
    gate.refuse({ status: 429, code: 'rate-limited', retryAfter: 7 });
    const answer = await customer.page.goto(`${f.shop.url}/orders`);
    await customer.page.getByText('Please try again in 7 seconds.').waitFor();
    expect([answer?.status(), answer?.headers()['retry-after']]).toEqual([429, '7']);
  });

  test('an account token that is no longer valid is replaced by another, unseen', async () => {
    await customer.order({ 'harbour-tour': 1 });
    // An hour and a bit later for Holdfast; the shop's own clock has not moved.
    await f.holdfast.controls.advance(3700);
    const refused = await f.holdfast.app.inject({ url: '/v1/orders', headers: { authorization: 'Bearer x' } });
    expect(refused.statusCode).toBe(401);
    await payByCard();
  });

  describe('Stripe does not answer', () => {
    test('when the payment begins: the page that is asked for again begins it once', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      const lost = { kind: 'drop_after', method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY };
      await f.holdfast.controls.fault(lost);
      await customer.choose('card');
      await heading(UNAVAILABLE);
      await f.holdfast.controls.clearFaults();
      await again();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 2400 }]);
    });

    test('when a payment is given up: the order’s page waits until it is undone, and can be paid another way', async () => {
      const order = await customer.toCardForm();
      const cancel = { kind: 'error', status: 500, method: 'POST', path: '/v1/payment_intents/.*/cancel', times: 500 };
      await f.holdfast.controls.fault(cancel);
      await customer.page.getByTestId('another-way').click();
      await heading(UNAVAILABLE);
      const other = await customer.tab(`/orders/${order}`);
      await other.page.getByRole('heading', { name: 'Your last payment is being undone' }).waitFor();
      expect(await other.page.getByTestId('to-payment').count()).toBe(0);
      expect(await other.barriers()).toEqual([]);
      await f.holdfast.controls.clearFaults();
      // It would be undone by itself; the customer need not wait.
      await again();
      await customer.page.getByTestId('continue').waitFor();
      await other.page.getByTestId('to-payment').click();
      await other.choose('card');
      await other.payWith(GOOD);
      await other.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual([
        { reserved: 0, charged: 0 },
        { reserved: 0, charged: 2400 },
      ]);
    });

    test('the payment is being released when init is asked for (409): shown as such, without a circle', async () => {
      const order = await customer.toCardForm();
      gate.refuse({ status: 409, code: 'payment-being-released', retryAfter: 1 }, /^PUT .*\/payment$/);
      await customer.page.reload();
      await customer.page.waitForURL(`**/orders/${order}/status`);
      gate.open();
      await customer.page.getByTestId('to-payment').click();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
    });

    test('Stripe’s script cannot be loaded: the page says what to do', async () => {
      await customer.page.route('**/stripe.js', (route) => route.abort());
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.page.getByText('The card form could not be loaded.').waitFor();
      await customer.page.getByTestId('another-way').click();
      await customer.choose('hosted');
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
    });

    test('a payment that Stripe refuses for good: the order can be paid another way', async () => {
      await customer.order({ 'harbour-tour': 1 });
      const refused = {
        kind: 'error',
        status: 400,
        code: 'amount_too_small',
        method: 'POST',
        path: '/v1/checkout/sessions',
      };
      await f.holdfast.controls.fault({ ...refused, times: 1 });
      await customer.choose('hosted');
      await heading('This payment could not be made');
      await customer.page.getByRole('link', { name: 'Choose another way to pay' }).click();
      await payByCard();
    });
  });
});
