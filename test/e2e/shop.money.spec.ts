import { expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop’s picture of the money', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  async function payFor(tickets: Record<string, number>): Promise<string> {
    const order = await customer.toCardForm(tickets);
    await customer.payWith(GOOD);
    return order;
  }

  test('all charged', async () => {
    await payFor({ 'harbour-tour': 1 });
    await customer.until('Fulfilled');
    expect(await customer.picture()).toEqual({ says: 'Of €24.00 reserved: €24.00 charged', shows: { captured: 100 } });
    expect(await customer.money()).toEqual({ reserved: '€24.00', captured: '€24.00', released: '€0.00' });
  });

  test('part charged, the rest released (S35)', async () => {
    await payFor({ 'harbour-tour': 1, 'fail-roof-concert': 1 });
    await customer.until('PartiallyFulfilled');
    expect(await customer.picture()).toEqual({
      says: 'Of €55.00 reserved: €24.00 charged, €31.00 released',
      shows: { captured: 44, released: 56 },
    });
    expect(await customer.money()).toEqual({ reserved: '€55.00', captured: '€24.00', released: '€31.00' });
  });

  test('all released', async () => {
    await payFor({ 'fail-roof-concert': 1 });
    await customer.until('FulfillmentError');
    expect(await customer.picture()).toEqual({ says: 'Of €31.00 reserved: €31.00 released', shows: { released: 100 } });
    expect(await customer.money()).toEqual({ reserved: '€31.00', captured: '€0.00', released: '€31.00' });
  });

  test('charged in part, and some of that paid back later', async () => {
    const order = await payFor({ 'harbour-tour': 1, 'day-ticket': 1, 'fail-roof-concert': 1 });
    await customer.until('PartiallyFulfilled');
    const refund = await f.holdfast.api.post(`/v1/orders/${order}/refunds`, { amount: 1250 });
    expect(refund.status).toBe(201);
    await eventually(
      () => f.holdfast.api.order(order),
      (now: { payment: { amountRefunded: number } }) => now.payment.amountRefunded === 1250,
    );
    await customer.page.reload();
    await customer.page.getByText('€12.50 of it was paid back to you.').waitFor();
    expect(await customer.picture()).toEqual({
      says: 'Of €67.50 reserved: €24.00 charged, €12.50 charged and paid back, €31.00 released',
      shows: { captured: 36, refunded: 19, released: 46 },
    });
    expect(await customer.page.getByTestId('refunded').textContent()).toBe('€12.50');
    expect(await customer.page.getByTestId('timeline').textContent()).toContain('Money was paid back to you');
    expect(await customer.barriers()).toEqual([]);
  });

  test('nothing to pay', async () => {
    await customer.order({ 'city-map': 1 });
    await customer.page.getByTestId('continue').click();
    await customer.until('Fulfilled');
    await customer.page.getByText('There was nothing to pay, and nothing was reserved.').waitFor();
    expect(await customer.page.getByTestId('picture').count()).toBe(0);
  });

  test('still reserved, and then cancelled: released', async () => {
    await f.holdfast.stopWorker();
    try {
      const order = await payFor({ 'harbour-tour': 1 });
      await customer.until('Paid');
      expect(await customer.picture()).toEqual({
        says: 'Of €24.00 reserved: €24.00 still reserved',
        shows: { held: 100 },
      });
      expect(await customer.money()).toEqual({ reserved: '€24.00', captured: '€0.00', released: '€0.00' });
      await f.holdfast.api.post(`/v1/orders/${order}/cancel`, {});
    } finally {
      await f.holdfast.startWorker();
    }
    await customer.until('Canceled');
    expect(await customer.picture()).toEqual({ says: 'Of €24.00 reserved: €24.00 released', shows: { released: 100 } });
    expect(await customer.money()).toEqual({ reserved: '€24.00', captured: '€0.00', released: '€24.00' });
  });

  test('cancelled before anything was reserved', async () => {
    const order = await customer.toCardForm();
    await f.holdfast.api.post(`/v1/orders/${order}/cancel`, {});
    await customer.page.goto(`${f.shop.url}/orders/${order}`);
    await customer.until('Canceled');
    await customer.page.getByText('Nothing was reserved.').waitFor();
    expect(await customer.page.getByTestId('picture').count()).toBe(0);
  });
});
