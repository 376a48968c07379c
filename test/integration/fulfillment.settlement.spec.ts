import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, Jobs, type JobKind } from '#platform';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';
import { scanned } from '../support/scanner.js';
import { casesOf, reserve, reserveManual } from '../support/payment-steps.js';

const CAPTURE = '/v1/payment_intents/.*/capture';

describe('fulfilment and settlement', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await holdfast.controls.heal();
    await holdfast.startWorker();
  });

  const report = (number: string, outcome: string) =>
    holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome });
  /** For what takes several tries. */
  const soonIn = (number: string, status: string) => impatiently(holdfast, holdfast.api.orderIn(number, status));
  const captures = async (intentId: string) => holdfast.controls.writes(`/v1/payment_intents/${intentId}/capture`);

  it('an instant item has a ticket code and its QR picture, and is charged', async () => {
    const { number } = await reserve(holdfast);
    const order = await holdfast.api.orderIn(number, 'Fulfilled');
    const [code, picture] = order.items[0].deliverables;
    expect(code).toEqual({ type: 'ticket-code', value: expect.stringMatching(/^[2-9A-Z-]{14}$/) });
    expect(picture.type).toBe('qr-code');
    expect(scanned(String(picture.value))).toBe(code.value);
    expect(picture.value.length).toBeLessThan(4096);
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
  });

  it('an item that fails twice is delivered by the third try, once', async () => {
    const { number, intentId } = await reserve(holdfast, { items: [{ sku: 'flaky-1' }] });
    const order = await soonIn(number, 'Fulfilled');
    expect(order.items[0].deliverables).toHaveLength(2);
    const [item] = await holdfast.rows<{ attempts: number }>(
      'SELECT fulfillment_attempts AS attempts FROM order_items WHERE order_number = $1',
      [number],
    );
    expect(item?.attempts).toBe(3);
    expect(await captures(intentId)).toHaveLength(1);
  });

  it('S36 goods that are delivered one after the other are charged once, when the last has its outcome', async () => {
    const { api } = holdfast;
    const { number, intentId } = await reserve(holdfast, {
      items: [{ fulfiller: 'manual', unitAmount: 700 }, { fulfiller: 'manual', unitAmount: 500 }, { unitAmount: 300 }],
    });
    await api.orderIn(number, 'InTransit');
    const tell = (item: number) =>
      api.put(`/v1/orders/${number}/items/${number}-${item}/fulfillment`, { outcome: 'Delivered' });
    expect((await tell(1)).status).toBe(200);
    await eventually(
      () => api.order(number),
      ({ items }) => items[2].orderItemStatus === 'Delivered',
    );
    expect(await api.order(number)).toMatchObject({ orderStatus: 'InTransit', payment: { amountCaptured: 0 } });
    expect(await captures(intentId)).toEqual([]);

    expect((await tell(2)).status).toBe(200);
    expect(await api.orderIn(number, 'Fulfilled')).toMatchObject({ payment: { amountCaptured: 1500 } });
    expect(await captures(intentId)).toHaveLength(1);
    expect((await tell(2)).status).toBe(200);
    expect(await captures(intentId)).toHaveLength(1);
  });

  it('nothing delivered: the whole reservation is released, nothing charged', async () => {
    const { api, controls } = holdfast;
    const { number, intentId } = await reserve(holdfast, { items: [{ sku: 'fail-a' }, { sku: 'fail-b' }] });
    const order = await api.orderIn(number, 'FulfillmentError');
    expect(order.payment).toMatchObject({ status: 'Released', amountAuthorized: 2500, amountCaptured: 0 });
    expect(await controls.ledger(number)).toMatchObject([
      { status: 'canceled', amount_capturable: 0, amount_received: 0 },
    ]);
    expect(await captures(intentId)).toEqual([]);
  });

  it('only what was free is delivered: nothing is charged, and the order is PartiallyFulfilled', async () => {
    const { api, controls } = holdfast;
    const { number } = await reserve(holdfast, { items: [{ unitAmount: 0 }, { sku: 'fail-b' }] });
    const order = await api.orderIn(number, 'PartiallyFulfilled');
    expect(order.payment).toMatchObject({ status: 'Released', amountCaptured: 0 });
    expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled', amount_received: 0 }]);
  });

  it('a free order of which nothing is delivered ends in FulfillmentError', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ items: [{ sku: 'fail-a', unitAmount: 0 }] });
    await api.init(number);
    expect((await api.orderIn(number, 'FulfillmentError')).payment.status).toBe('NotRequired');
  });

  it('the answer to a capture is lost: the same key, captured once (S38)', async () => {
    const { controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const { number, intentId } = await reserve(holdfast);
    await controls.fault({ kind: 'drop_after', method: 'POST', path: CAPTURE, times: 4 });
    await controls.flush();
    await controls.webhooks({ mode: 'hold' });
    const order = await soonIn(number, 'Fulfilled');
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    const asked = await captures(intentId);
    expect(asked.length).toBeGreaterThan(2);
    expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });

  it('a capture that failed at Stripe is asked again on another key, after Stripe was read (S39, invariant 8)', async () => {
    const { controls, sandbox } = holdfast;
    await controls.fault({ kind: 'error', status: 500, method: 'POST', path: CAPTURE });
    const { number, intentId } = await reserve(holdfast);
    await soonIn(number, 'Fulfilled');

    const answer: unknown = await (await fetch(`${sandbox.url}/_sandbox/requests`)).json();
    const { data } = answer as { data: { method: string; path: string; idempotencyKey: string | null }[] };
    const about = data.filter(({ path }) => path.includes(intentId));
    const keys = [...new Set((await captures(intentId)).map(({ idempotencyKey }) => idempotencyKey))];
    expect(keys).toHaveLength(2);
    const lastOfOld = about.findLastIndex(({ idempotencyKey }) => idempotencyKey === keys[0]);
    const firstOfNew = about.findIndex(({ idempotencyKey }) => idempotencyKey === keys[1]);
    expect(about.slice(lastOfOld, firstOfNew).filter(({ method }) => method === 'GET').length).toBeGreaterThan(0);
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });

  it('captured already, with the exact amount: success (S40)', async () => {
    const { api, controls, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await controls.webhooks({ mode: 'hold' });
    await stripe.paymentIntents.capture(intentId, { amount_to_capture: 1250 });
    await report(number, 'Delivered');
    const order = await api.orderIn(number, 'Fulfilled');
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    expect(await casesOf(holdfast, number)).toEqual([]);
  });

  it('captured already, with another amount: the order stays Delivered, on the operator’s list', async () => {
    const { api, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await stripe.paymentIntents.capture(intentId, { amount_to_capture: 1000 });
    await eventually(
      () => api.order(number),
      ({ payment }) => payment.status === 'PartiallyCaptured',
    );
    await report(number, 'Delivered');
    await eventually(
      () => casesOf(holdfast, number),
      (cases) => cases.includes('charged-other-than-delivered'),
    );
    expect((await api.order(number)).orderStatus).toBe('Delivered');
  });

  it('charged, and nothing was delivered: the order stays Delivered, on the operator’s list', async () => {
    const { api, controls, stripe } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await controls.webhooks({ mode: 'hold' });
    await stripe.paymentIntents.capture(intentId);
    await report(number, 'Failed');
    await eventually(
      () => casesOf(holdfast, number),
      (cases) => cases.includes('captured-elsewhere'),
    );
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Delivered', payment: { status: 'Captured' } });
  });

  it('more than was reserved is refused before Stripe is asked (S41)', async () => {
    const { api } = holdfast;
    const { number, intentId } = await reserveManual(holdfast);
    await holdfast.rows('UPDATE payments SET amount_authorized = 1249 WHERE order_number = $1', [number]);
    await report(number, 'Delivered');
    await eventually(
      () => casesOf(holdfast, number),
      (cases) => cases.includes('delivered-above-reservation'),
    );
    expect(await captures(intentId)).toEqual([]);
    expect((await api.order(number)).orderStatus).toBe('Delivered');
  });

  it('a release whose answer is lost is finished by the job', async () => {
    const { controls } = holdfast;
    await controls.fault({ kind: 'drop_after', method: 'POST', path: '/v1/payment_intents/.*/cancel', times: 4 });
    const { number } = await reserve(holdfast, { items: [{ sku: 'fail-a' }] });
    expect((await soonIn(number, 'FulfillmentError')).payment.status).toBe('Released');
    expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled' }]);
  });

  it('every job done again has no second effect', async () => {
    const { api, controls } = holdfast;
    const { number } = await reserve(holdfast, { items: [{}, { sku: 'fail-1' }] });
    const before = await api.orderIn(number, 'PartiallyFulfilled');
    const timeline = await api.timeline(number);
    const writes = await controls.writes();
    const jobs = holdfast.app.get(Jobs);
    const again = {
      orderNumber: number,
      orderItemNumber: `${number}-1`,
      paymentId: before.payment.paymentId as string,
    };
    const names = ['fulfillment.start', 'fulfillment.deliver-item', 'fulfillment.settle', 'payments.release'];
    await holdfast.app.get(Database).transaction(async (tx) => {
      for (const name of [...names, ...names]) await jobs.send(tx, { name } as JobKind<object>, again);
    });
    await eventually(
      () =>
        holdfast.rows(
          `SELECT name FROM pgboss.job WHERE state NOT IN ('completed', 'failed') AND start_after <= now()`,
        ),
      (open) => open.length === 0,
    );
    expect(await api.order(number)).toEqual(before);
    expect(await api.timeline(number)).toEqual(timeline);
    expect(await controls.writes()).toEqual(writes);
  });

  it('the hold runs out before the goods are charged: Delivered, Expired, and on the operator’s list', async () => {
    const { api, controls } = holdfast;
    const [unheard, heard] = [await reserveManual(holdfast), await reserveManual(holdfast)];
    await controls.webhooks({ mode: 'hold' });
    await controls.advance(8 * 24 * 3600);
    await report(unheard.number, 'Delivered');
    const lost = ['delivered-uncharged', 'reservation-lost'];
    const listed = (number: string) =>
      eventually(
        () => casesOf(holdfast, number),
        (cases) => cases.length === lost.length,
      );
    expect(await listed(unheard.number)).toEqual(lost);
    expect(await api.order(unheard.number)).toMatchObject({ orderStatus: 'Delivered', payment: { status: 'Expired' } });

    await controls.webhooks({ mode: 'deliver' });
    await controls.flush();
    expect((await api.order(heard.number)).payment.status).toBe('Expired');
    await report(heard.number, 'Delivered');
    expect(await listed(heard.number)).toEqual(lost);
    expect((await api.order(heard.number)).orderStatus).toBe('Delivered');
    expect(await captures(heard.intentId)).toEqual([]);
  });

  it('nothing is delivered after the reservation ran out (S42)', async () => {
    const { api, controls } = holdfast;
    await holdfast.stopWorker();
    const { number } = await reserve(holdfast, { items: [{}, { fulfiller: 'manual' }] });
    await api.orderIn(number, 'Paid');
    await controls.advance(8 * 24 * 3600);
    await eventually(
      () => api.order(number),
      ({ payment }) => payment.status === 'Expired',
    );
    await holdfast.startWorker();
    const order = await api.orderIn(number, 'FulfillmentError');
    expect(order.items).toMatchObject([
      { orderItemStatus: 'Failed', deliverables: [] },
      { orderItemStatus: 'Failed', deliverables: [] },
    ]);
    expect(await casesOf(holdfast, number)).toEqual(['reservation-lost']);
  });

  it('leaves no lease behind', async () => {
    expect(await holdfast.rows('SELECT 1 FROM payments WHERE lease_until IS NOT NULL')).toEqual([]);
  });
});
