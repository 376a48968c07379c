import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';
import { casesOf, reserve, reserveManual, deliveredUnpaid, untilReportsAreAwaited } from '../support/payment-steps.js';

const JOBS = 'fulfillment.write-missing-jobs';

describe('orders that nobody works on any more', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  const look = () => holdfast.look(JOBS);
  const jobsOf = (number: string, states = `'created','retry','active','completed','failed'`) =>
    holdfast.rows<{ name: string }>(
      `SELECT name FROM pgboss.job WHERE data->>'orderNumber' = $1 AND name LIKE 'fulfillment.%' AND state IN (${states}) ORDER BY name`,
      [number],
    );
  const drop = (number: string) => holdfast.rows(`DELETE FROM pgboss.job WHERE data->>'orderNumber' = $1`, [number]);
  const statusOf = async (number: string) =>
    ((await holdfast.api.order(number)) as { orderStatus: string }).orderStatus;
  const open = (number: string) => jobsOf(number, `'created','retry','active'`);

  it('Paid, InTransit and Delivered, each without its job: written anew, two minutes later, and the order ends right', async () => {
    const { api } = holdfast;
    await holdfast.stopWorker();
    const paid = (await reserve(holdfast)).number;
    const free = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    await api.init(free);
    for (const number of [paid, free]) {
      await api.orderIn(number, 'Paid');
      await drop(number);
    }
    expect(await look()).toBe(0);
    await holdfast.passTime(121);
    expect(await look()).toBe(2);
    // One that is waiting is not missing.
    expect(await look()).toBe(0);
    await holdfast.startWorker();
    for (const number of [paid, free]) await api.orderIn(number, 'Fulfilled');

    const inTransit = (await reserve(holdfast, { items: [{ sku: 'flaky-a' }, { sku: 'flaky-b' }] })).number;
    await eventually(
      () => jobsOf(inTransit, `'retry'`),
      (jobs) => jobs.length === 2,
    );
    await holdfast.stopWorker();
    await drop(inTransit);
    const delivered = (await reserve(holdfast)).number;
    await api.orderIn(delivered, 'Paid');
    await holdfast.rows(
      `UPDATE order_items SET status = 'Delivered', previous_status = 'InTransit' WHERE order_number = $1`,
      [delivered],
    );
    await holdfast.rows(
      `UPDATE orders SET status = 'Delivered', previous_status = 'InTransit' WHERE order_number = $1`,
      [delivered],
    );
    await drop(delivered);
    await holdfast.passTime(121);
    expect(await look()).toBe(3);
    await holdfast.startWorker();
    expect((await impatiently(holdfast, api.orderIn(inTransit, 'Fulfilled'))).payment.amountCaptured).toBe(2500);
    expect((await api.orderIn(delivered, 'Fulfilled')).payment.amountCaptured).toBe(1250);
  });

  it('many at once write one job each', async () => {
    await holdfast.stopWorker();
    const numbers = [];
    for (let i = 0; i < 4; i++) numbers.push((await reserve(holdfast)).number);
    for (const number of numbers) {
      await holdfast.api.orderIn(number, 'Paid');
      await drop(number);
    }
    await holdfast.passTime(121);
    await Promise.all([look(), look(), look(), holdfast.reconcile(), holdfast.reconcile()]);
    for (const number of numbers) expect(await jobsOf(number)).toEqual([{ name: 'fulfillment.start' }]);
    await holdfast.startWorker();
    for (const number of numbers) await holdfast.api.orderIn(number, 'Fulfilled');
  });

  it('an item whose report is waited for needs no job, and one of a free order that is overdue needs a person', async () => {
    const { api } = holdfast;
    const free = await api.placeOrder({ items: [{ unitAmount: 0, fulfiller: 'manual' }] });
    await api.init(free);
    const { number } = await reserveManual(holdfast);
    await untilReportsAreAwaited(holdfast, free);
    await eventually(
      () => open(free),
      (jobs) => jobs.length === 0,
    );
    await holdfast.passTime(121);
    expect(await look()).toBe(0);
    expect(await casesOf(holdfast, free)).toEqual([]);
    await holdfast.controls.webhooks({ mode: 'hold' });
    await holdfast.passTime(8 * 24 * 3600);
    await look();
    expect(await casesOf(holdfast, free)).toEqual(['report-overdue']);
    expect(await casesOf(holdfast, number)).toEqual([]);
    // What a person closed is closed.
    await holdfast.rows('UPDATE operator_cases SET closed_at = now() WHERE subject = $1', [free]);
    await look();
    expect(await casesOf(holdfast, free)).toEqual([]);
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
  });

  it('what a person has to settle is not settled again and again', async () => {
    const number = await deliveredUnpaid(holdfast);
    await eventually(
      () => casesOf(holdfast, number),
      (cases) => cases.includes('delivered-uncharged'),
    );
    await eventually(
      () => open(number),
      (jobs) => jobs.length === 0,
    );
    const before = await jobsOf(number);
    for (let run = 0; run < 3; run++) {
      await holdfast.passTime(121);
      expect(await look()).toBe(0);
      await holdfast.reconcile();
    }
    await holdfast.rows('UPDATE operator_cases SET closed_at = now() WHERE subject = $1', [number]);
    await holdfast.reconcile();
    expect(await jobsOf(number)).toEqual(before);
    expect(await statusOf(number)).toBe('Delivered');
  });

  it('a settlement that was given up for good is begun anew, and a person knows why', async () => {
    const { api } = holdfast;
    const { number } = await reserveManual(holdfast);
    await holdfast.controls.fault({
      kind: 'drop_before',
      method: 'POST',
      path: '/v1/payment_intents/.*/capture',
      times: 100,
    });
    await api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Delivered' });
    const settle = `name = 'fulfillment.settle' AND data->>'orderNumber' = '${number}'`;
    // Its next try is its last.
    await eventually(
      async () => {
        const waiting = `${settle} AND state = 'retry' AND retry_count < retry_limit`;
        await holdfast.rows(`UPDATE pgboss.job SET retry_count = retry_limit, start_after = now() WHERE ${waiting}`);
        return holdfast.rows(`SELECT 1 FROM pgboss.job WHERE ${settle} AND state = 'failed'`);
      },
      (rows) => rows.length === 1,
    );
    expect(await statusOf(number)).toBe('Delivered');
    await holdfast.controls.clearFaults();
    await holdfast.passTime(121);
    expect(await look()).toBe(1);
    expect(await casesOf(holdfast, number)).toEqual(['work-keeps-failing']);
    expect((await api.orderIn(number, 'Fulfilled')).payment.amountCaptured).toBe(1250);
    expect(await holdfast.controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });
});
