import { describe, expect, test } from '@jest/globals';
import type { InitPaymentAnswer, Order, TimelineEntry } from '../holdfast.js';
import { cardStep } from './card-step.js';
import { headlineOf } from './words.js';

const order = (orderStatus: Order['orderStatus']) =>
  ({ orderNumber: '26-1', orderStatus, totalAmount: 2400, currency: 'eur', items: [] }) as unknown as Order;
const timeline = (...types: string[]) => types.map((type) => ({ type }) as TimelineEntry);

describe('an order that waits for a payment', () => {
  test('says that the last one was refused', () => {
    const told = timeline('order.placed', 'order.payment', 'payment.processing', 'payment.declined', 'order.placed');
    expect(headlineOf(order('Placed'), told).text).toContain('The last payment was refused. Nothing was charged');
  });

  test.each([
    [['order.placed']],
    [['order.placed', 'order.payment', 'payment.abandoned', 'order.placed']],
    [['order.payment', 'payment.declined', 'order.placed', 'order.payment', 'payment.abandoned', 'order.placed']],
  ])('and nothing of a refusal otherwise: %j', (types) => {
    expect(headlineOf(order('Placed'), timeline(...types)).text).toBe('It has not been paid for yet.');
  });

  test('while the next one is under way, it is that which counts', () => {
    const told = timeline('order.payment', 'payment.declined', 'order.placed', 'order.payment');
    expect(headlineOf(order('Payment'), told).title).toBe('We are waiting for your payment');
  });
});

test('the card form cannot be sent before there is one: without its script it would only be loaded again', () => {
  const answer = { initPaymentData: { clientSecret: 'pi_1_secret_2' }, validationMessages: [] };
  const page = cardStep(order('Payment'), answer as unknown as InitPaymentAnswer).text;
  expect(page).toMatch(/<button\s+id="pay"[^>]*\sdisabled\s/);
});
