import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HANDLED_EVENTS } from '#webhooks';
import { Holdfast } from '../support/holdfast.js';
import { casesOf, EVERY_TRY, reserve } from '../support/payment-steps.js';

const FEED = 'webhooks.read-events';
const DAY = 24 * 3600;
/** Stripe lists up to twenty types of event at once. */
const ONE_LIST = Array.from({ length: Math.ceil(HANDLED_EVENTS.length / 20) }, () => '/v1/events');
/** A webhook on its way is given fifteen seconds. */
const GRACE = 20;

describe('the feed of Stripe’s events', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
    await holdfast.controls.webhooks({ mode: 'hold' });
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.clearFaults());

  const look = () => holdfast.look(FEED);
  /** What a piece of work asked of Stripe. */
  const asking = async (work: () => Promise<unknown>) => {
    const before = (await holdfast.controls.requests()).length;
    const result = await work();
    return { result, asked: (await holdfast.controls.requests()).slice(before).map(({ path }) => path.split('?')[0]) };
  };
  const position = async () => {
    const [row] = await holdfast.rows<{ at: number }>(
      'SELECT extract(epoch FROM read_until)::float AS at FROM stripe_event_feed',
    );
    return row?.at ?? 0;
  };
  const statusOf = async (number: string) => (await holdfast.api.order(number)) as { orderStatus: string };
  const eventsOf = (intentId: string) =>
    holdfast.rows<{ event_id: string; status: string; deliveries: number }>(
      'SELECT event_id, status, deliveries FROM stripe_events WHERE object_id = $1',
      [intentId],
    );
  /** An intent that another installation made: our metadata, and no row here. */
  const elsewhere = (paymentId: string) =>
    holdfast.stripe.paymentIntents.create({
      ...{ amount: 900, currency: 'eur', capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa' },
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: paymentId === '' ? {} : { source: 'holdfast', paymentId, orderNumber: '26-1' },
    });

  it('leaves an event to the webhook for a moment, takes it once, and then costs one list a run', async () => {
    const { number } = await reserve(holdfast);
    expect(await look()).toBe(0);
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Payment' });
    await holdfast.passTime(GRACE);
    expect(await look()).toBe(1);
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });
    expect(await asking(look)).toEqual({ result: 0, asked: ONE_LIST });
    await holdfast.controls.flush();
    expect((await holdfast.api.timeline(number)).filter(({ to }) => to === 'Paid')).toHaveLength(1);
  });

  it.each(['error', 'drop_before', 'garbage', 'lock_timeout', 'rate_limit'])(
    'while Stripe’s list cannot be read (%s) nothing is passed over',
    async (kind) => {
      const { number } = await reserve(holdfast);
      await holdfast.passTime(GRACE);
      const before = await position();
      await holdfast.controls.fault({ kind, path: '/v1/events', times: EVERY_TRY });
      await expect(look()).rejects.toThrow(/events/);
      expect(await position()).toBe(before);
      await holdfast.controls.clearFaults();
      expect(await look()).toBe(1);
      expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });
    },
  );

  it('an event that keeps failing stops none behind it, is tried ever more seldom, and recovers', async () => {
    const poison = await reserve(holdfast);
    const healthy = await reserve(holdfast);
    const path = `/v1/payment_intents/${poison.intentId}`;
    await holdfast.controls.fault({ kind: 'error', method: 'GET', path, times: EVERY_TRY });
    await holdfast.passTime(GRACE);
    await look();
    expect(await statusOf(healthy.number)).toMatchObject({ orderStatus: 'Paid' });
    expect(await eventsOf(poison.intentId)).toMatchObject([{ status: 'failed', deliveries: 1 }]);
    expect(await asking(look)).toEqual({ result: 0, asked: ONE_LIST });
    await holdfast.passTime(61);
    await look();
    expect(await eventsOf(poison.intentId)).toMatchObject([{ status: 'failed', deliveries: 2 }]);

    // Nine tries later a person is told, and the event is tried on.
    await holdfast.rows('UPDATE stripe_events SET deliveries = 9 WHERE object_id = $1', [poison.intentId]);
    await holdfast.passTime(5 * 3600);
    await look();
    const [event] = await eventsOf(poison.intentId);
    expect(await casesOf(holdfast, event?.event_id ?? '')).toEqual(['event-keeps-failing']);
    expect(await asking(look)).toEqual({ result: 0, asked: ONE_LIST });

    const third = await reserve(holdfast);
    await expect(holdfast.reconcile()).rejects.toThrow('not everything was looked at');
    expect(await statusOf(third.number)).toMatchObject({ orderStatus: 'Paid' });
    await holdfast.controls.clearFaults();
    await holdfast.reconcile();
    expect(await statusOf(poison.number)).toMatchObject({ orderStatus: 'Paid' });
    expect(await eventsOf(poison.intentId)).toMatchObject([{ status: 'processed' }]);
  });

  it('when nothing can have its effect, a run ends after five, and the next goes on behind them', async () => {
    const orders = [];
    // Further apart than events are read again.
    for (let i = 0; i < 7; i++) {
      orders.push(await reserve(holdfast));
      await holdfast.passTime(200);
    }
    await holdfast.controls.fault({ kind: 'error', method: 'GET', path: '/v1/payment_intents/', times: 500 });
    await look();
    const failed = () => holdfast.rows(`SELECT 1 FROM stripe_events WHERE status = 'failed'`);
    expect(await failed()).toHaveLength(5);
    await holdfast.controls.clearFaults();
    await look();
    await holdfast.passTime(61);
    await look();
    expect(await failed()).toEqual([]);
    for (const { number } of orders) expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });
  });

  it('what failed and is no longer at Stripe is given up', async () => {
    const { intentId } = await reserve(holdfast);
    await holdfast.passTime(GRACE);
    await holdfast.controls.fault({ kind: 'error', method: 'GET', path: `/v1/payment_intents/${intentId}`, times: 4 });
    await look();
    await holdfast.controls.clearFaults();
    await holdfast.passTime(40 * DAY);
    const { asked } = await asking(look);
    expect(await eventsOf(intentId)).toMatchObject([{ status: 'unmatched' }]);
    // Forty days are one list, and what is older than thirty is nowhere.
    expect(asked.filter((path) => path === '/v1/events').length).toBeLessThanOrEqual(2 * ONE_LIST.length);
    const { number } = await reserve(holdfast);
    await holdfast.passTime(GRACE);
    await look();
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });
  });

  it('another installation’s object is listed and never touched; another program’s is nobody’s business', async () => {
    const [theirs, strangers] = [await elsewhere('pay_elsewhere'), await elsewhere('')];
    await holdfast.passTime(GRACE);
    expect(await look()).toBe(0);
    expect(await casesOf(holdfast, theirs.id)).toEqual(['stripe-object-without-payment']);
    expect(await eventsOf(strangers.id)).toEqual([]);
    for (const { id } of [theirs, strangers])
      expect((await holdfast.stripe.paymentIntents.retrieve(id)).status).toBe('requires_capture');
  });

  it('two by schedule and two by hand at once: every effect once', async () => {
    const orders = [];
    for (let i = 0; i < 10; i++) orders.push(await reserve(holdfast));
    await holdfast.passTime(GRACE);
    await Promise.all([look(), look(), holdfast.reconcile(), holdfast.reconcile()]);
    for (const { number } of orders) {
      const timeline = await holdfast.api.timeline(number);
      expect(timeline.filter(({ to }) => to === 'Paid')).toHaveLength(1);
      expect(timeline.filter(({ to }) => to === 'Authorized')).toHaveLength(1);
      const job = `name = 'fulfillment.start' AND data->>'orderNumber' = $1`;
      expect(await holdfast.rows(`SELECT 1 FROM pgboss.job WHERE ${job}`, [number])).toHaveLength(1);
    }
  });

  it('after a long silence a thousand and more are caught up with, 200 a run, and none is passed over', async () => {
    const many = 1040;
    const ids: string[] = [];
    for (let i = 0; i < many; i += 20) {
      const some = Array.from({ length: 20 }, (_, n) => elsewhere(`pay_many_${i + n}`));
      ids.push(...(await Promise.all(some)).map(({ id }) => id));
    }
    await holdfast.passTime(GRACE);
    const stored = async () =>
      (await holdfast.rows('SELECT 1 FROM stripe_events WHERE object_id = ANY($1)', [ids])).length;
    for (let run = 1; (await stored()) < many; run++) {
      const before = await stored();
      const { asked } = await asking(look);
      expect(asked.length).toBeLessThanOrEqual(60 * ONE_LIST.length);
      expect((await stored()) - before).toBe(Math.min(200, many - before));
      expect(run).toBeLessThanOrEqual(Math.ceil(many / 200));
    }
    await look();
    expect(await asking(look)).toMatchObject({ result: 0 });
  });
});
