import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { casesOf, CHECKOUT, EVERY_TRY, intentIdOf, reserve, secretOf } from '../support/payment-steps.js';

const PAYMENTS = 'payments.reconcile';
const HOUR = 3600;

/** Stripe made no event at all here: only the payments themselves are looked at. */
describe('payments that are not over are looked at', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
    await holdfast.controls.webhooks({ mode: 'hold' });
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await holdfast.controls.clearFaults();
    // What one test leaves is not to be looked at in the next.
    await holdfast.rows(`UPDATE payments SET reconcile_at = 'infinity'`);
  });

  const look = () => holdfast.look(PAYMENTS);
  const POST = { method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY };
  const payment = async (number: string) => {
    const [row] = await holdfast.rows<{ status: string; release_reason: string | null; lease_until: Date | null }>(
      'SELECT status, release_reason, lease_until FROM payments WHERE order_number = $1',
      [number],
    );
    return row;
  };
  const statusOf = async (number: string) => (await holdfast.api.order(number)) as { orderStatus: string };
  const plant = (number: string, fields: string) =>
    holdfast.rows(
      `UPDATE payments SET previous_status = status, version = version + 1, ${fields} WHERE order_number = $1`,
      [number],
    );

  it.each(['drop_before', 'drop_after'])(
    'Initializing, whose process died (%s): finished on its key, and the customer comes back to the answer',
    async (kind) => {
      const { api, controls } = holdfast;
      await api.init(await api.placeOrder());
      const number = await api.placeOrder();
      await controls.fault({ kind, ...POST });
      expect((await api.init(number)).status).toBe(503);
      await controls.clearFaults();
      await holdfast.rows(`UPDATE payments SET lease_until = now() + interval '1 minute' WHERE order_number = $1`, [
        number,
      ]);
      await holdfast.passTime(100);
      expect(await look()).toBeLessThan(2);
      expect(await payment(number)).toMatchObject({ status: 'Initializing' });
      await holdfast.rows(`UPDATE payments SET lease_until = now() - interval '1 second' WHERE order_number = $1`, [
        number,
      ]);
      await look();
      expect(await payment(number)).toMatchObject({ status: 'Pending', lease_until: null });
      expect(secretOf(await api.init(number))).toMatch(/_secret_/);
      const creates = (await controls.writes('/v1/payment_intents')).filter(({ params }) =>
        JSON.stringify(params).includes(number),
      );
      expect(new Set(creates.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
      expect(await controls.ledger(number)).toHaveLength(1);
    },
  );

  it('Initializing, refused for good meanwhile: the order is back in Placed', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await controls.fault({ kind: 'drop_before', ...POST });
    await api.init(number);
    await controls.clearFaults();
    await controls.fault({ kind: 'error', status: 400, code: 'amount_too_small', ...POST });
    await holdfast.passTime(100);
    await look();
    expect(await payment(number)).toMatchObject({ status: 'Failed' });
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Placed' });
  });

  it('Pending: not in its first minutes, then reserved, cancelled elsewhere, or left alone; ever more seldom', async () => {
    const { api, stripe } = holdfast;
    const reserved = await reserve(holdfast);
    const canceled = await api.placeOrder();
    await stripe.paymentIntents.cancel(intentIdOf(await api.init(canceled)));
    const open = await api.placeOrder();
    await api.init(open, CHECKOUT);
    await holdfast.passTime(10 * 60);
    expect(await look()).toBe(0);
    await holdfast.passTime(6 * 60);
    expect(await look()).toBe(2);
    expect(await statusOf(reserved.number)).toMatchObject({ orderStatus: 'Paid' });
    expect(await statusOf(canceled)).toMatchObject({ orderStatus: 'Placed' });
    expect(await statusOf(open)).toMatchObject({ orderStatus: 'Payment' });
    const asked = async () => (await holdfast.controls.requests()).length;
    const before = await asked();
    await look();
    expect(await asked()).toBe(before);
  });

  it('Processing, whose bank has answered: reserved', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    await controls.confirm(secretOf(answer), 'pm_card_sandboxProcessing');
    await holdfast.passTime(16 * 60);
    expect(await look()).toBe(1);
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });

    const second = await api.placeOrder();
    const secret = secretOf(await api.init(second));
    await controls.confirm(secret, 'pm_card_sandboxProcessing');
    await holdfast.rows(`UPDATE payments SET status = 'Processing', previous_status = 'Pending', version = version + 1,
      payment_intent_id = '${secret.split('_secret')[0]}' WHERE order_number = '${second}'`);
    await controls.post(`payment_intents/${secret.split('_secret')[0]}/settle`, { status: 'succeeded' });
    await holdfast.passTime(6 * 60);
    await look();
    expect(await statusOf(second)).toMatchObject({ orderStatus: 'Paid' });
  });

  it('Releasing, for every reason, whose process and job are gone: finished', async () => {
    const { api, controls } = holdfast;
    const begin = async (work: (number: string) => Promise<unknown>) => {
      const number = await api.placeOrder();
      await api.init(number);
      await controls.fault({ kind: 'drop_before', ...POST });
      await work(number);
      await controls.clearFaults();
      return number;
    };
    const abandoned = await begin((number) => api.delete(`/v1/orders/${number}/payment`));
    const canceled = await begin((number) => api.post(`/v1/orders/${number}/cancel`, {}));
    const expired = await begin((number) => plant(number, `status = 'Releasing', release_reason = 'expired'`));
    await holdfast.rows(`DELETE FROM pgboss.job WHERE name = 'payments.release'`);
    expect(await statusOf(canceled)).toMatchObject({ orderStatus: 'Canceling' });
    await holdfast.passTime(150);
    await look();
    expect(await statusOf(abandoned)).toMatchObject({ orderStatus: 'Placed' });
    expect(await statusOf(canceled)).toMatchObject({ orderStatus: 'Canceled' });
    expect(await statusOf(expired)).toMatchObject({ orderStatus: 'Expired' });
    for (const number of [abandoned, canceled, expired])
      expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled' }]);
  });

  it('Capturing, charged and not heard of: the books follow, and nothing is charged twice', async () => {
    const { number, intentId } = await reserve(holdfast, { items: [{ fulfiller: 'manual' }] });
    await holdfast.reconcile();
    await plant(number, `status = 'Capturing', capture_amount = 1250`);
    await holdfast.stripe.paymentIntents.capture(intentId, { amount_to_capture: 1250 });
    await holdfast.rows(`UPDATE payments SET reconcile_at = '-infinity' WHERE order_number = $1`, [number]);
    await holdfast.passTime(400);
    await look();
    expect(await payment(number)).toMatchObject({ status: 'Captured' });
    expect(await casesOf(holdfast, number)).toEqual([]);
  });

  it('Authorized past its end: Expired, the moment that it is past', async () => {
    const { number } = await reserve(holdfast);
    await holdfast.reconcile();
    await holdfast.rows(`UPDATE payments SET reconcile_at = '-infinity' WHERE order_number = $1`, [number]);
    await holdfast.passTime(7 * 24 * HOUR + 60);
    await look();
    expect(await payment(number)).toMatchObject({ status: 'Expired' });
    expect(await casesOf(holdfast, number)).toEqual(['reservation-lost']);
  });

  it('50 a run, one call each; an object that Stripe does not know is a person’s, and stands before no other', async () => {
    const first = await holdfast.api.placeOrder();
    await holdfast.api.init(first);
    const numbers = [first];
    for (let i = 0; i < 69; i++) numbers.push(await copyOf(first, i));
    await holdfast.rows(
      `UPDATE payments SET reconcile_at = '-infinity', updated_at = updated_at - interval '1 hour'
      WHERE order_number = ANY($1)`,
      [numbers],
    );
    const gone = {
      path: '/v1/payment_intents/pi_gone',
      kind: 'error',
      status: 404,
      code: 'resource_missing',
      times: 500,
    };
    await holdfast.controls.fault(gone);
    const reads = async () => (await holdfast.controls.requests()).filter(({ method }) => method === 'GET').length;
    const looked = [];
    for (let run = 1; run <= 3; run++) {
      const before = await reads();
      await look();
      looked.push((await reads()) - before);
    }
    expect(looked).toEqual([50, 20, 0]);
    for (const number of numbers.slice(1)) expect(await casesOf(holdfast, number)).toEqual(['stripe-object-missing']);
  });

  it('while Stripe is silent a run asks for three, and the others are looked at in the next', async () => {
    const orders = [];
    for (let i = 0; i < 6; i++) orders.push(await reserve(holdfast));
    await holdfast.passTime(16 * 60);
    const numbers = orders.map(({ number }) => number);
    const paid = async () =>
      (await holdfast.rows(`SELECT 1 FROM orders WHERE status = 'Paid' AND order_number = ANY($1)`, [numbers])).length;
    await holdfast.controls.fault({ kind: 'error', method: 'GET', path: '/v1/payment_intents/', times: 500 });
    expect(await look()).toBe(0);
    const asked = (await holdfast.controls.requests()).filter(
      ({ status, method }) => status === 500 && method === 'GET',
    );
    expect(new Set(asked.map(({ path }) => path)).size).toBe(3);
    await holdfast.controls.clearFaults();
    expect(await look()).toBe(3);
    // By hand nobody waits.
    await holdfast.reconcile();
    expect(await paid()).toBe(6);
  });

  it('the database cuts every connection in the middle of a run: the next run goes on', async () => {
    const { number, intentId } = await reserve(holdfast);
    await holdfast.passTime(16 * 60);
    const isAsked = await holdfast.controls.hold({ method: 'GET', path: `/v1/payment_intents/${intentId}` });
    const run = look().catch((error: unknown) => error);
    await isAsked();
    // The claim is written before Stripe is asked.
    const claim = `SELECT 1 FROM payments WHERE payment_intent_id = $1 AND reconcile_at > '-infinity'`;
    expect(await holdfast.rows(claim, [intentId])).toHaveLength(1);
    await holdfast.rows(`SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await holdfast.controls.clearFaults();
    await run;
    await holdfast.passTime(7 * HOUR);
    await look();
    await holdfast.reconcile();
    expect(await statusOf(number)).toMatchObject({ orderStatus: 'Paid' });
  });

  /** A further order in Payment, whose intent is nowhere. */
  async function copyOf(number: string, n: number): Promise<string> {
    const copy = `26-9${String(n).padStart(5, '0')}`;
    await holdfast.rows(
      `INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('order_number', $2::text))).* FROM orders o WHERE order_number = $1`,
      [number, copy],
    );
    await holdfast.rows(
      `INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('order_number', $2::text,
         'payment_id', 'pay_copy_' || $3::text, 'payment_intent_id', 'pi_gone_' || $3::text))).* FROM payments p WHERE order_number = $1`,
      [number, copy, String(n)],
    );
    return copy;
  }
});
