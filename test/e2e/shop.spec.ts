import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openShop } from '../../apps/sample-shop/server.js';
import { describeInBrowser } from '../support/browser.js';
import { ASKS_THE_BANK, DECLINED, GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  describe('paying', () => {
    test('on Stripe’s page: everything is delivered and charged', async () => {
      const order = await customer.order({ 'harbour-tour': 1, 'day-ticket': 2 });
      await customer.choose('hosted');
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
      expect(await customer.money()).toEqual({ reserved: '€49.00', captured: '€49.00', released: '€0.00' });
      const qrCode = customer.page.getByRole('img', { name: 'QR code: Harbour tour' });
      expect(await qrCode.getAttribute('src')).toMatch(/^data:image\//);
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 4900 }]);
    });

    test('by card form: what was not delivered is released (S35)', async () => {
      const order = await customer.order({ 'harbour-tour': 1, 'fail-roof-concert': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('PartiallyFulfilled');
      expect(await customer.money()).toEqual({ reserved: '€55.00', captured: '€24.00', released: '€31.00' });
      expect(await customer.page.getByTestId('timeline').textContent()).toContain('Your bank reserved the money');
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 2400 }]);
      expect(customer.faults).toEqual([]);
    });

    test('nothing could be delivered: all of it is released', async () => {
      const order = await customer.order({ 'fail-roof-concert': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('FulfillmentError');
      expect(await customer.money()).toEqual({ reserved: '€31.00', captured: '€0.00', released: '€31.00' });
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 0 }]);
    });

    test('the result page follows the order while its tickets are on their way', async () => {
      await f.holdfast.stopWorker();
      try {
        await customer.order({ 'harbour-tour': 1 });
        await customer.choose('card');
        await customer.fillCard(GOOD);
        await customer.pay();
        await customer.until('Paid');
        expect(await customer.money()).toEqual({ reserved: '€24.00', captured: '€0.00', released: '€0.00' });
      } finally {
        await f.holdfast.startWorker();
      }
      await customer.until('Fulfilled');
      expect(await customer.money()).toEqual({ reserved: '€24.00', captured: '€24.00', released: '€0.00' });
      expect(await customer.page.getByRole('status').textContent()).toBe('Your tickets are here');
    });

    test('declined, then another card', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(DECLINED);
      await customer.pay();
      await customer.page.getByTestId('card-message').getByText('Your card was declined.').waitFor();
      expect((await f.holdfast.api.order(order)).orderStatus).toBe('Payment');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toHaveLength(1);
    });

    test('3-D Secure completed', async () => {
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(ASKS_THE_BANK);
      await customer.pay();
      await customer.answerBank('complete');
      await customer.until('Fulfilled');
    });

    test('3-D Secure failed, then another card', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(ASKS_THE_BANK);
      await customer.pay();
      await customer.answerBank('fail');
      await customer.page.getByTestId('card-message').getByText('unable to authenticate').waitFor();
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 0 }]);
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('Fulfilled');
    });

    test('a double click on pay pays once', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.page.getByTestId('pay').dblclick();
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 2400 }]);
      expect(
        await f.holdfast.controls.writes(`${(await f.holdfast.controls.ledger(order))[0]?.id}/confirm`),
      ).toHaveLength(1);
    });

    test('an order that is sent twice is made once; with other tickets it is another', async () => {
      await customer.page.goto(f.shop.url);
      const cart = (await customer.page.locator('[name=cart]').getAttribute('value')) ?? '';
      const send = (quantity: string) => customer.post('/orders', { cart, 'harbour-tour': quantity });
      const [first, again, other] = await Promise.all([send('1'), send('1'), send('2')]);
      expect(first).toMatch(/^\/orders\/26-/);
      expect(again).toBe(first);
      expect(other).not.toBe(first);
    });

    test('paid in another tab meanwhile: the page finds out, and nothing is paid twice', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      const secret = (await customer.page.locator('#card-form').getAttribute('data-client-secret')) ?? '';
      await f.holdfast.controls.confirm(secret);
      await f.holdfast.api.orderIn(order, 'Fulfilled');
      await customer.pay();
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 2400 }]);
    });

    test('a free order needs no payment (S15)', async () => {
      await customer.order({ 'city-map': 1 });
      await customer.page.getByTestId('continue').click();
      await customer.until('Fulfilled');
    });
  });

  describe('changing one’s mind', () => {
    test('back from Stripe’s page, then by card', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      await customer.page.getByTestId('back').click();
      await customer.page.getByText('You came back without paying').waitFor();
      await customer.page.getByTestId('another-way').click();
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toHaveLength(1);
    });

    test('reloading the card form goes on with the same payment (S04)', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      const secret = () => customer.page.locator('#card-form').getAttribute('data-client-secret');
      const before = await secret();
      await customer.page.reload();
      expect(await secret()).toBe(before);
      expect((await f.holdfast.api.order(order)).orderStatus).toBe('Payment');
    });
  });

  describe('what the shop does not let happen', () => {
    test('prices come from the server: a form that names its own is not believed', async () => {
      await customer.page.goto(f.shop.url);
      const form = { cart: '1', 'harbour-tour': '1', price: '1', unitAmount: '1', 'fail-x': '3' };
      const number = (await customer.post('/orders', form)).split('/').at(-1) ?? '';
      expect(await f.holdfast.api.order(number)).toMatchObject({ totalAmount: 2400, items: [{ sku: 'harbour-tour' }] });
    });

    test('another customer’s order looks like one that does not exist (invariant 10)', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      const stranger = await f.visit();
      await stranger.page.goto(f.shop.url);
      const read = async (number: string) => {
        const response = await stranger.page.goto(`${f.shop.url}/orders/${number}/status`);
        return { status: response?.status(), text: await response?.text() };
      };
      expect(await read(order)).toEqual(await read('26-999999'));
      expect((await read(order)).status).toBe(404);
    });

    test('the partner key reaches no page', async () => {
      const pages: string[] = [];
      const look = async () => pages.push(await customer.page.content());
      await customer.page.goto(f.shop.url);
      await look();
      await customer.order({ 'harbour-tour': 1 });
      await look();
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await look();
      await customer.pay();
      await customer.until('Fulfilled');
      await look();
      const all = pages.join('\n');
      expect(all).toContain('pk_test_holdfast');
      expect(all).not.toMatch(/hf_test_|hf_live_/);
    });

    test('behind a proxy: customers come back to the address that they know, and their cookie goes nowhere else', async () => {
      const shopUrl = 'https://shop.example';
      const proxied = await openShop({ ...f.options, shopUrl, dataDir: join(f.options.dataDir, 'proxied') });
      const post = (path: string, form: Record<string, string>, cookie = '') =>
        fetch(proxied.url + path, {
          ...{ method: 'POST', redirect: 'manual', headers: { cookie } },
          body: new URLSearchParams(form),
        });
      try {
        const ordered = await post('/orders', { cart: 'proxied', 'harbour-tour': '1' });
        const cookie = ordered.headers.get('set-cookie') ?? '';
        expect(cookie).toMatch(/; Secure$/);
        const order = ordered.headers.get('location') ?? '';
        const page = await post(`${order}/payment`, { how: 'hosted' }, cookie.split(';')[0]);
        const session = /\/(cs_\w+)/.exec(page.headers.get('location') ?? '')?.[1] ?? '';
        expect(await f.holdfast.stripe.checkout.sessions.retrieve(session)).toMatchObject({
          success_url: `${shopUrl}${order}/status`,
          cancel_url: `${shopUrl}${order}?back`,
        });
      } finally {
        await proxied.close();
      }
    });

    test('nothing chosen, nothing ordered', async () => {
      await customer.page.goto(f.shop.url);
      await customer.page.getByTestId('order').click();
      await customer.page.getByRole('alert').getByText('Please choose at least one ticket.').waitFor();
    });
  });
});
