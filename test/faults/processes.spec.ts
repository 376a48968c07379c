import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Receiver } from '../support/receiver.js';
import { Supplier } from '../support/supplier.js';
import { Fleet, VICTIMS, type Victim } from './fleet.js';
import { Partner, STORIES, type Promised } from './partner.js';

/** Who dies when; another number tries another course. */
const seed = Number(process.env.PROCESSES_SEED ?? 1000);
/** Partners' orders under way at once. */
const AT_ONCE = 10;
/** Requests from one death to the next. */
const [FEWEST, MOST] = [10, 60];
/** Stripe takes its time: most die while they wait for it. */
const STRIPE = { kind: 'delay', delayMs: 25, times: 1_000_000, path: '^/v1/' };
const WEEK_SECONDS = 8 * 24 * 3600;
/** Looks that find the same before a minute passes: whoever is at work is left its leases. */
const LOOKS_A_MINUTE = 8;
/** Of orders and of payments: what somebody is at, and what a customer left. */
const UNDER_WAY = [
  ...['Paid', 'InTransit', 'Delivered', 'Canceling'],
  ...['Initializing', 'Processing', 'Authorized', 'Capturing', 'Releasing'],
];
const FORGOTTEN = ['New', 'Placed', 'Payment', 'Pending'];

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
let state = seed;
const below = (most: number) => Math.floor(random() * most);
const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);

let fleet: Fleet;
let partner: Partner;
let receiver: Receiver;
/** Whatever was begun when something went wrong ends too, the last first. */
const endings: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  const starting = Fleet.start();
  endings.push(async () => (await starting).stop());
  fleet = await starting;
  const supplier = await Supplier.start();
  endings.push(() => supplier.stop());
  receiver = await Receiver.start();
  endings.push(() => receiver.stop());
  const set = ['set', 'par_demo', '--fulfillment-url', supplier.url];
  expect((await fleet.programs.run('partners', set)).code).toBe(0);
  await receiver.register(fleet.api, ['order.paid']);
  partner = new Partner(fleet.apis, fleet.controls);
  endings.push(() => partner.leave());
});
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

describe('two APIs and two workers on one PostgreSQL, under load', () => {
  it(`killed one after another, and all at once, lose nothing and do nothing twice (PROCESSES_SEED=${seed})`, async () => {
    await fleet.controls.fault(STRIPE);
    const load = new Load();
    await killOneAfterAnother(load);
    await killAll(load);
    await load.end();
    await comeToAnEnd();
    expect(fleet.lost).toEqual([]);
    expect(await broken(partner.promised)).toEqual([]);
    expect(await fleet.programs.run('audit', ['--json'])).toEqual({ code: 0, stdout: '[]\n' });
  });
});

/** Begins story after story, until it is told to end. */
class Load {
  private isEnding = false;
  private readonly hands: Promise<unknown>[] = [];
  private readonly failures: unknown[] = [];

  constructor() {
    const names = shuffled(Object.keys(STORIES));
    let next = 0;
    const hand = async () => {
      while (!this.isEnding) await STORIES[names[next++ % names.length] ?? '']?.(partner);
    };
    for (let i = 0; i < AT_ONCE; i++) this.hands.push(hand().catch((error: unknown) => this.failures.push(error)));
  }

  /** Waits until so many more requests were sent. */
  async passes(requests: number): Promise<void> {
    const until = partner.asked + requests;
    while (partner.asked < until) {
      if (this.failures.length > 0) throw new AggregateError(this.failures, String(this.failures[0]));
      await sleep(1);
    }
  }

  /** No story is begun any more, and those that were are told to their end. */
  async end(): Promise<void> {
    this.stop();
    await Promise.all(this.hands);
    if (this.failures.length > 0) throw new AggregateError(this.failures, this.failures.map(String).join('\n'));
  }

  stop(): void {
    this.isEnding = true;
  }
}

async function killOneAfterAnother(load: Load): Promise<void> {
  const [api, worker] = [random() < 0.5 ? 'api 1' : 'api 2', random() < 0.5 ? 'worker 1' : 'worker 2'] as const;
  for (const victim of shuffled<Victim>([api, worker, 'database'])) {
    await load.passes(FEWEST + below(MOST - FEWEST));
    // Where in its work it is then, the seed says too.
    await sleep(below(30));
    await fleet.kill(victim);
    if (victim === 'database') await fleet.revive(victim);
    await fleet.letMinutePass();
    if (victim !== 'database') await fleet.revive(victim);
  }
}

/** As when the power fails. */
async function killAll(load: Load): Promise<void> {
  await load.passes(FEWEST + below(MOST - FEWEST));
  load.stop();
  await Promise.all(VICTIMS.map((victim) => fleet.kill(victim)));
  await fleet.revive('database');
  await fleet.letMinutePass();
  await Promise.all(VICTIMS.filter((victim) => victim !== 'database').map((victim) => fleet.revive(victim)));
}

/** Time passes, and nobody does anything but the workers. */
async function comeToAnEnd(): Promise<void> {
  await fleet.controls.clearFaults();
  await nothingIn(UNDER_WAY);
  await fleet.controls.advance(WEEK_SECONDS);
  await nothingIn([...UNDER_WAY, ...FORGOTTEN]);
}

async function nothingIn(statuses: readonly string[]): Promise<void> {
  let before = '';
  let looks = 0;
  await eventually(
    async () => {
      const busy = await fleet.rows(
        `SELECT order_number AS what, status FROM orders WHERE status = ANY($1)
         UNION ALL SELECT payment_id, status FROM payments WHERE status = ANY($1)
         UNION ALL SELECT refund_id, status FROM refunds WHERE status = 'Pending'
         UNION ALL SELECT notification_id, status FROM notifications WHERE status = 'Pending'
         UNION ALL SELECT name || ' ' || data::text, state::text || ' ' || retry_count FROM pgboss.job WHERE state < 'completed' AND name <> 'dead-letters'`,
        [statuses],
      );
      const now = JSON.stringify(busy);
      looks = now === before ? looks + 1 : 0;
      before = now;
      if (busy.length > 0 && looks % LOOKS_A_MINUTE === LOOKS_A_MINUTE - 1) await fleet.letMinutePass();
      return busy;
    },
    (busy) => busy.length === 0,
  );
}

/** @returns what is not as it was promised, in words */
async function broken(promised: readonly Promised[]): Promise<string[]> {
  const wrong: string[] = [];
  const expectCount = async (what: string, sql: string, count: number) => {
    const [row] = await fleet.rows<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`);
    if (row?.count !== count) wrong.push(`${row?.count} ${what}, not ${count}`);
  };
  await expectCount('accounts', 'accounts', partner.accounts);
  await expectCount('orders', 'orders', promised.length);
  await expectCount('dead jobs', `pgboss.job WHERE name = 'dead-letters'`, 0);
  await expectCount('events that failed', `stripe_events WHERE status = 'failed'`, 0);
  await expectCount('cases for an operator', 'operator_cases WHERE closed_at IS NULL', 0);
  const ledger = await fleet.controls.wholeLedger();
  for (const order of promised) wrong.push(...(await brokenOrder(order, ledger)));
  return wrong;
}

async function brokenOrder(promised: Promised, ledger: Awaited<ReturnType<Fleet['controls']['wholeLedger']>>) {
  const { number, status, captured, refunded } = promised;
  const lines = ledger.filter(({ metadata }) => metadata.orderNumber === number);
  const movements = lines.map((line) => line.movements.map(({ type }) => type));
  const timeline = (await partner.ask('GET', `/v1/orders/${number}/timeline?limit=100`)).body as { data: Json[] };
  const { order } = (await partner.ask('GET', `/v1/orders/${number}`)).body as { order: Json };
  const count = (type: string) => timeline.data.filter((line) => line.type === type).length;
  const told = new Set(
    receiver
      .about(number)
      .filter(({ body }) => body.type === 'order.paid')
      .map(({ headers }) => headers['webhook-id']),
  );
  const isPaid = count('order.paid');
  const found = {
    status: order.orderStatus as string,
    captured: lines.reduce((sum, line) => sum + line.amount_received, 0),
    refunded: lines.reduce((sum, line) => sum + line.amount_refunded, 0),
    inBooks: [order.payment?.amountCaptured ?? 0, order.payment?.amountRefunded ?? 0] as number[],
    capturedTwice: movements.some((types) => types.filter((type) => type === 'capture').length > 1),
    paid: isPaid,
    told: told.size,
  };
  const expected = {
    ...{ status, captured, refunded, inBooks: [captured, refunded], capturedTwice: false },
    paid: status === 'Canceled' ? Math.min(isPaid, 1) : Number(status !== 'Expired'),
    told: isPaid,
  };
  const [is, mustBe] = [JSON.stringify(found), JSON.stringify(expected)];
  return is === mustBe ? [] : [`${number} (${promised.story}) is ${is}, not ${mustBe}`];
}
