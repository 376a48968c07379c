import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { ASKS_THE_BANK, DECLINED, GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';

const LONG_NAME =
  'Extraordinarily long guided evening walk through the warehouses, with the ' +
  'Donaudampfschifffahrtsgesellschaftskapitänsmützenausstellung, and supper';

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop’s pages', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  /** An order that came another way than through this shop's catalogue. */
  async function orderOf(currency: string, unitAmount: number): Promise<string> {
    await customer.page.goto(f.shop.url);
    const accountId = await customer.account(f.holdfast);
    const items = [
      { name: LONG_NAME, quantity: 3, unitAmount },
      { sku: 'fail-x', name: 'x', unitAmount },
    ];
    return f.holdfast.api.placeOrder({ accountId, currency, items });
  }

  describe.each([1280, 390])('everyone can use them, %i px wide', (width) => {
    const check = async () => ({
      barriers: await customer.barriers(),
      overflows: await customer.overflows(),
      jumps: (await customer.jumps()) > 0.01,
    });
    const fine = { barriers: [], overflows: false, jumps: false };
    beforeEach(() => customer.page.setViewportSize({ width, height: 900 }));

    test('the tickets, with a wrong quantity beside its field', async () => {
      await customer.page.goto(f.shop.url);
      expect(await check()).toEqual(fine);
      await customer.page.locator('#harbour-tour').fill('12');
      await customer.page.locator('#day-ticket').fill('2');
      await customer.page.getByTestId('order').click();
      const wrong = customer.page.getByRole('spinbutton', { name: 'Quantity of Harbour tour' });
      const said = await wrong.getAttribute('aria-describedby');
      expect(await customer.page.locator(`#${said}`).textContent()).toBe('Please enter a number from 0 to 9.');
      expect(await wrong.inputValue()).toBe('12');
      expect(await customer.page.locator('#day-ticket').inputValue()).toBe('2');
      expect(await customer.page.locator('[aria-invalid]').count()).toBe(1);
      expect(await check()).toEqual(fine);
      await wrong.fill('1');
      await customer.page.getByTestId('order').click();
      await customer.page.getByTestId('total').getByText('€49.00').waitFor();
    });

    test('nothing there yet: no orders, no cards', async () => {
      for (const [path, says] of [
        ['/orders', 'You have not ordered anything yet.'],
        ['/cards', 'No card is saved.'],
      ]) {
        await customer.page.goto(`${f.shop.url}${path}`);
        await customer.page.getByText(says ?? '').waitFor();
        expect(await check()).toEqual(fine);
      }
    });

    test('the card form with an error, and the result', async () => {
      await customer.order({ 'harbour-tour': 1, 'fail-roof-concert': 1 });
      expect(await check()).toEqual(fine);
      await customer.choose('card');
      await customer.wish(true);
      await customer.payWith(DECLINED);
      await customer.page.getByTestId('card-message').getByText('declined').waitFor();
      expect(await check()).toEqual(fine);
      await customer.payWith(GOOD);
      await customer.until('PartiallyFulfilled');
      expect(await check()).toEqual(fine);
      expect(customer.faults).toEqual([]);
    });

    test('the list of orders, the list of cards, and the choice with a saved card', async () => {
      await customer.toCardForm();
      await customer.wish(true);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await customer.page.goto(`${f.shop.url}/orders`);
      await customer.page.getByText('Your tickets are here').waitFor();
      expect(await check()).toEqual(fine);
      await customer.page.goto(`${f.shop.url}/cards`);
      await customer.page.getByText('Visa ending in 4242').first().waitFor();
      expect(await check()).toEqual(fine);
      await customer.order({ 'harbour-tour': 1 });
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

    test('the bank’s page over the shop’s, and what is left of it when it was left', async () => {
      await customer.toCardForm();
      await customer.payWith(ASKS_THE_BANK);
      await customer.bankPage.getByTestId('challenge-fail').waitFor();
      expect(await check()).toEqual(fine);
      await customer.page.reload();
      await customer.page.getByTestId('confirm-at-bank').waitFor();
      expect(await check()).toEqual(fine);
    });

    test('what is free, and what is not there', async () => {
      await customer.order({ 'city-map': 1 });
      expect(await check()).toEqual(fine);
      await customer.page.getByTestId('continue').click();
      await customer.until('Fulfilled');
      expect(await check()).toEqual(fine);
      await customer.page.goto(`${f.shop.url}/orders/26-999999`);
      await customer.page.getByRole('heading', { name: 'There is no such order' }).waitFor();
      expect(await check()).toEqual(fine);
    });

    test.each([
      ['JPY', 99_990, { reserved: 'JP¥399,960', captured: 'JP¥299,970', released: 'JP¥99,990' }],
      ['KWD', 9_990, { reserved: 'KWD 39.960', captured: 'KWD 29.970', released: 'KWD 9.990' }],
    ])('names as long as they come, and amounts in %s (S11)', async (currency, unitAmount, amounts) => {
      const order = await orderOf(currency, unitAmount);
      await customer.page.goto(`${f.shop.url}/orders/${order}`);
      await customer.page.getByTestId('total').getByText(amounts.reserved).waitFor();
      expect(await check()).toEqual(fine);
      await customer.choose('card');
      await customer.page.getByTestId('pay').getByText(`Pay ${amounts.reserved}`).waitFor();
      await customer.payWith(GOOD);
      await customer.until('PartiallyFulfilled');
      expect(await customer.money()).toEqual(amounts);
      expect(await check()).toEqual(fine);
      await customer.page.goto(`${f.shop.url}/orders`);
      await customer.page.getByText(amounts.reserved).waitFor();
      expect(await check()).toEqual(fine);
    });
  });

  test('many orders are shown a page at a time', async () => {
    await customer.page.goto(f.shop.url);
    const accountId = await customer.account(f.holdfast);
    const placed: string[] = [];
    for (let nr = 1; nr <= 22; nr++) placed.unshift(await f.holdfast.api.placeOrder({ accountId }));
    const shown = async () => customer.page.locator('.rows a').allTextContents();
    await customer.page.goto(`${f.shop.url}/orders`);
    const first = await shown();
    await customer.page.getByRole('link', { name: 'Older orders' }).click();
    await customer.page.getByText(`Order ${placed.at(-1)}`).waitFor();
    expect([...first, ...(await shown())]).toEqual(placed.map((number) => `Order ${number}`));
    expect(await customer.page.getByRole('link', { name: 'Older orders' }).count()).toBe(0);
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
    await tabTo(/^save-card$/);
    await keyboard.press('Space');
    await customer.page.getByTestId('save-message').getByText('It will be saved').waitFor();
    await tabTo(/^pay$/);
    await keyboard.press('Enter');
    await customer.bankPage.getByTestId('challenge-complete').waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await customer.until('Fulfilled');
  });
});
