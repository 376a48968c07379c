import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import {
  casesOf,
  CHECKOUT,
  EVERY_TRY,
  intentIdOf,
  pageOf,
  reserve,
  reserveManual,
  secretOf,
} from '../support/payment-steps.js';

describe('cancel', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.heal());

  const cancel = (number: string) => holdfast.api.post(`/v1/orders/${number}/cancel`, {});
  const held = async (number: string) =>
    (await holdfast.controls.ledger(number)).filter(({ status }) => status !== 'canceled' && status !== 'succeeded');

  const paymentIn = (number: string, status: string) =>
    eventually(
      () => holdfast.api.order(number),
      ({ payment }) => payment?.status === status,
    );

  async function canceledAt(number: string): Promise<void> {
    const answer = await cancel(number);
    expect([answer.status, answer.body.order.orderStatus]).toEqual([200, 'Canceled']);
    const items = answer.body.order.items as { orderItemStatus: string }[];
    expect(items.every(({ orderItemStatus }) => orderItemStatus === 'Canceled')).toBe(true);
    expect(await held(number)).toEqual([]);
    expect((await cancel(number)).status).toBe(200);
    const again = await holdfast.api.init(number);
    expect([again.status, again.body.orderStatus]).toEqual([409, 'Canceled']);
  }

  it('New and Placed: at once, without Stripe', async () => {
    const { api, controls } = holdfast;
    const before = await controls.writes();
    const accountId = await api.createAccount();
    const created = await api.post('/v1/orders', { accountId, currency: 'EUR', items: [] });
    await canceledAt((created.body as { order: { orderNumber: string } }).order.orderNumber);
    await canceledAt(await api.placeOrder());
    expect(await controls.writes()).toEqual(before);
  });

  it('Payment, by intent and by page: nothing payable is left (S44)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    await canceledAt(number);
    expect((await controls.confirm(secretOf(answer))).status).toBe(400);

    const onPage = await api.placeOrder();
    const page = pageOf(await api.init(onPage, CHECKOUT));
    await canceledAt(onPage);
    expect((await controls.payHostedPage(page)).status).toBe(410);
  });

  it('InTransit with the partner: the reservation is released (S44)', async () => {
    const { api, controls } = holdfast;
    const { number } = await reserveManual(holdfast);
    await canceledAt(number);
    expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled', amount_capturable: 0 }]);
    expect((await api.order(number)).payment).toMatchObject({ status: 'Released', amountAuthorized: 1250 });
    const report = await api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Delivered' });
    expect(report.status).toBe(409);
  });

  it('Paid, before fulfilment began', async () => {
    const idle = await Holdfast.start({ worker: false });
    try {
      const { number } = await reserve(idle);
      await idle.api.orderIn(number, 'Paid');
      const answer = await idle.api.post(`/v1/orders/${number}/cancel`, {});
      expect([answer.status, answer.body.order.orderStatus]).toEqual([200, 'Canceled']);
      // The fulfilment that was planned when it became Paid finds nothing to do.
      await idle.startWorker();
      const { number: next } = await reserve(idle);
      await idle.api.orderIn(next, 'Fulfilled');
      expect(await idle.api.order(number)).toMatchObject({
        ...{ orderStatus: 'Canceled', payment: { status: 'Released' } },
        items: [{ orderItemStatus: 'Canceled', deliverables: [] }],
      });
    } finally {
      await idle.stop();
    }
  });

  it('a free order', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ items: [{ unitAmount: 0, fulfiller: 'manual' }] });
    await api.init(number);
    await api.orderIn(number, 'InTransit');
    await canceledAt(number);
  });

  it.each([
    ['its answer', 'drop_after'],
    ['the call', 'drop_before'],
  ])(
    'loses %s: 202 Canceling and nothing is captured; the same call, or the job, finishes it (S44)',
    async (_, kind) => {
      const { api, controls } = holdfast;
      const [asked, left] = [await reserveManual(holdfast), await reserveManual(holdfast)];
      await controls.fault({ kind, method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY });
      for (const { number } of [asked, left]) {
        const answer = await cancel(number);
        expect([answer.status, answer.body.order.orderStatus]).toEqual([202, 'Canceling']);
        expect(answer.body.order.payment.status).toBe('Releasing');
      }
      await controls.clearFaults();

      await canceledAt(asked.number);
      // The job is planned for when the caller's lease has surely run out; that time is made to come now.
      await holdfast.rows(`UPDATE pgboss.job SET start_after = now() WHERE name = 'payments.release'`);
      await api.orderIn(left.number, 'Canceled');
      expect(await held(left.number)).toEqual([]);
      expect(await controls.writes('/capture')).toEqual([]);
    },
  );

  it('409 once an item is delivered, and after settlement (S45)', async () => {
    const { api, controls } = holdfast;
    const { number } = await reserve(holdfast, { items: [{ fulfiller: 'manual' }, { fulfiller: 'manual' }] });
    await api.orderIn(number, 'InTransit');
    const report = (item: number, outcome: string) =>
      api.put(`/v1/orders/${number}/items/${number}-${item}/fulfillment`, { outcome });
    await report(1, 'Delivered');
    const begun = await cancel(number);
    expect([begun.status, begun.body.code, begun.body.orderStatus]).toEqual([
      409,
      'order-not-in-state-to-cancel',
      'InTransit',
    ]);
    expect(await controls.ledger(number)).toMatchObject([{ amount_capturable: 2500 }]);

    await report(2, 'Failed');
    await api.orderIn(number, 'PartiallyFulfilled');
    const settled = await cancel(number);
    expect([settled.status, settled.body.code]).toEqual([409, 'order-already-settled']);
  });

  it('409 for a payment that somebody charged at Stripe: money goes back by a refund only (S45)', async () => {
    const { api, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await stripe.paymentIntents.capture(intentId);
    await paymentIn(number, 'Captured');

    const answer = await cancel(number);
    expect([answer.status, answer.body.code]).toEqual([409, 'order-already-settled']);
    expect((await api.order(number)).items).toMatchObject([{ orderItemStatus: 'InTransit' }]);
    expect(await casesOf(holdfast, number)).toEqual(['captured-elsewhere']);
  });

  it('charged at Stripe, and nobody heard of it before the cancellation: Canceled, and an operator is told', async () => {
    const { api, controls, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await controls.webhooks({ mode: 'hold' });
    await stripe.paymentIntents.capture(intentId);
    await cancel(number);
    const order = await api.orderIn(number, 'Canceled');
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    expect(await casesOf(holdfast, number)).toEqual(['captured-elsewhere']);
  });

  it('an accepted cancellation wins over the webhook, whichever is first (S23)', async () => {
    const { api, controls } = holdfast;
    for (let round = 0; round < 10; round++) {
      const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
      const answer = await api.init(number);
      await Promise.all([controls.confirm(secretOf(answer)), cancel(number)]);
      await api.orderIn(number, 'Canceled');
      expect(await held(number)).toEqual([]);
      expect(await controls.ledger(number)).toMatchObject([{ amount_received: 0 }]);
    }
  });

  it('a cancellation takes an abandon over, and a mismatch too', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    await controls.fault({ kind: 'drop_before', times: EVERY_TRY });
    expect((await api.delete(`/v1/orders/${number}/payment`)).status).toBe(503);
    await controls.clearFaults();
    await controls.confirm(secretOf(answer));
    expect((await cancel(number)).body.order.orderStatus).toBe('Canceled');
    expect(await held(number)).toEqual([]);

    const other = await api.placeOrder();
    const init = await api.init(other);
    await stripe.paymentIntents.update(intentIdOf(init), { amount: 999 });
    await controls.fault({
      kind: 'drop_before',
      method: 'POST',
      path: '/v1/payment_intents/.*/cancel',
      times: EVERY_TRY,
    });
    await controls.confirm(secretOf(init));
    await paymentIn(other, 'Releasing');
    expect((await cancel(other)).status).toBe(202);
    await controls.clearFaults();
    expect((await cancel(other)).body.order.orderStatus).toBe('Canceled');
    expect(await held(other)).toEqual([]);
  });

  it('charged by somebody at Stripe, and not what it costs: possible once all of it was given back', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const init = await api.init(number);
    await stripe.paymentIntents.update(intentIdOf(init), { amount: 999 });
    await controls.webhooks({ mode: 'hold' });
    await controls.confirm(secretOf(init));
    await stripe.paymentIntents.capture(intentIdOf(init));
    await controls.webhooks({ mode: 'deliver' });
    await controls.flush();
    await paymentIn(number, 'Captured');
    expect((await api.order(number)).orderStatus).toBe('Payment');
    const refused = await cancel(number);
    expect([refused.status, refused.body.code]).toEqual([409, 'order-already-settled']);
    const refund = (amount: number) => api.post(`/v1/orders/${number}/refunds`, { amount });
    expect((await refund(998)).status).toBe(201);
    expect((await cancel(number)).status).toBe(409);
    expect((await refund(1)).status).toBe(201);
    const canceled = await cancel(number);
    expect([canceled.status, canceled.body.order.orderStatus]).toEqual([200, 'Canceled']);
    expect(canceled.body.order.payment).toMatchObject({ status: 'Captured', amountCaptured: 999, amountRefunded: 999 });
    expect((await cancel(number)).status).toBe(200);
  });

  it('400 for a name that is not known, once ownership and state had their say', async () => {
    const { api } = holdfast;
    const cancelWith = (number: string) => api.post(`/v1/orders/${number}/cancel`, { refundAmount: 100 });
    const number = await api.placeOrder();
    const refused = await cancelWith(number);
    expect([refused.status, refused.body.code]).toEqual([400, 'request-not-valid']);
    expect(refused.text).toContain('refundAmount');
    expect((await api.order(number)).orderStatus).toBe('Placed');
    expect((await cancelWith('26-0')).status).toBe(404);
    await cancel(number);
    expect((await cancelWith(number)).status).toBe(200);
  });

  it('leaves no lease behind', async () => {
    expect(await holdfast.rows('SELECT 1 FROM payments WHERE lease_until IS NOT NULL')).toEqual([]);
  });
});
