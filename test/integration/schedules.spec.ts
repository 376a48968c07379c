import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, Schedules } from '#platform';
import { createWorker } from '../../apps/worker/worker.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { reserve } from '../support/payment-steps.js';

const TICK_MS = 20;
/** Of a schedule whose runs take longer, in seconds. */
const INTERVAL = 0.1;

describe('schedules', () => {
  let holdfast: Holdfast;
  const workers: INestApplicationContext[] = [];
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false, environment: { RECONCILE_SECONDS: '1' } });
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await holdfast.controls.clearFaults();
  });

  const schedules = () => new Schedules(holdfast.app.get(Database, { strict: false }), TICK_MS);
  /** A schedule of its own name, run by as many as are asked for until the test ends them. */
  const running = async (every: number, processes: number, run: () => Promise<number>) => {
    const name = `test.${Math.random()}`;
    const all = Array.from({ length: processes }, schedules);
    for (const each of all) {
      each.every(name, every, run);
      each.start();
    }
    return { name, stop: () => Promise.all(all.map((each) => each.beforeApplicationShutdown())) };
  };
  const dueIn = async (name: string, seconds: number) =>
    holdfast.rows('UPDATE schedules SET next_at = now() + make_interval(secs => $2) WHERE name = $1', [name, seconds]);

  it('is run by one process at a time, and again when it is due', async () => {
    let runs = 0;
    const { name, stop } = await running(3600, 3, () => Promise.resolve(++runs));
    await eventually(
      () => Promise.resolve(runs),
      (count) => count === 1,
    );
    await dueIn(name, -1);
    await eventually(
      () => Promise.resolve(runs),
      (count) => count === 2,
    );
    await stop();
    expect(runs).toBe(2);
  });

  it('a run that fails is repeated, and a run that takes longer than its interval is not begun twice by one process', async () => {
    let begun = 0;
    let atOnce = 0;
    let most = 0;
    const { name, stop } = await running(INTERVAL, 1, async () => {
      most = Math.max(most, ++atOnce);
      if (++begun === 1) {
        atOnce--;
        throw new Error('the first fails');
      }
      await eventually(
        () => holdfast.rows('SELECT FROM schedules WHERE name = $1 AND next_at < now()', [name]),
        (due) => due.length === 1,
      );
      return atOnce--;
    });
    await eventually(
      () => Promise.resolve(begun),
      (count) => count >= 3,
    );
    await stop();
    expect(most).toBe(1);
    // Who is asked to stop finishes what it began.
    expect(atOnce).toBe(0);
  });

  it('by hand a schedule that fails keeps no other from being done, and what it found later counts', async () => {
    const all = schedules();
    let tries = 0;
    all.every('fails', 60, () => Promise.reject(new Error('always')));
    all.every('fails-once', 60, () => (++tries === 1 ? Promise.reject(new Error('once')) : Promise.resolve(0)));
    let left = 3;
    all.every('finds', 60, () => Promise.resolve(left > 0 ? left-- : 0));
    const { found, failures } = await all.runAll();
    expect(found).toEqual({ fails: 0, 'fails-once': 0, finds: 6 });
    expect(failures.map(({ name }) => name)).toEqual(['fails']);
    await expect(all.runOnce('nothing')).rejects.toThrow('there is no schedule');
    expect(() => all.every('fails', 60, () => Promise.resolve(0))).toThrow('twice');
  });

  it('by hand what always finds something comes to an end', async () => {
    const all = schedules();
    all.every('endless', 60, () => Promise.resolve(1));
    expect((await all.runAll()).found['endless']).toBe(20);
  });

  it('two workers by schedule and two runs by hand bring everything home, each effect once (S34)', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const numbers: string[] = [];
    for (let i = 0; i < 8; i++)
      numbers.push(
        (await reserve(holdfast, { items: [{}, { sku: i % 2 ? 'fail-tour' : 'tour', unitAmount: 900 }] })).number,
      );
    await holdfast.passTime(20);
    for (let i = 0; i < 2; i++) workers.push(await createWorker(holdfast.config));
    await Promise.all([holdfast.reconcile(), holdfast.reconcile()]);
    for (const [i, number] of numbers.entries()) {
      const order = await api.orderIn(number, 'Fulfilled', 'PartiallyFulfilled');
      const value = i % 2 ? 1250 : 2150;
      expect(order.payment.amountCaptured).toBe(value);
      expect(await controls.ledger(number)).toMatchObject([{ amount: 2150, amount_received: value }]);
      const timeline = await api.timeline(number);
      for (const to of ['Paid', 'InTransit', 'Authorized', 'Capturing'])
        expect(timeline.filter((line) => line.to === to && !String(line.type).startsWith('item.'))).toHaveLength(1);
    }
    const captures = (await controls.writes('/capture')).filter(({ replayed, status }) => !replayed && status === 200);
    expect(captures).toHaveLength(numbers.length);
  });

  it('a worker by itself, after every connection to the database was cut', async () => {
    const { api } = holdfast;
    workers.push(await createWorker(holdfast.config));
    const { number } = await reserve(holdfast);
    await holdfast.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await holdfast.controls.advance(20);
    // The API was cut off too: what it is asked at that moment it cannot answer.
    await eventually(
      () => api.get(`/v1/orders/${number}`),
      ({ body }) => (body as { order?: { orderStatus: string } }).order?.orderStatus === 'Fulfilled',
    );
  });
});
