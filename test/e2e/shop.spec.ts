import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { ShopFixture, type Customer } from './shop.fixture.js';

const GOOD = '4242424242424242';
const DECLINED = '4000000000000002';
const ASKS_THE_BANK = '4000002760003184';

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop', () => {
  beforeAll(async () => {
    f = await ShopFixture.open();
  }, 60_000);
  afterAll(() => f.close());
  beforeEach(async () => {
    customer = await f.visit();
  });

  /** What really happened to the money, as Stripe has it. */
  async function atStripe(orderNumber: string) {
    const ledger = await f.holdfast.controls.ledger(orderNumber);
    return ledger.map(({ amount, amount_capturable, amount_received }) => ({
      amount,
      amount_capturable,
      amount_received,
    }));
  }

  describe('paying', () => {
    test('on Stripe’s page: everything is delivered and charged', async () => {
      const order = await customer.order({ 'harbour-tour': 1, 'day-ticket': 2 });
      await customer.choose('hosted');
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
      expect(await customer.money()).toEqual({ reserved: '€49.00', captured: '€49.00', released: '€0.00' });
      expect(await atStripe(order)).toEqual([{ amount: 4900, amount_capturable: 0, amount_received: 4900 }]);
    });

    test('by card form: what was not delivered is released (S35)', async () => {
      const order = await customer.order({ 'harbour-tour': 1, 'fail-roof-concert': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('PartiallyFulfilled');
      expect(await customer.money()).toEqual({ reserved: '€55.00', captured: '€24.00', released: '€31.00' });
      expect(await customer.page.getByTestId('timeline').textContent()).toContain('The money was reserved');
      expect(await atStripe(order)).toEqual([{ amount: 5500, amount_capturable: 0, amount_received: 2400 }]);
      expect(customer.faults).toEqual([]);
    });

    test('nothing could be delivered: all of it is released', async () => {
      const order = await customer.order({ 'fail-roof-concert': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('FulfillmentError');
      expect(await customer.money()).toEqual({ reserved: '€31.00', captured: '€0.00', released: '€31.00' });
      expect(await atStripe(order)).toEqual([{ amount: 3100, amount_capturable: 0, amount_received: 0 }]);
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
      expect(await atStripe(order)).toHaveLength(1);
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
      expect(await atStripe(order)).toEqual([{ amount: 2400, amount_capturable: 0, amount_received: 0 }]);
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
      expect(await atStripe(order)).toEqual([{ amount: 2400, amount_capturable: 0, amount_received: 2400 }]);
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
      expect(await atStripe(order)).toEqual([{ amount: 2400, amount_capturable: 0, amount_received: 2400 }]);
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
      expect(await atStripe(order)).toHaveLength(1);
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

  describe('saved cards', () => {
    async function save(card: string): Promise<void> {
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card', { save: true });
      await customer.fillCard(card);
      await customer.pay();
      if (card === ASKS_THE_BANK) await customer.answerBank('complete');
      await customer.until('Fulfilled');
    }
    const saved = () => customer.page.getByRole('radio', { name: /ending in/ });

    test('one click pays with a saved card, and a forgotten card is gone', async () => {
      await save(GOOD);
      await customer.order({ 'day-ticket': 1 });
      await saved().check();
      await customer.page.getByTestId('continue').click();
      await customer.until('Fulfilled');

      await customer.order({ 'day-ticket': 1 });
      await customer.page.getByRole('button', { name: 'Forget the Visa ending in 4242' }).click();
      await saved().waitFor({ state: 'detached' });
    });

    test('one click that the bank asks about is confirmed on the page', async () => {
      await save(ASKS_THE_BANK);
      const order = await customer.order({ 'day-ticket': 1 });
      await saved().check();
      await customer.page.getByTestId('continue').click();
      await customer.page.getByTestId('confirm-at-bank').click();
      await customer.answerBank('complete');
      await customer.until('Fulfilled');
      expect(await atStripe(order)).toEqual([{ amount: 1250, amount_capturable: 0, amount_received: 1250 }]);
    });

    test('a card that was not to be saved is not', async () => {
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('Fulfilled');
      await customer.order({ 'day-ticket': 1 });
      expect(await saved().count()).toBe(0);
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

    test('nothing chosen, nothing ordered', async () => {
      await customer.page.goto(f.shop.url);
      await customer.page.getByTestId('order').click();
      await customer.page.getByRole('alert').getByText('Please choose at least one ticket.').waitFor();
    });
  });

  describe.each([1280, 390])('everyone can use it, %i px wide', (width) => {
    const check = async () => ({
      barriers: await customer.barriers(),
      overflows: await customer.overflows(),
      jumps: (await customer.jumps()) > 0.01,
    });
    const fine = { barriers: [], overflows: false, jumps: false };
    beforeEach(async () => {
      customer = await f.visit(width);
    });

    test('the card form with an error, and the result', async () => {
      await customer.page.goto(f.shop.url);
      expect(await check()).toEqual(fine);
      await customer.order({ 'harbour-tour': 1, 'fail-roof-concert': 1 });
      expect(await check()).toEqual(fine);
      await customer.choose('card');
      await customer.fillCard(DECLINED);
      await customer.pay();
      await customer.page.getByTestId('card-message').getByText('declined').waitFor();
      expect(await check()).toEqual(fine);
      await customer.fillCard(GOOD);
      await customer.pay();
      await customer.until('PartiallyFulfilled');
      expect(await check()).toEqual(fine);
      expect(customer.faults).toEqual([]);
    });

    test('Stripe’s page with an error, and the way back', async () => {
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      expect(await check()).toEqual(fine);
      await customer.payOnStripesPage(DECLINED);
      await customer.page.getByTestId('cardNumber-error').waitFor();
      expect(await check()).toEqual(fine);
      await customer.page.getByTestId('back').click();
      await customer.page.getByTestId('go-on').waitFor();
      expect(await check()).toEqual(fine);
    });

    test('the bank’s page over the shop’s', async () => {
      await customer.order({ 'harbour-tour': 1 });
      await customer.choose('card');
      await customer.fillCard(ASKS_THE_BANK);
      await customer.pay();
      await customer.page
        .getByTestId('challenge')
        .locator('iframe')
        .contentFrame()
        .getByTestId('challenge-fail')
        .waitFor();
      expect(await check()).toEqual(fine);
    });
  });

  test('all of it works with the keyboard alone', async () => {
    const { keyboard } = customer.page;
    const focused = () =>
      customer.page.evaluate<string>('(document.activeElement.shadowRoot ?? document).activeElement.id');
    const tabTo = async (pattern: RegExp) => {
      for (let presses = 0; presses < 20; presses++) {
        if (pattern.test(await focused())) return;
        await keyboard.press('Tab');
      }
      throw new Error(`${String(pattern)} cannot be reached`);
    };
    await customer.page.goto(f.shop.url);
    await tabTo(/^harbour-tour$/);
    await keyboard.type('1');
    await keyboard.press('Enter');
    await customer.page.getByRole('radio', { name: /On Stripe’s page/ }).focus();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await customer.page.getByLabel('Card number').waitFor();
    await tabTo(/^stripe-number/);
    await keyboard.type(ASKS_THE_BANK);
    await keyboard.press('Tab');
    await keyboard.type('1234');
    await keyboard.press('Tab');
    await keyboard.type('123');
    await keyboard.press('Enter');
    await customer.page
      .getByTestId('challenge')
      .locator('iframe')
      .contentFrame()
      .getByTestId('challenge-complete')
      .waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await customer.until('Fulfilled');
  });
});
