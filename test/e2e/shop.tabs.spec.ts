import { describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { ASKS_THE_BANK, GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';

const SESSION_SECONDS = 24 * 3600;

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop, left and come back to', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  /** Charged once and in full; whatever else was begun at Stripe holds nothing. */
  async function expectPaidOnce(order: string): Promise<void> {
    await f.holdfast.api.orderIn(order, 'Fulfilled');
    const statuses = (await f.holdfast.controls.ledger(order)).map(({ status }) => status).sort();
    expect(statuses.filter((status) => status !== 'canceled')).toEqual(['succeeded']);
    const charged = (await f.atStripe(order)).reduce((sum, entry) => sum + entry.charged, 0);
    expect(charged).toBe(2400);
    expect((await f.holdfast.api.timeline(order)).filter(({ to }) => to === 'Authorized')).toHaveLength(1);
  }

  async function secondTab(order: string): Promise<Customer> {
    return customer.tab(`/orders/${order}`);
  }

  describe('two tabs for one order', () => {
    test('two card forms, one after the other: the second finds out', async () => {
      const order = await customer.toCardForm();
      const other = await secondTab(order);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await other.payWith(GOOD);
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('two card forms at the same moment: one wins, one reservation', async () => {
      const order = await customer.toCardForm();
      const other = await secondTab(order);
      await Promise.all([customer.fillCard(GOOD), other.fillCard(GOOD)]);
      await Promise.all([customer.pay(), other.pay()]);
      await Promise.all([customer.until('Fulfilled'), other.until('Fulfilled')]);
      await expectPaidOnce(order);
    });

    test('two of Stripe’s pages: the second ends where the first did', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      const other = await secondTab(order);
      await other.page.getByTestId('go-on').click();
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
      await other.payOnStripesPage(GOOD);
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('two of Stripe’s pages at the same moment', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      const other = await secondTab(order);
      await other.page.getByTestId('go-on').click();
      await Promise.all([customer.payOnStripesPage(GOOD), other.payOnStripesPage(GOOD)]);
      await Promise.all([customer.until('Fulfilled'), other.until('Fulfilled')]);
      await expectPaidOnce(order);
    });

    test('Stripe’s page given up for the card form: what is left open cannot be paid', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      await customer.page.waitForURL('**/c/pay/**');
      const other = await secondTab(order);
      await other.page.getByTestId('another-way').click();
      await other.choose('card');
      await customer.payOnStripesPage(GOOD);
      await customer.page.getByRole('heading', { name: /expired/i }).waitFor();
      await other.payWith(GOOD);
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('the card form given up for Stripe’s page: the form that is left open cannot be paid, and says where to go', async () => {
      const order = await customer.toCardForm();
      const other = await secondTab(order);
      await other.page.getByTestId('another-way').click();
      await other.choose('hosted');
      await other.page.waitForURL('**/c/pay/**');
      await customer.payWith(GOOD);
      await customer.until('Payment');
      await customer.page.getByTestId('to-payment').click();
      await customer.page.getByTestId('go-on').waitFor();
      await other.payOnStripesPage(GOOD);
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('one begins on Stripe’s page, the other had meant to type a card in: both come to Stripe’s page', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      const other = await secondTab(order);
      await customer.choose('hosted');
      await customer.page.waitForURL('**/c/pay/**');
      await other.choose('card');
      await other.payOnStripesPage(GOOD);
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('one pays while the other gives up: the payment stands, and both see it', async () => {
      const order = await customer.toCardForm();
      const other = await secondTab(order);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await other.page.getByTestId('another-way').click();
      await other.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('one click in one, a choice in the other: the order was paid for already', async () => {
      await customer.toCardForm();
      await customer.wish(true);
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      const order = await customer.order({ 'harbour-tour': 1 });
      const [second, third] = [await secondTab(order), await secondTab(order)];
      await Promise.all([customer.choose('saved'), second.choose('saved')]);
      await Promise.all([customer.until('Fulfilled'), second.until('Fulfilled')]);
      await third.choose('hosted');
      await third.until('Fulfilled');
      await expectPaidOnce(order);
    });
  });

  describe('the back button', () => {
    test('from Stripe’s page: the payment can be gone on with, or begun another way', async () => {
      const order = await customer.order({ 'harbour-tour': 1 });
      await customer.choose('hosted');
      await customer.page.waitForURL('**/c/pay/**');
      await customer.page.goBack();
      await customer.page.getByRole('heading', { name: 'You are paying on Stripe’s page' }).waitFor();
      await customer.page.getByTestId('go-on').click();
      await customer.page.waitForURL('**/c/pay/**');
      await customer.page.goBack();
      await customer.page.getByTestId('another-way').click();
      await customer.choose('card');
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('from the result to the card form: the result is shown again', async () => {
      const order = await customer.toCardForm();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await customer.page.goBack();
      await customer.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('from the card form to the tickets: the same tickets again are the same order', async () => {
      const order = await customer.toCardForm();
      await customer.page.goBack();
      await customer.page.goBack();
      await customer.page.getByTestId('order').waitFor();
      const again = await customer.tab(`/orders/${order}`);
      await again.payWith(GOOD);
      await again.until('Fulfilled');
      await expectPaidOnce(order);
    });
  });

  describe('3-D Secure left alone', () => {
    test('and answered later, from the list of orders', async () => {
      const order = await customer.toCardForm();
      await customer.payWith(ASKS_THE_BANK);
      await customer.bankPage.getByTestId('challenge-complete').waitFor();
      await customer.page.goto(`${f.shop.url}/orders`);
      expect((await f.holdfast.api.order(order)).orderStatus).toBe('Payment');
      await customer.page.getByRole('link', { name: `Order ${order}` }).click();
      await customer.page.getByTestId('confirm-at-bank').click();
      await customer.answerBank('complete');
      await customer.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('and paid with another card', async () => {
      const order = await customer.toCardForm();
      await customer.payWith(ASKS_THE_BANK);
      await customer.bankPage.getByTestId('challenge-complete').waitFor();
      await customer.page.reload();
      await customer.page.getByTestId('another-card').click();
      await customer.payWith(GOOD);
      await customer.until('Fulfilled');
      await expectPaidOnce(order);
    });

    test('and given up for another way', async () => {
      const order = await customer.toCardForm();
      await customer.payWith(ASKS_THE_BANK);
      await customer.bankPage.getByTestId('challenge-complete').waitFor();
      await customer.page.reload();
      await customer.page.getByTestId('another-way').click();
      await customer.choose('hosted');
      await customer.payOnStripesPage(GOOD);
      await customer.until('Fulfilled');
      await expectPaidOnce(order);
    });
  });

  test('Stripe’s page ran out while it was open: the way back leads to another try', async () => {
    const order = await customer.order({ 'harbour-tour': 1 });
    await customer.choose('hosted');
    await customer.page.waitForURL('**/c/pay/**');
    await f.holdfast.controls.advance(SESSION_SECONDS + 60);
    await customer.payOnStripesPage(GOOD);
    await customer.page.getByRole('heading', { name: /expired/i }).waitFor();
    await f.holdfast.api.orderIn(order, 'Placed');
    expect(await f.atStripe(order)).toEqual([]);
    await customer.page.getByRole('link').first().click();
    await customer.page.getByText('Stripe’s page can no longer be used for this order.').waitFor();
    await customer.choose('card');
    await customer.payWith(GOOD);
    await customer.until('Fulfilled');
    await expectPaidOnce(order);
  });
});
