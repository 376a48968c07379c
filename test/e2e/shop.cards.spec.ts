import { describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { ASKS_THE_BANK, DECLINED, GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';

const WHOLE = [{ reserved: 0, charged: 2400 }];

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop’s saved cards', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  async function savedCards(): Promise<string[]> {
    await customer.page.goto(`${f.shop.url}/cards`);
    return customer.page.locator('.rows strong').allTextContents();
  }

  async function save(card: string): Promise<void> {
    await customer.toCardForm();
    await customer.wish(true);
    await customer.payWith(card);
    if (card === ASKS_THE_BANK) await customer.answerBank('complete');
    await customer.until('Fulfilled');
  }

  /** Saves a card at Stripe that is declined when it is charged: no payment could have saved it. */
  async function saveOneThatIsDeclined(): Promise<void> {
    await save(GOOD);
    const accountId = await customer.account(f.holdfast);
    const { data } = await f.holdfast.stripe.customers.list({ limit: 100 });
    const own = data.find(({ metadata }) => metadata.accountId === accountId)?.id ?? '';
    await f.holdfast.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: own });
  }

  describe('the tick on the card form', () => {
    test('ticked, unticked, ticked: Stripe is told each time, and the card is saved in the end', async () => {
      const order = await customer.toCardForm();
      expect([await customer.saveTick.isChecked(), await f.futureUsage(order)]).toEqual([false, null]);
      await customer.wish(true);
      expect(await f.futureUsage(order)).toMatch(/_session$/);
      await customer.wish(false);
      expect(await f.futureUsage(order)).toBeNull();
      await customer.wish(true);
      expect(await f.futureUsage(order)).toMatch(/_session$/);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual(['Visa ending in 4242']);
      expect(customer.faults).toEqual([]);
    });

    test('unticked in the end, nothing is saved', async () => {
      const order = await customer.toCardForm();
      await customer.wish(true);
      await customer.wish(false);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await f.futureUsage(order)).toBeNull();
      expect(await savedCards()).toEqual([]);
    });

    test('never ticked, nothing is saved', async () => {
      await customer.toCardForm();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual([]);
    });

    test('ticked and paid in one breath: the payment waits until the wish is noted', async () => {
      await f.holdfast.controls.fault({ kind: 'delay', method: 'POST', path: '/v1/payment_intents', delayMs: 700 });
      await customer.toCardForm();
      await f.holdfast.controls.fault({ kind: 'delay', method: 'POST', path: '/v1/payment_intents', delayMs: 700 });
      await customer.fillCard(GOOD);
      await customer.saveTick.check();
      await customer.pay();
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual(['Visa ending in 4242']);
    });

    test('the wish is there after a reload, and stays when a card is declined', async () => {
      await customer.toCardForm();
      await customer.wish(true);
      await customer.page.reload();
      await customer.saveTick.and(customer.page.locator(':checked:enabled')).waitFor();
      await customer.payWith(DECLINED);
      await customer.page.getByTestId('card-message').getByText('declined').waitFor();
      expect(await customer.saveTick.isChecked()).toBe(true);
      await customer.wish(false);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual([]);
    });

    test('what one tab shows counts when it pays, whatever another tab wished meanwhile', async () => {
      const order = await customer.toCardForm();
      const other = await customer.tab(`/orders/${order}`);
      await other.saveTick.and(other.page.locator(':enabled')).waitFor();
      await other.wish(true);
      expect(await customer.saveTick.isChecked()).toBe(false);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual([]);
    });

    test('a wish that cannot be noted is taken back in sight, and nothing is paid on it', async () => {
      const order = await customer.toCardForm();
      await customer.fillCard(GOOD);
      // The update fails; a confirmation would succeed.
      const update = { method: 'POST', path: '^/v1/payment_intents/[^/]+$', kind: 'error', status: 500, times: 50 };
      await f.holdfast.controls.fault(update);
      // At one moment: pressed later, the customer has seen the tick taken back, and pays without it.
      await customer.page.evaluate(
        `document.querySelector('#save-card').click(); document.querySelector('[data-testid=pay]').click()`,
      );
      await customer.page.getByTestId('save-message').getByText('could not be changed').waitFor();
      await customer.page.getByTestId('pay').and(customer.page.locator('[aria-disabled=false]')).waitFor();
      await f.holdfast.controls.clearFaults();
      expect(await customer.saveTick.isChecked()).toBe(false);
      expect(await f.atStripe(order)).toEqual([{ reserved: 0, charged: 0 }]);
      await customer.wish(true);
      await customer.pay();
      await customer.until('Fulfilled');
      expect(await savedCards()).toEqual(['Visa ending in 4242']);
    });
  });

  describe('one click', () => {
    test('pays; a removed card is gone, and pays no more', async () => {
      await save(GOOD);
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('saved');
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual(WHOLE);

      await customer.order({ 'day-ticket': 1 });
      const choosing = await customer.tab(new URL(customer.page.url()).pathname);
      await customer.page.getByRole('link', { name: 'Manage your saved cards' }).click();
      await customer.page.getByRole('button', { name: 'Remove the Visa ending in 4242' }).click();
      await customer.page.getByText('No card is saved').waitFor();
      await customer.page.getByRole('link', { name: 'Back to your payment' }).click();
      await customer.page.getByTestId('continue').waitFor();
      expect(await customer.page.getByRole('radio', { name: /ending in/ }).count()).toBe(0);

      // A tab from before still offers it.
      await choosing.choose('saved');
      await choosing.page.getByRole('heading', { name: 'This card is no longer saved' }).waitFor();
      await choosing.page.getByRole('link', { name: 'Choose another way to pay' }).click();
      await choosing.choose('card');
      await choosing.payWith(GOOD);
      await choosing.until('Fulfilled');
    });

    test('that the bank asks about is confirmed on the page', async () => {
      await save(ASKS_THE_BANK);
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('saved');
      await customer.page.getByTestId('confirm-at-bank').click();
      await customer.answerBank('complete');
      await customer.until('Fulfilled');
      expect(await f.atStripe(order)).toEqual(WHOLE);
    });

    test('that the bank refused goes on with another card, on the same secret', async () => {
      await save(ASKS_THE_BANK);
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('saved');
      const secret = await customer.secret();
      await customer.page.getByTestId('confirm-at-bank').click();
      await customer.answerBank('fail');
      await customer.page.getByTestId('card-message').getByText('unable to authenticate').waitFor();
      await customer.page.reload();
      await customer.page.getByTestId('pay').waitFor();
      expect(await customer.page.getByTestId('confirm-at-bank').isVisible()).toBe(false);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(secret).toContain((await f.holdfast.controls.ledger(order))[0]?.id);
      expect(await f.atStripe(order)).toEqual(WHOLE);
    });

    test('that was declined goes on with another card, on the same secret', async () => {
      await saveOneThatIsDeclined();
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.page.getByRole('radio', { name: /ending in 0341/ }).check();
      await customer.page.getByTestId('continue').click();
      await customer.page.getByText('Your saved card was declined. Please pay with another.').waitFor();
      const secret = await customer.secret();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      expect(secret).toContain((await f.holdfast.controls.ledger(order))[0]?.id);
      expect(await f.atStripe(order)).toEqual(WHOLE);
    });
  });
});
