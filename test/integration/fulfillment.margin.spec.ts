import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PartnersService } from '#partners';
import { Events } from '#platform';
import { AuthorizationExpiring } from '#payments';
import { Holdfast } from '../support/holdfast.js';
import { eventually } from '../support/eventually.js';
import { casesOf, reserve, reserveManual, untilReportsAreAwaited } from '../support/payment-steps.js';
import { delivers, Supplier } from '../support/supplier.js';

const HOUR = 3600;
/** Stripe holds a customer's reservation for seven days. */
const HOLD = 7 * 24 * HOUR;
const TOO_LATE = 'Not delivered before the reservation ran out';

describe('a reservation that is about to run out (S42)', () => {
  let holdfast: Holdfast;
  let supplier: Supplier;
  let told: string[];
  beforeAll(async () => {
    // Other than the defaults: what the variables say is what happens.
    const environment = { AUTHORIZATION_WARNING_HOURS: '30', AUTHORIZATION_MARGIN_HOURS: '6' };
    holdfast = await Holdfast.start({ environment });
    supplier = await Supplier.start();
    const partners = holdfast.app.get(PartnersService, { strict: false });
    await partners.set('par_demo', { fulfillmentUrl: supplier.url, fulfillmentAttempts: 3 });
    told = [];
    // Whichever of them runs the schedule.
    for (const program of holdfast.programs)
      program.get(Events, { strict: false }).on(AuthorizationExpiring, (_tx, { orderNumber }) => {
        told.push(orderNumber);
        return Promise.resolve();
      });
  });
  afterAll(async () => {
    await holdfast.stop();
    await supplier.stop();
  });

  const warn = () => holdfast.look('payments.warn');
  const endAtMargin = () => holdfast.look('fulfillment.end-at-margin');
  const report = (number: string, item: number, outcome: string) =>
    holdfast.api.put(`/v1/orders/${number}/items/${number}-${item}/fulfillment`, { outcome });
  const typesOf = async (number: string) => (await holdfast.api.timeline(number)).map(({ type }) => type as string);
  const inTransit = async (items: { fulfiller: string; unitAmount?: number }[]) => {
    const { number } = await reserve(holdfast, { items });
    await untilReportsAreAwaited(holdfast, number);
    return number;
  };

  it('the partner is told once, as long before as is said; at the margin what is delivered is charged and the rest fails', async () => {
    const { api, controls } = holdfast;
    const some = await inTransit([{ fulfiller: 'manual' }, { fulfiller: 'manual', unitAmount: 900 }]);
    const none = await inTransit([{ fulfiller: 'manual' }]);
    await report(some, 1, 'Delivered');
    await holdfast.passTime(HOLD - 31 * HOUR);
    expect(await warn()).toBe(0);
    await holdfast.passTime(2 * HOUR);
    expect(await warn()).toBe(2);
    expect(await warn()).toBe(0);
    expect([...told].sort()).toEqual([none, some].sort());
    expect(await typesOf(some)).toContain('payment.authorization_expiring');

    expect(await endAtMargin()).toBe(0);
    await holdfast.passTime(21 * HOUR);
    expect(await endAtMargin()).toBe(0);
    await holdfast.passTime(3 * HOUR);
    expect(await endAtMargin()).toBe(2);
    const charged = await api.orderIn(some, 'PartiallyFulfilled');
    expect(charged.payment).toMatchObject({ status: 'PartiallyCaptured', amountCaptured: 1250 });
    expect(charged.items[1]).toMatchObject({ orderItemStatus: 'Failed', statusText: TOO_LATE });
    expect((await api.orderIn(none, 'FulfillmentError')).payment).toMatchObject({ status: 'Released' });
    expect((await report(none, 1, 'Delivered')).status).toBe(409);
    expect((await controls.ledger(some))[0]).toMatchObject({ amount_received: 1250 });
    expect((await typesOf(some)).filter((type) => type === 'payment.authorization_expiring')).toHaveLength(1);
    expect(await endAtMargin()).toBe(0);
  });

  it('one that is Paid still, since no worker ran, and one whose fulfilment begins only now: nothing is handed out', async () => {
    const { api } = holdfast;
    await holdfast.stopWorker();
    const [ended, started] = [(await reserve(holdfast)).number, (await reserve(holdfast)).number];
    await api.orderIn(ended, 'Paid');
    await api.orderIn(started, 'Paid');
    await holdfast.passTime(HOLD - 5 * HOUR);
    await holdfast.rows(`UPDATE orders SET payment = payment - 'authorizationExpiresAt' WHERE order_number = $1`, [
      started,
    ]);
    expect(await endAtMargin()).toBe(1);
    await holdfast.rows(
      `UPDATE orders o SET payment = o.payment || jsonb_build_object('authorizationExpiresAt',
        (SELECT e.payment->>'authorizationExpiresAt' FROM orders e WHERE e.order_number = $2)) WHERE o.order_number = $1`,
      [started, ended],
    );
    await holdfast.startWorker();
    for (const number of [ended, started]) {
      const order = await api.orderIn(number, 'FulfillmentError');
      expect(order.items).toMatchObject([{ orderItemStatus: 'Failed', statusText: TOO_LATE, deliverables: [] }]);
      expect(order.payment).toMatchObject({ status: 'Released', amountCaptured: 0 });
    }
  });

  it('a fulfiller that is handing out at that moment is waited for, and what it delivers is charged', async () => {
    const { api } = holdfast;
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    supplier.behaviour = async (call, times) => {
      await opened;
      return delivers(call, times);
    };
    const { number } = await reserve(holdfast, {
      items: [{ fulfiller: 'http' }, { fulfiller: 'manual', unitAmount: 900 }],
    });
    await eventually(
      () => Promise.resolve(supplier.of(number)),
      (calls) => calls.length === 1,
    );
    await holdfast.passTime(HOLD - 5 * HOUR);
    expect(await endAtMargin()).toBe(0);
    open();
    await eventually(
      () => api.order(number),
      ({ items }) => items[0].orderItemStatus === 'Delivered',
    );
    expect(await endAtMargin()).toBe(1);
    const order = await api.orderIn(number, 'PartiallyFulfilled');
    expect(order.payment).toMatchObject({ amountCaptured: 1250 });
    expect(order.items[1]).toMatchObject({ orderItemStatus: 'Failed', statusText: TOO_LATE });
    expect(await casesOf(holdfast, `${number}-1`)).toEqual([]);
  });

  it('one whose worker died while its fulfiller was asked is waited for a minute, and then fails', async () => {
    const { number } = await reserveManual(holdfast);
    await holdfast.rows(
      `UPDATE order_items SET awaiting_report = false, asked_until = now() + interval '1 minute' WHERE order_number = $1`,
      [number],
    );
    await holdfast.passTime(HOLD - 5 * HOUR);
    expect(await endAtMargin()).toBe(0);
    await holdfast.rows(`UPDATE order_items SET asked_until = now() - interval '1 second' WHERE order_number = $1`, [
      number,
    ]);
    expect(await endAtMargin()).toBe(1);
    await holdfast.api.orderIn(number, 'FulfillmentError');
  });

  it('a free item of a paid order, and a free order, are what they are', async () => {
    const { api } = holdfast;
    const free = await api.placeOrder({ items: [{ fulfiller: 'manual', unitAmount: 0 }] });
    await api.init(free);
    await untilReportsAreAwaited(holdfast, free);
    const paid = await inTransit([{ fulfiller: 'manual', unitAmount: 0 }, { fulfiller: 'manual' }]);
    await report(paid, 1, 'Delivered');
    await holdfast.passTime(HOLD - 5 * HOUR);
    expect(await endAtMargin()).toBe(1);
    const order = await api.orderIn(paid, 'PartiallyFulfilled');
    expect(order.payment).toMatchObject({ status: 'Released', amountCaptured: 0 });
    expect((await api.order(free)).orderStatus).toBe('InTransit');
    await report(free, 1, 'Delivered');
    await api.orderIn(free, 'Fulfilled');
  });

  it('gone already, by the clock or by somebody at Stripe: Expired, and nothing more is delivered', async () => {
    const { api, controls, stripe } = holdfast;
    const byClock = await reserveManual(holdfast);
    const bySomebody = await reserveManual(holdfast);
    await stripe.paymentIntents.cancel(bySomebody.intentId);
    await controls.advance(HOLD + HOUR);
    for (const { number } of [byClock, bySomebody])
      await eventually(
        () => api.order(number),
        ({ payment }) => payment.status === 'Expired',
      );
    expect(await endAtMargin()).toBe(2);
    for (const { number } of [byClock, bySomebody]) {
      expect((await api.orderIn(number, 'FulfillmentError')).payment).toMatchObject({ status: 'Expired' });
      expect(await casesOf(holdfast, number)).toEqual(['reservation-lost']);
      expect((await report(number, 1, 'Delivered')).status).toBe(409);
    }
  });

  it('one order that cannot be ended keeps no other from it, and one that cannot be told of neither', async () => {
    const [first, second] = [await reserveManual(holdfast), await reserveManual(holdfast)];
    await holdfast.rows(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'refused'; END $$`);
    await holdfast.rows(`CREATE TRIGGER refuse BEFORE UPDATE ON orders FOR EACH ROW
      WHEN (OLD.order_number = '${first.number}') EXECUTE FUNCTION refuse()`);
    await holdfast.passTime(HOLD - 5 * HOUR);
    expect(await warn()).toBe(1);
    expect(await endAtMargin()).toBe(1);
    await holdfast.rows('DROP TRIGGER refuse ON orders');
    expect(await warn()).toBe(1);
    expect(await endAtMargin()).toBe(1);
    for (const { number } of [first, second]) await holdfast.api.orderIn(number, 'FulfillmentError');
  });

  it('two at once: each is told once and ended once', async () => {
    const orders = [await reserveManual(holdfast), await reserveManual(holdfast), await reserveManual(holdfast)];
    await holdfast.passTime(HOLD - 5 * HOUR);
    await Promise.all([warn(), warn(), warn()]);
    await Promise.all([endAtMargin(), endAtMargin(), endAtMargin()]);
    for (const { number } of orders) {
      await holdfast.api.orderIn(number, 'FulfillmentError');
      const types = await typesOf(number);
      for (const once of ['payment.authorization_expiring', 'order.delivered', 'item.failed', 'payment.released'])
        expect(types.filter((type) => type === once)).toEqual([once]);
    }
  });
});
