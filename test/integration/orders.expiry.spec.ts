import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import {
  casesOf,
  CHECKOUT,
  EVERY_TRY,
  intentIdOf,
  pageOf,
  reserve,
  secretOf,
  sessionIdOf,
} from '../support/payment-steps.js';

const EXPIRE = 'payments.expire-orders';
const HOUR = 3600;
/** Other than the default of 168: what the variable says is what happens. */
const PATIENCE = 100;

describe('forgotten orders', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    const environment = { ORDER_EXPIRY_HOURS: String(PATIENCE), CHECKOUT_SESSION_MINUTES: '90' };
    holdfast = await Holdfast.start({ worker: false, environment });
    await holdfast.controls.webhooks({ mode: 'hold' });
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.clearFaults());

  const expire = () => holdfast.look(EXPIRE);
  const statusOf = async (number: string) =>
    ((await holdfast.api.order(number)) as { orderStatus: string }).orderStatus;
  const place = (orderStatus: string) => holdfast.api.placeOrder({ orderStatus });
  const newOrder = async () => {
    const accountId = await holdfast.api.createAccount();
    const { body } = await holdfast.api.post('/v1/orders', { accountId, currency: 'EUR', items: [] });
    return (body as { order: { orderNumber: string } }).order.orderNumber;
  };

  it('New, Placed and Payment expire when nobody touched them for as long; one that was touched does not', async () => {
    const { api, controls } = holdfast;
    const forgotten = [await newOrder(), await place('Placed')];
    const [touched, intent, page] = [await place('Placed'), await place('Placed'), await place('Placed')];
    const body = { currency: 'EUR', items: [{ sku: 'ticket', name: 'Ticket', quantity: 1, unitAmount: 1250 }] };
    await holdfast.passTime((PATIENCE - 1) * HOUR);
    expect(await expire()).toBe(0);
    await api.put(`/v1/orders/${touched}`, body);
    await api.init(intent);
    const url = pageOf(await api.init(page, CHECKOUT));
    await holdfast.passTime(HOUR);
    expect(await expire()).toBe(2);
    for (const number of forgotten) expect(await statusOf(number)).toBe('Expired');
    expect(await statusOf(touched)).toBe('Placed');

    // In Payment for as long: what was open at Stripe is ended first.
    await holdfast.passTime((PATIENCE - 1) * HOUR);
    expect(await expire()).toBe(3 - 1);
    for (const number of [intent, touched]) expect(await statusOf(number)).toBe('Expired');
    // The session ran out by itself long ago: the order went back to Placed, and that counts as a touch.
    expect(await statusOf(page)).toBe('Placed');
    expect((await controls.payHostedPage(url)).status).not.toBe(303);
    expect(await controls.ledger(intent)).toMatchObject([{ status: 'canceled' }]);

    const answer = await api.put(`/v1/orders/${intent}`, body);
    expect(answer.body.order).toMatchObject({ orderStatus: 'Placed', payment: null });
    expect((await api.put(`/v1/orders/${forgotten[0]}`, { ...body, items: [] })).body.order.orderStatus).toBe('New');
    const timeline = await api.timeline(intent);
    expect(timeline.map(({ to }) => to as string)).toEqual(
      expect.arrayContaining(['Releasing', 'Abandoned', 'Expired']),
    );
    expect(timeline.find(({ to }) => to === 'Expired')).toMatchObject({ actor: 'holdfast', from: 'Payment' });
  });

  it('the hosted page can be paid on for as long as is said, and the order is then back in Placed', async () => {
    const { api, stripe } = holdfast;
    const number = await place('Placed');
    const session = await stripe.checkout.sessions.retrieve(sessionIdOf(await api.init(number, CHECKOUT)));
    expect(Math.round((session.expires_at - session.created) / 60)).toBe(90);
    await holdfast.passTime(89 * 60);
    await holdfast.reconcile();
    expect(await statusOf(number)).toBe('Payment');
    await holdfast.passTime(2 * 60);
    await holdfast.reconcile();
    expect(await statusOf(number)).toBe('Placed');
  });

  it('an open session is expired with its order', async () => {
    const { api, stripe } = holdfast;
    const number = await place('Placed');
    const sessionId = sessionIdOf(await api.init(number, CHECKOUT));
    await holdfast.rows(
      `UPDATE orders SET updated_at = updated_at - interval '${PATIENCE} hours' WHERE order_number = $1`,
      [number],
    );
    expect(await expire()).toBe(1);
    expect(await statusOf(number)).toBe('Expired');
    expect((await stripe.checkout.sessions.retrieve(sessionId)).status).toBe('expired');
    expect((await api.delete(`/v1/orders/${number}/payment`)).status).toBe(409);
  });

  it('a customer who paid, and whose event was lost, has the order: Paid, never Expired', async () => {
    const { api, controls } = holdfast;
    const number = await place('Placed');
    const secret = secretOf(await api.init(number));
    await holdfast.passTime(PATIENCE * HOUR);
    await controls.confirm(secret);
    await expire();
    expect(await statusOf(number)).toBe('Paid');
  });

  it('a reservation made between the claim and Stripe’s answer is released, and the order is Expired', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await place('Placed');
    const answer = await api.init(number);
    await holdfast.passTime(PATIENCE * HOUR);
    // Claimed and read as open; Stripe has too much to do to cancel it, and then the customer confirms.
    await controls.fault({
      kind: 'rate_limit',
      method: 'POST',
      path: `/v1/payment_intents/${intentIdOf(answer)}/cancel`,
    });
    await expire();
    await controls.confirm(secretOf(answer));
    expect((await stripe.paymentIntents.retrieve(intentIdOf(answer))).status).toBe('requires_capture');
    await holdfast.look('webhooks.read-events');
    await holdfast.passTime(150);
    await holdfast.reconcile();
    expect(await statusOf(number)).toBe('Expired');
    expect((await stripe.paymentIntents.retrieve(intentIdOf(answer))).status).toBe('canceled');
    const timeline = await api.timeline(number);
    expect(timeline.filter(({ to }) => to === 'Paid')).toEqual([]);
    expect(timeline.filter(({ to }) => to === 'Released')).toHaveLength(1);
  });

  it('charged at Stripe between the claim and Stripe’s answer: it cannot be released, and the order is Paid', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const secret = secretOf(await api.init(number));
    const intentId = secret.split('_secret')[0] ?? '';
    await holdfast.passTime(PATIENCE * HOUR);
    await controls.fault({ kind: 'drop_before', method: 'POST', path: '/cancel$', times: EVERY_TRY });
    await expire();
    await controls.confirm(secret);
    await stripe.paymentIntents.capture(intentId);
    await controls.clearFaults();
    await holdfast.reconcile();
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Paid', payment: { status: 'Captured' } });
    expect(await casesOf(holdfast, number)).toEqual(['captured-elsewhere']);
  });

  it('the process died after the claim, before and after Stripe did it: finished, Expired', async () => {
    const { api, controls } = holdfast;
    for (const kind of ['drop_before', 'drop_after']) {
      const number = await place('Placed');
      await api.init(number);
      await holdfast.passTime(PATIENCE * HOUR);
      await controls.fault({ kind, method: 'POST', path: '/v1/payment_intents/.*/cancel', times: EVERY_TRY });
      expect(await expire()).toBe(0);
      await controls.clearFaults();
      expect(await statusOf(number)).toBe('Payment');
      expect((await api.init(number)).body.code).toBe('payment-being-released');
      await holdfast.passTime(150);
      await holdfast.look('payments.reconcile');
      expect(await statusOf(number)).toBe('Expired');
      expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled' }]);
    }
  });

  it('one that cannot be expired stands before no other, and while Stripe is silent a run asks for three', async () => {
    const { api, controls } = holdfast;
    const intents: string[] = [];
    const numbers = [];
    for (let i = 0; i < 5; i++) {
      const number = await place('Placed');
      numbers.push(number);
      intents.push(intentIdOf(await api.init(number)));
    }
    await holdfast.passTime(PATIENCE * HOUR);
    await controls.fault({ kind: 'error', method: 'GET', path: '/v1/payment_intents/', times: 500 });
    expect(await expire()).toBe(0);
    const asked = (await controls.requests()).filter(
      ({ method, status, path }) => method === 'GET' && status === 500 && intents.some((id) => path.includes(id)),
    );
    expect(new Set(asked.map(({ path }) => path)).size).toBe(3);
    await controls.clearFaults();

    const gone = { kind: 'error', status: 404, code: 'resource_missing', method: 'GET', times: 500 };
    await controls.fault({ ...gone, path: `/v1/payment_intents/${intents[3]}` });
    for (let runs = 0; runs < 3; runs++) await expire();
    expect(await Promise.all(numbers.map(statusOf))).toEqual(['Expired', 'Expired', 'Expired', 'Payment', 'Expired']);
    expect(await casesOf(holdfast, numbers[3] ?? '')).toEqual(['stripe-object-missing']);
  });

  it('several at once: each expires once', async () => {
    const numbers = [await place('Placed'), await place('Placed')];
    for (const number of [await place('Placed'), await place('Placed')]) {
      await holdfast.api.init(number);
      numbers.push(number);
    }
    await holdfast.passTime(PATIENCE * HOUR);
    await Promise.all([expire(), expire(), expire()]);
    await holdfast.passTime(150);
    await holdfast.look('payments.reconcile');
    for (const number of numbers)
      expect((await holdfast.api.timeline(number)).filter(({ type }) => type === 'order.expired')).toHaveLength(1);
  });

  it('what is being fulfilled never expires', async () => {
    const { number } = await reserve(holdfast);
    await holdfast.reconcile();
    await holdfast.passTime(3 * PATIENCE * HOUR);
    expect(await expire()).toBe(0);
    expect(await statusOf(number)).toBe('Paid');
  });

  it('however many that cannot be expired are older, it is the turn of the one behind them', async () => {
    const number = await place('Placed');
    await holdfast.api.init(number);
    // They are being released for another reason, by a process that takes its time.
    const changed = `jsonb_build_object('order_number', '26-9' || lpad(n::text, 5, '0'), 'payment_id', 'pay_stuck_' || n,
      'payment_intent_id', 'pi_stuck_' || n, 'updated_at', now() - interval '1 year')`;
    const releasing = `jsonb_build_object('status', 'Releasing', 'previous_status', 'Pending', 'release_reason', 'abandoned',
      'lease_until', now() + interval '1 hour')`;
    await holdfast.rows(
      `INSERT INTO orders SELECT (jsonb_populate_record(o, ${changed} ||
         jsonb_build_object('payment', o.payment || jsonb_build_object('paymentId', 'pay_stuck_' || n)))).* FROM orders o, generate_series(1, 55) AS n
       WHERE order_number = $1`,
      [number],
    );
    await holdfast.rows(
      `INSERT INTO payments SELECT (jsonb_populate_record(p, ${changed} || ${releasing})).* FROM payments p, generate_series(1, 55) AS n
       WHERE order_number = $1`,
      [number],
    );
    await holdfast.passTime(PATIENCE * HOUR);
    for (let runs = 0; runs < 2; runs++) await expire();
    expect(await statusOf(number)).toBe('Expired');
  });
});
