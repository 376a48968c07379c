import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';
import { casesOf, CHECKOUT, intentIdOf, pageOf, reserve, secretOf } from '../support/payment-steps.js';

const DAY = 24 * 3600;

/** No webhook ever arrives here: whatever Stripe has to tell is found by looking. */
describe('with webhooks switched off altogether, every journey ends right (S34)', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    await holdfast.controls.webhooks({ mode: 'hold' });
  });
  afterAll(async () => {
    expect(await holdfast.rows(`SELECT event_id FROM stripe_events WHERE status <> 'processed'`)).toEqual([]);
    await holdfast.stop();
  });

  /** The order once it was looked for what nobody told, and every job was done. */
  const found = async (number: string, ...statuses: string[]): Promise<Json> => {
    await holdfast.reconcile();
    const order = await holdfast.api.orderIn(number, ...statuses);
    // Looking again finds nothing more.
    await holdfast.reconcile();
    expect(await holdfast.api.order(number)).toEqual(order);
    return order;
  };
  const manual = { items: [{ fulfiller: 'manual' }] };
  const ledger = async (number: string) => (await holdfast.controls.ledger(number))[0];

  it('an intent that the customer confirms', async () => {
    const { number } = await reserve(holdfast);
    expect((await holdfast.api.order(number)).orderStatus).toBe('Payment');
    expect((await found(number, 'Fulfilled')).payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    expect(await ledger(number)).toMatchObject({ amount_received: 1250, status: 'succeeded' });
  });

  it('the hosted page, of which some is delivered', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ items: [{}, { sku: 'fail-tour', unitAmount: 900 }] });
    await controls.payHostedPage(pageOf(await api.init(number, CHECKOUT)));
    const order = await found(number, 'PartiallyFulfilled');
    expect(order.payment).toMatchObject({ status: 'PartiallyCaptured', amountAuthorized: 2150, amountCaptured: 1250 });
    expect(await ledger(number)).toMatchObject({ amount: 2150, amount_received: 1250 });
  });

  it('nothing delivered: everything is released', async () => {
    const { number } = await reserve(holdfast, { items: [{ sku: 'fail-tour' }] });
    expect((await found(number, 'FulfillmentError')).payment).toMatchObject({ status: 'Released', amountCaptured: 0 });
    expect(await ledger(number)).toMatchObject({ amount_received: 0, status: 'canceled' });
  });

  it('a decline, then another card on the same intent (S25)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const secret = secretOf(await api.init(number));
    await controls.confirm(secret, 'pm_card_visa_chargeDeclinedInsufficientFunds');
    expect((await found(number, 'Payment')).payment).toMatchObject({
      status: 'Pending',
      declineCode: 'insufficient_funds',
    });
    await controls.confirm(secret);
    await found(number, 'Fulfilled');
    const timeline = await api.timeline(number);
    expect(timeline.filter(({ type }) => type === 'payment.declined')).toHaveLength(1);
    expect(timeline.filter(({ to }) => to === 'Paid')).toHaveLength(1);
  });

  it('3-D Secure: waited for (S32), failed, and completed', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const secret = secretOf(await api.init(number));
    await controls.confirm(secret, 'pm_card_authenticationRequired');
    expect((await found(number, 'Payment')).payment.status).toBe('Pending');
    await controls.challenge(secret, 'fail');
    expect((await found(number, 'Payment')).payment.declineCode).toBe('payment_intent_authentication_failure');
    await controls.confirm(secret, 'pm_card_authenticationRequired');
    await controls.challenge(secret, 'complete');
    await found(number, 'Fulfilled');
  });

  it.each([
    ['pm_card_sandboxProcessing', 'Fulfilled', 'Captured'],
    ['pm_card_sandboxProcessingFails', 'Payment', 'Pending'],
  ])('a bank that takes its time (%s): %s in the end', async (card, orderStatus, status) => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await controls.confirm(secretOf(await api.init(number)), card);
    expect((await found(number, 'Payment')).payment.status).toBe('Processing');
    await holdfast.passTime(70);
    expect((await found(number, orderStatus)).payment.status).toBe(status);
  });

  it('cards saved, used in one click, and removed elsewhere', async () => {
    const { api, controls, stripe } = holdfast;
    const accountId = await api.createAccount();
    const cards = async () =>
      ((await api.get(`/v1/accounts/${accountId}/payment-methods`)).body as { data: { id: string }[] }).data;
    const first = await api.placeOrder({ accountId });
    await controls.confirm(secretOf(await api.init(first, { savePaymentMethod: true })));
    await found(first, 'Fulfilled');
    const [card] = await cards();

    const second = await api.placeOrder({ accountId });
    const answer = await api.init(second, { paymentMethodId: card?.id });
    expect(answer.body.initPaymentData.result).toBe(true);
    await found(second, 'Fulfilled');

    const customers = (await stripe.customers.list({ limit: 100 })).data;
    const customer = customers.find(({ metadata }) => metadata.accountId === accountId)?.id ?? '';
    const strict = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    await holdfast.reconcile();
    expect(await cards()).toHaveLength(2);
    const third = await api.placeOrder({ accountId });
    const acting = await api.init(third, { paymentMethodId: strict.id });
    expect(acting.body.initPaymentData.result).toBe(false);
    await controls.challenge(secretOf(acting), 'complete');
    await found(third, 'Fulfilled');

    expect(await cards()).toHaveLength(2);
    await stripe.paymentMethods.detach(card?.id ?? '');
    // The copy of a moment ago, until the event is found.
    expect(await cards()).toHaveLength(2);
    await holdfast.reconcile();
    expect((await cards()).map(({ id }) => id)).toEqual([strict.id]);
  });

  it('abandoned before and after the customer paid', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    await api.init(number);
    expect((await api.delete(`/v1/orders/${number}/payment`)).body.order.orderStatus).toBe('Placed');
    await found(number, 'Placed');
    const paid = await reserve(holdfast);
    expect((await api.delete(`/v1/orders/${paid.number}/payment`)).body.code).toBe('payment-already-confirmed');
    await found(paid.number, 'Fulfilled');
  });

  it('cancelled before, in and after the payment', async () => {
    const { api } = holdfast;
    const placed = await api.placeOrder();
    const open = await api.placeOrder();
    await api.init(open);
    const unheard = (await reserve(holdfast, manual)).number;
    const reserved = (await reserve(holdfast, manual)).number;
    await holdfast.reconcile();
    await api.orderIn(reserved, 'InTransit');
    for (const number of [placed, open, unheard, reserved]) {
      expect((await api.post(`/v1/orders/${number}/cancel`, {})).status).toBe(200);
      await found(number, 'Canceled');
      expect((await ledger(number))?.amount_capturable ?? 0).toBe(0);
    }
  });

  it('cancelled and charged elsewhere, at Stripe', async () => {
    const { api, stripe } = holdfast;
    const open = await api.placeOrder();
    await stripe.paymentIntents.cancel(intentIdOf(await api.init(open)));
    expect((await found(open, 'Placed')).payment).toBeNull();

    const reserved = await reserve(holdfast, manual);
    await holdfast.reconcile();
    await api.orderIn(reserved.number, 'InTransit');
    await stripe.paymentIntents.cancel(reserved.intentId);
    const order = await found(reserved.number, 'FulfillmentError');
    expect(order.payment.status).toBe('Expired');
    expect(await casesOf(holdfast, reserved.number)).toEqual(['reservation-lost']);

    const charged = await reserve(holdfast, manual);
    await stripe.paymentIntents.capture(charged.intentId);
    expect((await found(charged.number, 'InTransit')).payment.status).toBe('Captured');
    expect(await casesOf(holdfast, charged.number)).toEqual(['captured-elsewhere']);
  });

  it('refunded and disputed elsewhere, at Stripe (S52)', async () => {
    const { controls, stripe } = holdfast;
    const { number, intentId } = await reserve(holdfast);
    await found(number, 'Fulfilled');
    await stripe.refunds.create({ payment_intent: intentId, amount: 300 });
    expect((await found(number, 'Fulfilled')).payment).toMatchObject({ amountRefunded: 300, amountDisputed: 0 });
    await controls.post('disputes', { payment_intent: intentId });
    expect((await found(number, 'Fulfilled')).payment).toMatchObject({ amountRefunded: 300, amountDisputed: 950 });
  });

  it('a session that ran out: back in Placed, and paid anew', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const page = pageOf(await api.init(number, CHECKOUT));
    await holdfast.passTime(DAY + 60);
    expect((await found(number, 'Placed')).payment).toBeNull();
    expect((await controls.payHostedPage(page)).status).not.toBe(303);
    await controls.payHostedPage(pageOf(await api.init(number, CHECKOUT)));
    await found(number, 'Fulfilled');
  });

  it('a free order', async () => {
    const { api, controls } = holdfast;
    const writes = await controls.writes();
    const number = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    await api.init(number);
    expect((await found(number, 'Fulfilled')).payment.status).toBe('NotRequired');
    expect(await controls.writes()).toEqual(writes);
  });

  it('a reservation that was lost by the clock: nothing is delivered on it (S42)', async () => {
    const { number } = await reserve(holdfast, manual);
    await found(number, 'InTransit');
    await holdfast.passTime(8 * DAY);
    expect((await found(number, 'FulfillmentError')).payment).toMatchObject({ status: 'Expired', amountCaptured: 0 });
    expect(await casesOf(holdfast, number)).toEqual(['reservation-lost']);
  });

  it.each([8, 40])(
    '%i days in which nobody looked: the customer’s reservation is gone, the order is not',
    async (days) => {
      const { number } = await reserve(holdfast);
      await holdfast.passTime(days * DAY);
      expect((await found(number, 'Placed', 'Expired')).payment?.amountCaptured ?? 0).toBe(0);
      expect(await ledger(number)).toMatchObject({ status: 'canceled', amount_received: 0 });
    },
  );

  it('the events that nobody delivered, delivered now, change nothing', async () => {
    const read = async () => [
      await holdfast.rows(`SELECT order_number, status, version FROM orders ORDER BY 1`),
      await holdfast.rows(`SELECT payment_id, status, version FROM payments ORDER BY 1`),
    ];
    const before = await read();
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
    expect(await read()).toEqual(before);
  });
});
