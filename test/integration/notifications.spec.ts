import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '#platform';
import { OrdersRepository } from '#orders';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { RefundSteps } from '../support/refund-steps.js';
import { reserve, reserveManual } from '../support/payment-steps.js';
import { Receiver, toldOf, verified } from '../support/receiver.js';

describe('what partners are told', () => {
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
  });

  async function listening(events?: string[]) {
    const receiver = await Receiver.start();
    receivers.push(receiver);
    const { endpointId, secret } = await receiver.register(holdfast.api, events);
    registered.push(endpointId);
    return { receiver, endpointId, secret };
  }

  const listed = (number: string) => toldOf(holdfast.api, `orderNumber=${number}`);

  const allDelivered = (number: string) =>
    eventually(
      () => listed(number),
      (rows) => rows.every(({ status }) => status === 'Delivered'),
    );

  it('the whole journey, in the order of the timeline, each with the order as it was', async () => {
    const { receiver, endpointId, secret } = await listening();
    const { number } = await reserve(holdfast, { items: [{ sku: 'a' }, { sku: 'fail-b' }] });
    const final = await holdfast.api.orderIn(number, 'PartiallyFulfilled');
    const messages = await receiver.expect(number, 6);

    const told = messages.map((message) => verified(message, secret));
    const types = receiver.types(number);
    expect([...types].sort()).toEqual([
      ...[
        'item.delivered',
        'item.failed',
        'order.paid',
        'order.partially_fulfilled',
        'order.placed',
        'payment.captured',
      ],
    ]);
    const timeline = (await holdfast.api.timeline(number)).map(({ type }) =>
      String(type).replace('payment.partially_captured', 'payment.captured'),
    );
    expect(types).toEqual(timeline.filter((type) => types.includes(type)));
    const statusAt = (type: string) => told.find((one) => one.type === type)?.data.order.orderStatus as string;
    expect(statusAt('order.placed')).toBe('Placed');
    expect(statusAt('order.paid')).toBe('Paid');
    expect(statusAt('item.delivered')).toBe('InTransit');
    expect(told.at(-1)).toMatchObject({
      type: 'order.partially_fulfilled',
      data: { orderNumber: number, order: final },
    });
    const rows = (await allDelivered(number)).reverse();
    for (const [index, message] of messages.entries()) {
      expect(message.headers['content-type']).toBe('application/json');
      expect(Object.keys(message.body)).toEqual(['type', 'timestamp', 'data']);
      expect(message.body.data.order.orderNumber).toBe(number);
      expect(rows[index]).toEqual({
        notificationId: message.headers['webhook-id'],
        ...{ type: message.body.type, orderNumber: number, endpointId, status: 'Delivered', nextAttemptAt: null },
        attempts: [{ at: expect.any(String), statusCode: 204, durationMs: expect.any(Number) }],
        createdAt: message.body.timestamp,
      });
    }
  });

  it('a secret of another endpoint does not verify', async () => {
    const { receiver } = await listening(['order.placed']);
    const other = await listening(['order.expired']);
    const [message] = await receiver.expect(await holdfast.api.placeOrder(), 1);
    expect(() => verified(message!, other.secret)).toThrow(/signature/i);
  });

  it('only the events that were chosen, and only about the own orders', async () => {
    const { receiver } = await listening(['order.placed', 'order.canceled']);
    const partner = await holdfast.createPartner();
    const foreign = await holdfast.api.as(partner.key).placeOrder();
    const { number } = await reserveManual(holdfast);
    await holdfast.api.post(`/v1/orders/${number}/cancel`, {});
    await receiver.expect(number, 2);
    expect(receiver.types(number)).toEqual(['order.placed', 'order.canceled']);
    expect(receiver.about(foreign)).toEqual([]);
    const canceled = receiver.about(number)[1]?.body.data.order;
    expect(canceled).toEqual(await holdfast.api.order(number));
    expect(canceled.items).toMatchObject([{ orderItemStatus: 'Canceled' }]);
  });

  it('releasing comes before the cancellation, as in the timeline', async () => {
    const { receiver } = await listening(['payment.released', 'order.canceled']);
    const { number } = await reserveManual(holdfast);
    await holdfast.api.post(`/v1/orders/${number}/cancel`, {});
    await receiver.expect(number, 2);
    const types = (await holdfast.api.timeline(number)).map(({ type }) => String(type));
    expect(receiver.types(number)).toEqual(types.filter((type) => /payment.released|order.canceled/.test(type)));
    expect(receiver.types(number)).toEqual(['payment.released', 'order.canceled']);
  });

  it('order.placed is told when it becomes Placed from New, and not when a payment ended', async () => {
    const { receiver } = await listening(['order.placed', 'payment.failed']);
    const { api } = holdfast;
    const number = await api.placeOrder();
    await api.init(number);
    expect((await api.delete(`/v1/orders/${number}/payment`)).body.order.orderStatus).toBe('Placed');
    const item = { sku: 'a', name: 'A', quantity: 1, unitAmount: 100 };
    expect((await api.put(`/v1/orders/${number}`, { items: [] })).body.order.orderStatus).toBe('New');
    expect((await api.put(`/v1/orders/${number}`, { items: [item] })).body.order.orderStatus).toBe('Placed');
    await receiver.expect(number, 2);
    expect(receiver.about(number).map(({ body }) => Number(body.data.order.totalAmount))).toEqual([1250, 100]);
    expect(await listed(number)).toHaveLength(2);
  });

  it('refunds and disputes, each with the sums that follow from it', async () => {
    const { receiver } = await listening(['refund.succeeded', 'refund.failed', 'dispute.opened', 'dispute.closed']);
    const steps = new RefundSteps(holdfast);
    const { number, intentId } = await reserve(holdfast);
    await holdfast.api.orderIn(number, 'Fulfilled');
    await steps.refund(number, { amount: 250 });
    await receiver.expect(number, 1);
    const dispute = await steps.openDispute(intentId);
    await receiver.expect(number, 2);
    await steps.closeDispute(dispute, 'won');
    await receiver.expect(number, 3);
    const sums = receiver.about(number).map(({ body: { type, data } }) => {
      const { amountRefunded, amountDisputed } = data.order.payment as Record<string, number>;
      return { type, amountRefunded, amountDisputed };
    });
    const disputed = (await steps.payment(number)).amountDisputed;
    expect(sums).toEqual([
      { type: 'refund.succeeded', amountRefunded: 250, amountDisputed: 0 },
      { type: 'dispute.opened', amountRefunded: 250, amountDisputed: 1000 },
      { type: 'dispute.closed', amountRefunded: 250, amountDisputed: disputed },
    ]);
    expect(disputed).toBe(0);
  });

  it('payment.authorization_expiring before the reservation runs out', async () => {
    const { receiver } = await listening(['payment.authorization_expiring']);
    const { number } = await reserveManual(holdfast);
    await holdfast.controls.advance(5.5 * 24 * 3600);
    const [message] = await receiver.expect(number, 1);
    expect(message?.body.data.order).toMatchObject({ orderStatus: 'InTransit', payment: { status: 'Authorized' } });
  });

  it('payment.failed when the reservation is lost', async () => {
    const { receiver } = await listening(['payment.failed']);
    const { number } = await reserveManual(holdfast);
    await holdfast.controls.advance(8 * 24 * 3600);
    const [message] = await receiver.expect(number, 1);
    expect(message?.body.data.order.payment.status).toBe('Expired');
  });

  it('what is rolled back is not told, and nothing is written for who has no endpoint', async () => {
    await listening();
    const number = await holdfast.api.placeOrder();
    await eventually(
      () => listed(number),
      (told) => told.length === 1,
    );
    const rollback = new Error('rolled back');
    const moving = holdfast.app.get(Database).transaction(async (tx) => {
      const move = { from: 'Placed', to: 'Canceled' } as const;
      await holdfast.app
        .get(OrdersRepository, { strict: false })
        .apply(tx, { orderNumber: number, actor: 'operator', move });
      expect(await tx.query('SELECT FROM notifications WHERE order_number = $1', [number])).toHaveLength(2);
      throw rollback;
    });
    await expect(moving).rejects.toBe(rollback);
    expect(await listed(number)).toHaveLength(1);
    const partner = await holdfast.createPartner();
    const foreign = await holdfast.api.as(partner.key).placeOrder();
    expect(await holdfast.rows('SELECT FROM notifications WHERE order_number = $1', [foreign])).toEqual([]);
  });

  it('two endpoints hear the same, each with an id and a signature of its own', async () => {
    const [one, two] = [await listening(['order.placed']), await listening()];
    const number = await holdfast.api.placeOrder();
    const [first] = await one.receiver.expect(number, 1);
    const [second] = await two.receiver.expect(number, 1);
    expect(first?.raw).toBe(second?.raw);
    expect(first?.headers['webhook-id']).not.toBe(second?.headers['webhook-id']);
    verified(first!, one.secret);
    verified(second!, two.secret);
  });
});
