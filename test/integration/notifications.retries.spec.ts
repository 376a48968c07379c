import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { casesOf, reserve, reserveManual } from '../support/payment-steps.js';
import { Receiver, toldOf, type Endpoint, type Told, verified } from '../support/receiver.js';

const MINUTE = 60;
const DAY = 24 * 3600;

describe('notifications that are not taken', () => {
  let holdfast: Holdfast;
  const receivers: Receiver[] = [];
  const registered: string[] = [];
  beforeAll(async () => {
    holdfast = await Holdfast.start({ schedules: true });
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    for (const id of registered.splice(0)) await holdfast.api.delete(`/v1/notification-endpoints/${id}`);
    await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
    await holdfast.startWorker();
  });

  async function listening(events?: string[], api = holdfast.api) {
    const receiver = await Receiver.start();
    receivers.push(receiver);
    const { endpointId, secret } = await receiver.register(api, events);
    if (api === holdfast.api) registered.push(endpointId);
    return { receiver, endpointId, secret };
  }

  const listed = (number: string) => toldOf(holdfast.api, `orderNumber=${number}`);
  const listedAs = (number: string, fits: (rows: Told[]) => boolean) => eventually(() => listed(number), fits);
  const endpoint = async (id: string) => (await holdfast.api.get(`/v1/notification-endpoints/${id}`)).body as Endpoint;
  const post = (path: string, body: unknown = {}) => holdfast.api.post(path, body);
  /** What is due by then is not waited for until the schedule looks. */
  const advance = async (seconds: number) => {
    await holdfast.passTime(seconds);
    await holdfast.look('notifications.send');
  };
  /** Until the try that is due has been made and written down. */
  const tried = (number: string, times: number) => listedAs(number, ([row]) => row?.attempts.length === times);

  it('are tried again with growing delays, under the same id and with the same bytes', async () => {
    const { receiver, secret } = await listening(['order.placed']);
    receiver.answer = () => 500;
    const number = await holdfast.api.placeOrder();
    await tried(number, 1);
    await advance(6);
    await tried(number, 2);
    await advance(31);
    const [row] = await tried(number, 3);
    expect(row).toMatchObject({ status: 'Pending', attempts: Array(3).fill({ statusCode: 500 }) });
    const delay = Date.parse(row!.nextAttemptAt!) - Date.parse(row!.attempts[2]!.at);
    expect(delay).toBe(2 * MINUTE * 1000);
    receiver.answer = () => 200;
    await advance(2 * MINUTE);
    await listedAs(number, ([now]) => now?.status === 'Delivered');
    const messages = receiver.about(number);
    expect(messages).toHaveLength(4);
    for (const message of messages) {
      verified(message, secret);
      expect(message.headers['webhook-id']).toBe(row!.notificationId);
      expect(message.raw).toBe(messages[0]?.raw);
    }
  });

  it.each([
    ['a redirect is not followed', 302, { statusCode: 302 }],
    ['nobody listens', 'stop', { error: expect.stringContaining('no connection') }],
  ] as const)('%s: a failed try', async (_, answer, attempt) => {
    const { receiver } = await listening(['order.placed']);
    receiver.answer = () => (answer === 'stop' ? 200 : answer);
    if (answer === 'stop') await receiver.stop();
    receivers.splice(0, answer === 'stop' ? 1 : 0);
    const number = await holdfast.api.placeOrder();
    const [row] = await tried(number, 1);
    expect(row?.attempts).toEqual([{ at: expect.any(String), durationMs: expect.any(Number), ...attempt }]);
    expect(receiver.received.filter(({ path }) => path.includes('elsewhere'))).toEqual([]);
  });

  it('later events of the order wait for an earlier one in its first tries, those of other orders do not', async () => {
    const { receiver } = await listening(['order.placed', 'order.paid']);
    let failing = '';
    receiver.answer = ({ body }) => (body.data.orderNumber === failing && body.type === 'order.placed' ? 503 : 200);
    failing = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await tried(failing, 1);
    expect((await holdfast.api.init(failing)).body.initPaymentData.result).toBe(true);
    const other = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await holdfast.api.init(other);
    await receiver.expect(other, 2);
    expect(new Set(receiver.types(failing))).toEqual(new Set(['order.placed']));
    const [paid, placed] = await listed(failing);
    expect([paid?.type, paid?.attempts, paid?.nextAttemptAt]).toEqual(['order.paid', [], placed?.nextAttemptAt]);

    failing = '';
    await advance(6);
    const delivered = await listedAs(paid!.orderNumber, (rows) => rows.every(({ status }) => status === 'Delivered'));
    // On a slow machine a retry comes due by itself before the clock is moved: each try is 5 s, then 30 s after the one before.
    const tries = delivered.at(-1)!.attempts.map(({ at }) => Date.parse(at));
    for (const [n, delay] of [5, 30].entries()) {
      if (tries[n + 1] !== undefined) expect(tries[n + 1]! - tries[n]!).toBeGreaterThanOrEqual(delay * 1000);
    }
    expect(tries.length).toBeGreaterThanOrEqual(2);
    expect(receiver.types(paid!.orderNumber)).toEqual([...tries.map(() => 'order.placed'), 'order.paid']);
  });

  it('later events of the order wait for one that is on its way, those of other orders do not', async () => {
    const { receiver } = await listening(['order.placed', 'order.paid']);
    const held = Promise.withResolvers<number>();
    let slow = '';
    receiver.answer = ({ body }) =>
      body.data.orderNumber === slow && body.type === 'order.placed' ? held.promise : 200;
    slow = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await receiver.expect(slow, 1);
    await holdfast.api.init(slow);
    const other = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await holdfast.api.init(other);
    await receiver.expect(other, 2);
    expect(receiver.types(slow)).toEqual(['order.placed']);
    held.resolve(200);
    await receiver.expect(slow, 2);
    expect(receiver.types(slow)).toEqual(['order.placed', 'order.paid']);
  });

  it('after five failures the later ones go on without it', async () => {
    const { receiver } = await listening(['order.placed', 'order.paid']);
    receiver.answer = ({ body }) => (body.type === 'order.placed' ? 503 : 200);
    const number = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await tried(number, 1);
    await holdfast.api.init(number);
    const placed = (times: number) => listedAs(number, (rows) => rows.at(-1)?.attempts.length === times);
    for (let times = 2; times <= 4; times++) {
      await advance(2 * MINUTE);
      await placed(times);
      expect(receiver.types(number)).not.toContain('order.paid');
    }
    await advance(11 * MINUTE);
    await placed(5);
    await receiver.expect(number, 6);
    await listedAs(number, ([paid]) => paid?.status === 'Delivered');
    expect((await listed(number)).at(-1)).toMatchObject({ type: 'order.placed', status: 'Pending' });
  });

  it('for three days: the endpoint is disabled, on the operator’s list; enabled again it gets all, in order', async () => {
    const { receiver, endpointId, secret } = await listening(['order.placed', 'order.paid']);
    receiver.answer = () => 500;
    const number = await holdfast.api.placeOrder({ items: [{ unitAmount: 0 }] });
    await tried(number, 1);
    expect(await endpoint(endpointId)).toMatchObject({ status: 'Enabled', failingSince: expect.any(String) });
    await advance(3 * DAY + 1);
    await eventually(
      () => endpoint(endpointId),
      ({ status }) => status === 'Disabled',
    );
    expect(await endpoint(endpointId)).toMatchObject({ disabledReason: 'failing' });
    expect(await casesOf(holdfast, endpointId)).toEqual(['notification-endpoint-disabled']);
    const cases = await holdfast.rows<{ text: string }>('SELECT operator_cases::text AS text FROM operator_cases');
    expect(JSON.stringify(cases)).not.toContain(receiver.url);

    receiver.answer = () => 200;
    await holdfast.api.init(number);
    const later = await holdfast.api.placeOrder();
    const [row] = await listed(later);
    expect(row).toMatchObject({ status: 'Pending', attempts: [], nextAttemptAt: null });
    for (const path of [
      `notification-endpoints/${endpointId}/test`,
      `notifications/${row!.notificationId}/redeliver`,
    ]) {
      const refused = await post(`/v1/${path}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'notification-endpoint-disabled']);
    }
    const before = receiver.received.length;

    const enabled = await post(`/v1/notification-endpoints/${endpointId}/enable`);
    expect([enabled.status, enabled.body.status, enabled.body.failingSince]).toEqual([200, 'Enabled', undefined]);
    await receiver.expect(later, 1);
    await listedAs(number, (rows) => rows.every(({ status }) => status === 'Delivered'));
    const since = receiver.received.slice(before);
    expect(since.filter(({ body }) => body.data.orderNumber === number).map(({ body }) => body.type)).toEqual([
      ...['order.placed', 'order.paid'],
    ]);
    for (const message of since) verified(message, secret);
    expect(await casesOf(holdfast, endpointId)).toEqual([]);
  });

  it('410 disables the endpoint at once, and nothing more is sent there', async () => {
    const { receiver, endpointId } = await listening(['order.placed']);
    receiver.answer = () => 410;
    const number = await holdfast.api.placeOrder();
    const [row] = await tried(number, 1);
    expect(row).toMatchObject({ status: 'Pending', nextAttemptAt: null, attempts: [{ statusCode: 410 }] });
    expect(await endpoint(endpointId)).toMatchObject({ status: 'Disabled', disabledReason: 'gone' });
    await holdfast.api.placeOrder();
    const other = await listening(['order.placed']);
    await other.receiver.expect(await holdfast.api.placeOrder(), 1);
    expect(receiver.received).toHaveLength(1);
  });

  it('one that is never taken while others are: Failed after three days, and sent when it is asked for', async () => {
    const { receiver, endpointId } = await listening(['order.placed']);
    const poison = await holdfast.api.placeOrder();
    await listedAs(poison, ([row]) => row?.status === 'Delivered');
    const [{ notificationId }] = (await listed(poison)) as [Told];
    receiver.answer = ({ body }) => (body.data.orderNumber === poison ? 500 : 200);
    expect((await post(`/v1/notifications/${notificationId}/redeliver`)).body).toMatchObject({ status: 'Pending' });
    await tried(poison, 2);
    await advance(3 * DAY - 600);
    await tried(poison, 3);
    await receiver.expect(await holdfast.api.placeOrder(), 1);
    await eventually(
      () => endpoint(endpointId),
      ({ failingSince }) => failingSince === undefined,
    );
    await advance(601);
    await listedAs(poison, ([row]) => row?.status === 'Failed');
    expect(await endpoint(endpointId)).toMatchObject({ status: 'Enabled' });
    expect((await listed(poison))[0]?.nextAttemptAt).toBeNull();

    receiver.answer = () => 200;
    const again = await post(`/v1/notifications/${notificationId}/redeliver`);
    expect([again.status, again.body.status]).toEqual([202, 'Pending']);
    const [done] = await listedAs(poison, ([row]) => row?.status === 'Delivered');
    expect(done?.attempts.map(({ statusCode }) => statusCode)).toEqual([204, 500, 500, 500, 200]);
  });

  it('endpoints that hang, as many as there may be, delay neither another endpoint of the partner nor another partner', async () => {
    const hanging = await Promise.all(Array.from({ length: 9 }, () => listening(['order.placed'])));
    for (const { receiver } of hanging) receiver.answer = () => 'hang';
    const { receiver } = await listening();
    const partner = await holdfast.createPartner();
    const neighbour = await listening(['order.placed'], holdfast.api.as(partner.key));
    const numbers = await Promise.all(Array.from({ length: 5 }, () => holdfast.api.placeOrder()));
    const { number } = await reserve(holdfast);
    await holdfast.api.orderIn(number, 'Fulfilled');
    const foreign = await holdfast.api.as(partner.key).placeOrder();
    await neighbour.receiver.expect(foreign, 1);
    for (const one of numbers) await receiver.expect(one, 1);
    await receiver.expect(number, 5);
    // All of them are still being waited for: nothing had to wait until one was given up.
    const givenUp = await holdfast.rows('SELECT FROM notifications WHERE endpoint_id = ANY($1) AND attempts <> $2', [
      ...[hanging.map(({ endpointId }) => endpointId), '[]'],
    ]);
    expect(givenUp).toEqual([]);
    for (const hung of hanging) {
      expect(hung.receiver.received.length).toBeGreaterThan(0);
      expect(hung.receiver.received.length).toBeLessThanOrEqual(4);
    }
    const rows = await holdfast.rows('SELECT FROM notifications WHERE lease_until > now()');
    expect(rows.length).toBeGreaterThanOrEqual(9);
    // Their connections end with them, and so do the tries.
    await Promise.all(hanging.map((hung) => hung.receiver.stop()));
    receivers.splice(0, 9);
  });

  it('a worker that died while sending: the notification is sent by another when its lease ends', async () => {
    await holdfast.stopWorker();
    const { receiver } = await listening(['order.placed']);
    const number = await holdfast.api.placeOrder();
    const leased = (until: string) =>
      holdfast.rows(
        `UPDATE notifications SET lease_until = ${until}, first_tried_at = due_at WHERE order_number = $1`,
        [number],
      );
    await leased(`clock_timestamp() + interval '1 hour'`);
    await holdfast.startWorker();
    await holdfast.look('notifications.send');
    await receiver.expect(await holdfast.api.placeOrder(), 1);
    expect(receiver.about(number)).toEqual([]);
    await leased(`clock_timestamp()`);
    await receiver.expect(number, 1);
    await listedAs(number, ([now]) => now?.status === 'Delivered');
    expect(
      await holdfast.rows('SELECT FROM notifications WHERE lease_until IS NOT NULL AND order_number = $1', [number]),
    ).toEqual([]);
  });

  it('two workers send each notification once', async () => {
    const { receiver } = await listening(['order.placed', 'order.canceled']);
    const second = await holdfast.secondWorker();
    try {
      const numbers = await Promise.all(Array.from({ length: 20 }, () => holdfast.api.placeOrder()));
      await Promise.all(numbers.map((number) => post(`/v1/orders/${number}/cancel`)));
      for (const number of numbers) {
        await listedAs(number, (rows) => rows.length === 2 && rows.every(({ status }) => status === 'Delivered'));
        expect(receiver.types(number)).toEqual(['order.placed', 'order.canceled']);
      }
    } finally {
      await second.close();
    }
  });

  it('two workers together send at most four at once to one endpoint', async () => {
    const { receiver } = await listening(['order.placed']);
    const held = Promise.withResolvers<number>();
    receiver.answer = () => held.promise;
    const second = await holdfast.secondWorker();
    try {
      const numbers = await Promise.all(Array.from({ length: 12 }, () => holdfast.api.placeOrder()));
      // Every sender that there is was woken, and the schedule looked again.
      await eventually(
        () => holdfast.rows(`SELECT FROM pgboss.job WHERE name = 'notifications.wake' AND state <> 'completed'`),
        (waking) => waking.length === 0,
      );
      await eventually(
        () => Promise.resolve(receiver.received.length),
        (count) => count >= 4,
      );
      await holdfast.reconcile();
      expect(receiver.received).toHaveLength(4);
      held.resolve(200);
      for (const number of numbers) await listedAs(number, ([row]) => row?.status === 'Delivered');
      expect(receiver.received).toHaveLength(12);
    } finally {
      held.resolve(200);
      await second.close();
    }
  });

  it('what was delivered is forgotten after 30 days, what is still to be sent is not', async () => {
    const { receiver } = await listening(['order.placed']);
    const [old, open] = [await holdfast.api.placeOrder(), await holdfast.api.placeOrder()];
    for (const number of [old, open]) await listedAs(number, ([row]) => row?.status === 'Delivered');
    receiver.answer = () => 500;
    const [row] = await listed(open);
    await post(`/v1/notifications/${row!.notificationId}/redeliver`);
    await tried(open, 2);
    await holdfast.rows(`UPDATE notifications SET created_at = created_at - interval '31 days'`);
    const found = await holdfast.reconcile();
    expect(found['notifications.forget']).toBeGreaterThan(0);
    expect(await listed(old)).toEqual([]);
    expect(await listed(open)).toMatchObject([{ status: 'Pending' }]);
  });

  it('of an order in fulfilment nothing waits for a slow partner', async () => {
    const { receiver } = await listening();
    receiver.answer = () => 'hang';
    const { number } = await reserveManual(holdfast);
    const report = await holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, {
      outcome: 'Delivered',
    });
    expect(report.status).toBe(200);
    await holdfast.api.orderIn(number, 'Fulfilled');
  });
});
