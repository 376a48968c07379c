import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PaymentsRepository } from '#payments';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';
import { EVERY_TRY, reserve, reserveManual, secretOf } from '../support/payment-steps.js';

/** What a process that was killed leaves behind is planted, and must be finished by whoever comes next. */
describe('half-done states', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await holdfast.controls.clearFaults();
    await holdfast.startWorker();
  });

  const POST = { method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY };
  const lease = (number: string, seconds: number) =>
    holdfast.rows(
      `UPDATE payments SET lease_until = now() + make_interval(secs => $2) WHERE order_number = $1 AND status NOT IN ('Abandoned', 'Released')`,
      [number, seconds],
    );
  const objects = async (number: string) =>
    (await holdfast.stripe.paymentIntents.list({ limit: 100 })).data.filter(
      ({ metadata }) => metadata.orderNumber === number,
    );

  it.each([
    ['ran out', -1],
    ['runs out while a caller waits', 1],
  ])(
    'Initializing, whose claimant died and whose lease %s: taken over with its parameters and its key',
    async (_, seconds) => {
      const { api, controls } = holdfast;
      for (const kind of ['drop_before', 'drop_after']) {
        const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
        await api.init(await api.placeOrder());
        await controls.fault({ kind, ...POST });
        expect((await api.init(number)).status).toBe(503);
        await controls.clearFaults();
        await lease(number, seconds);

        const answers = await Promise.all([api.init(number), api.init(number), api.init(number)]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
        expect(await objects(number)).toHaveLength(1);
        const keys = (await controls.writes()).filter(({ params }) => JSON.stringify(params).includes(number));
        expect(new Set(keys.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
        await controls.confirm(secretOf(answers[0]));
        await api.orderIn(number, 'InTransit');
      }
    },
  );

  it('Releasing, whose process died before or after it took the lease: finished by the job', async () => {
    const { api, controls } = holdfast;
    const [free, taken] = [await api.placeOrder(), await api.placeOrder()];
    for (const number of [free, taken]) {
      await api.init(number);
      await controls.fault({ kind: 'drop_before', ...POST });
      expect((await api.delete(`/v1/orders/${number}/payment`)).status).toBe(503);
      await controls.clearFaults();
    }
    // A job that finds the lease held comes again when it has run out.
    await lease(taken, 2);
    await impatiently(holdfast, Promise.all([api.orderIn(free, 'Placed'), api.orderIn(taken, 'Placed')]));
    for (const number of [free, taken]) expect(await objects(number)).toMatchObject([{ status: 'canceled' }]);
  });

  it('Capturing, before and after Stripe did it, with and without a lease: charged once', async () => {
    const { api, controls } = holdfast;
    for (const [kind, seconds] of [
      ['drop_before', null],
      ['drop_after', null],
      ['drop_after', 2],
    ] as const) {
      await controls.webhooks({ mode: 'hold' });
      await controls.fault({ kind, ...POST, path: '/v1/payment_intents/.*/capture' });
      const { number } = await reserve(holdfast);
      await controls.flush();
      await eventually(
        () =>
          holdfast.rows(
            `SELECT 1 FROM payments WHERE order_number = $1 AND status = 'Capturing' AND lease_until IS NULL`,
            [number],
          ),
        (rows) => rows.length === 1,
      );
      await holdfast.stopWorker();
      await controls.clearFaults();
      if (seconds !== null) await lease(number, seconds);
      await holdfast.startWorker();
      const settled = await impatiently(holdfast, api.orderIn(number, 'Fulfilled'));
      expect(settled.payment).toMatchObject({ amountCaptured: 1250 });
      const keys = (await controls.writes('/capture')).filter(({ path }) => path.includes('/capture'));
      expect(keys.every(({ idempotencyKey }) => idempotencyKey !== null)).toBe(true);
      expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250, status: 'succeeded' }]);
      await controls.webhooks({ mode: 'deliver' });
      await controls.flush();
      expect((await api.order(number)).orderStatus).toBe('Fulfilled');
    }
  });

  it('Paid, with its job written and no worker alive: fulfilled by the next worker (S58)', async () => {
    const { api } = holdfast;
    await holdfast.stopWorker();
    const { number } = await reserve(holdfast);
    await api.orderIn(number, 'Paid');
    await holdfast.startWorker();
    await api.orderIn(number, 'Fulfilled');
  });

  it('Captured by an event whose settlement died: settled without another charge', async () => {
    const { api, controls, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await holdfast.stopWorker();
    await api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Delivered' });
    await holdfast.rows(
      `UPDATE payments SET status = 'Capturing', previous_status = 'Authorized', capture_amount = 1250, version = version + 1,
       operation_attempt = operation_attempt + 1 WHERE order_number = $1`,
      [number],
    );
    await stripe.paymentIntents.capture(intentId, { amount_to_capture: 1250 });
    await eventually(
      () => api.order(number),
      ({ payment }) => payment.status === 'Captured',
    );
    await holdfast.startWorker();
    await api.orderIn(number, 'Fulfilled');
    expect((await controls.ledger(number))[0]).toMatchObject({ amount_received: 1250 });
  });

  it('an item InTransit whose worker died while it had the job: delivered by another, once', async () => {
    const { api } = holdfast;
    const { number } = await reserve(holdfast, { items: [{ sku: 'flaky-x' }] });
    const job = `name = 'fulfillment.deliver-item' AND data->>'orderNumber' = $1`;
    await eventually(
      () => holdfast.rows(`SELECT 1 FROM pgboss.job WHERE ${job} AND state = 'retry'`, [number]),
      (rows) => rows.length === 1,
    );
    await holdfast.stopWorker();
    await holdfast.rows(
      `UPDATE pgboss.job SET state = 'active', started_on = now() - interval '2 minutes' WHERE ${job}`,
      [number],
    );
    await holdfast.startWorker();
    const order = await eventually(
      () => api.order(number),
      ({ orderStatus }) => orderStatus === 'Fulfilled',
    );
    expect(order.items[0].deliverables).toHaveLength(2);
  });

  it('one whose lease ran out long ago takes nobody back to a key that was used', async () => {
    const { number } = await reserveManual(holdfast);
    const repository = holdfast.app.get(PaymentsRepository, { strict: false });
    const [slow] = await repository.ofOrder(number);
    if (!slow) throw new Error('there is no payment');
    const second = await repository.raiseAttempt(slow);
    const third = await repository.raiseAttempt(second);
    expect((await repository.raiseAttempt(slow)).operationAttempt).toBe(second.operationAttempt);
    expect((await repository.get(slow.paymentId)).operationAttempt).toBe(third.operationAttempt);
  });
});
