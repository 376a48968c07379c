import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock, Database } from '#platform';
import { StripeGateway } from '#stripe';
import type { Finding } from '../../apps/audit/audit.finding.js';
import { audit } from '../../apps/audit/audit.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { charged, CHECKOUT, EVERY_TRY, pageOf, reserve, reserveManual } from '../support/payment-steps.js';

describe('the audit', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  const look = (pauseMs = 10): Promise<Finding[]> => {
    const get = <T>(token: abstract new (...parameters: never[]) => T) => holdfast.app.get<T>(token, { strict: false });
    return audit(get(Database), get(StripeGateway), get(Clock), pauseMs);
  };
  const found = async (subject: string) =>
    (await look()).filter((finding) => finding.subject === subject).map(({ invariant }) => invariant);

  /** Plants what no code of ours can write: checks and all are put aside for a moment. */
  async function plant(table: string, sql: string, parameters: unknown[]): Promise<void> {
    const client = await holdfast.database.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ name: string }>(
        `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'`,
        [table],
      );
      for (const { name } of rows) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
      await client.query(sql, parameters);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }

  it('finds nothing after journeys of every kind', async () => {
    const { api, controls } = holdfast;
    const fulfilled = await reserve(holdfast, {
      items: [{ unitAmount: 900 }, { sku: 'fail-tour', unitAmount: 400 }],
    });
    const failed = await reserve(holdfast, { items: [{ sku: 'fail-tour', unitAmount: 400 }] });
    const canceled = await reserveManual(holdfast);
    await api.post(`/v1/orders/${canceled.number}/cancel`, {});
    const page = await api.placeOrder();
    await controls.payHostedPage(pageOf(await api.init(page, CHECKOUT)));
    const abandoned = await api.placeOrder();
    await api.init(abandoned);
    await api.delete(`/v1/orders/${abandoned}/payment`);
    const open = await api.placeOrder();
    await api.init(open);
    const free = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    await api.init(free);
    await api.orderIn(fulfilled.number, 'PartiallyFulfilled');
    await api.orderIn(failed.number, 'FulfillmentError');
    await api.orderIn(page, 'Fulfilled');
    await api.orderIn(free, 'Fulfilled');
    const refunded = await charged(holdfast);
    await api.post(`/v1/orders/${refunded.number}/refunds`, { amount: 300 });
    await holdfast.stripe.refunds.create({ payment_intent: refunded.intentId, amount: 200 });
    const reported = await reserveManual(holdfast);
    await holdfast.api.orderIn(reported.number, 'InTransit');
    const report = (outcome: string) =>
      api.put(`/v1/orders/${reported.number}/items/${reported.number}-1/fulfillment`, { outcome });
    expect((await report('Failed')).status).toBe(200);
    expect((await report('Delivered')).status).toBe(409);
    await api.orderIn(reported.number, 'FulfillmentError');
    await holdfast.settled();

    expect(await look()).toEqual([]);
  });

  it('finds an intent of ours that has no payment (invariant 5)', async () => {
    const intent = await holdfast.stripe.paymentIntents.create({
      ...{ amount: 1000, currency: 'eur', capture_method: 'manual', allowed_payment_method_types: ['card'] },
      metadata: { source: 'holdfast', paymentId: 'pay_nobody', orderNumber: '26-1' },
    });
    expect(await found(intent.id)).toEqual([5]);
  });

  it('finds a payment whose intent is not at Stripe (invariant 5)', async () => {
    const { paymentId } = await pending();
    await plant('payments', `UPDATE payments SET payment_intent_id = 'pi_gone' WHERE payment_id = $1`, [paymentId]);
    expect(await found(paymentId)).toContain(5);
  });

  it('finds two objects of one order that can be paid (invariant 4)', async () => {
    const { number, paymentId } = await pending();
    await holdfast.stripe.paymentIntents.create({
      ...{ amount: 1000, currency: 'eur', capture_method: 'manual', allowed_payment_method_types: ['card'] },
      metadata: { source: 'holdfast', paymentId, orderNumber: number },
    });
    expect(await found(number)).toContain(4);
  });

  it('finds what can still be paid of a payment that is over (invariants 4 and 5)', async () => {
    const { api, stripe } = holdfast;
    const { number, paymentId } = await pending();
    const metadata = { source: 'holdfast', paymentId, orderNumber: number };
    await api.delete(`/v1/orders/${number}/payment`);
    expect(await found(paymentId)).toEqual([]);
    const intent = await stripe.paymentIntents.create({
      ...{ amount: 1000, currency: 'eur', capture_method: 'manual', allowed_payment_method_types: ['card'], metadata },
    });
    expect(await found(paymentId)).toEqual([4]);
    await stripe.paymentIntents.cancel(intent.id);
    const page = await stripe.checkout.sessions.create({
      ...{ mode: 'payment', success_url: 'https://shop.example', metadata },
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'x' } } }],
    });
    expect(await found(paymentId)).toEqual([5]);
    await stripe.checkout.sessions.expire(page.id);
    expect(await found(paymentId)).toEqual([]);
  });

  it('finds a reservation that a cancelled order still holds (invariants 5 and 9)', async () => {
    const { number } = await reserveManual(holdfast);
    const paymentId = await paymentOf(number);
    await plant('orders', `UPDATE orders SET status = 'Canceled' WHERE order_number = $1`, [number]);
    expect(await found(paymentId)).toContain(9);
    expect(await found(number)).toEqual([9, 11]);
  });

  it('finds more captured than delivered, and other than at Stripe (invariant 2)', async () => {
    const { number } = await reserve(holdfast, { items: [{ unitAmount: 900 }] });
    await holdfast.api.orderIn(number, 'Fulfilled');
    const paymentId = await paymentOf(number);
    await plant(
      'payments',
      'UPDATE payments SET amount_captured = 901, amount_authorized = 901 WHERE payment_id = $1',
      [paymentId],
    );
    expect(await found(paymentId)).toEqual([2]);
    expect(await found(number)).toEqual([2, 11]);
  });

  it('finds a refund that Stripe has and the books have not, and one without its history (invariants 1 and 11)', async () => {
    const { number, intentId } = await charged(holdfast);
    const { body } = await holdfast.api.post(`/v1/orders/${number}/refunds`, { amount: 300 });
    const { refundId } = body as { refundId: string };
    const paymentId = await paymentOf(number);
    await holdfast.controls.webhooks({ mode: 'hold' });
    await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 200 });
    expect(await found(paymentId)).toEqual([1]);
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
    await eventually(
      () => found(paymentId),
      (invariants) => invariants.length === 0,
    );

    await holdfast.rows(`DELETE FROM order_timeline WHERE detail->>'refundId' = $1 AND to_status = 'Succeeded'`, [
      refundId,
    ]);
    expect(await found(refundId)).toEqual([11]);
    await plant('refunds', 'UPDATE refunds SET amount = 5000 WHERE refund_id = $1', [refundId]);
    expect(await found(paymentId)).toEqual([1, 1]);
  });

  it('finds an order that is Paid on nothing (invariant 3)', async () => {
    const { number, paymentId } = await pending();
    await plant('orders', `UPDATE orders SET status = 'InTransit' WHERE order_number = $1`, [number]);
    expect(await found(number)).toEqual([3, 11]);
    expect(await found(paymentId)).toEqual([]);
  });

  it('finds a total that its items do not make, refunds above what was captured, and two ways to Paid', async () => {
    const { number, paymentId } = await pending();
    await plant('orders', 'UPDATE orders SET total_amount = total_amount + 1 WHERE order_number = $1', [number]);
    await plant('payments', 'UPDATE payments SET amount_refunded = 5 WHERE payment_id = $1', [paymentId]);
    const line = `INSERT INTO order_timeline (order_number, at, type, from_status, to_status, actor, detail)
      VALUES ($1, now(), 'order.paid', 'Payment', 'Paid', 'stripe', '{}'), ($1, now(), 'order.paid', 'Payment', 'Paid', 'stripe', '{}')`;
    await holdfast.rows(line, [number]);
    expect(await found(number)).toEqual(expect.arrayContaining([1, 6, 7, 11]));
    expect(await found(paymentId)).toContain(1);
  });

  it('finds a reservation past its end, and an order that nobody works on (invariants 9 and 12)', async () => {
    const number = await forgotten();
    const paymentId = await paymentOf(number);
    await plant(
      'payments',
      `UPDATE payments SET authorization_expires_at = now() - interval '2 hours' WHERE payment_id = $1`,
      [paymentId],
    );
    expect(await found(paymentId)).toEqual([9]);
    expect(await found(number)).toEqual([12]);
  });

  it('finds an order in Payment that was charged, when nobody is told any more (invariant 12)', async () => {
    const { number } = await pending();
    await plant(
      'orders',
      `UPDATE orders SET payment = payment || '{"status": "Captured"}', updated_at = now() - interval '2 days' WHERE order_number = $1`,
      [number],
    );
    expect(await found(number)).toContain(12);
  });

  it('is silent about what is on the operator’s list', async () => {
    const number = await forgotten();
    expect(await found(number)).toEqual([12]);
    await holdfast.rows(
      `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at) VALUES ('planted', $1, '', '', '{}', now())`,
      [number],
    );
    expect(await found(number)).toEqual([]);
  });

  it('is silent about the intent of a page that is done, which nobody can pay and Stripe may refuse to cancel', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const slow = '4000000000006009';
    await controls.payHostedPage(pageOf(await api.init(number, CHECKOUT)), slow);
    const code = 'payment_intent_unexpected_state';
    await controls.fault({ kind: 'error', status: 400, code, path: '/cancel$', times: EVERY_TRY });
    const [line] = await controls.ledger(number);
    await controls.post(`payment_intents/${line?.id}/settle`, { status: 'failed' });
    await api.orderIn(number, 'Placed');
    await controls.clearFaults();
    await api.init(number);
    await holdfast.settled();
    const payments = await holdfast.rows<{ id: string }>(
      'SELECT payment_id AS id FROM payments WHERE order_number = $1',
      [number],
    );
    const subjects = [number, ...payments.map(({ id }) => id)];
    expect((await look()).filter(({ subject }) => subjects.includes(subject))).toEqual([]);
  });

  it('is silent about what a second look no longer finds', async () => {
    const { number } = await pending();
    const reads = async () => (await holdfast.controls.requests()).filter(({ path }) => path === '/v1/refunds').length;
    await plant('orders', 'UPDATE orders SET total_amount = total_amount + 1 WHERE order_number = $1', [number]);
    expect(await found(number)).toEqual([1]);
    const before = await reads();
    const looking = look(2000);
    await eventually(reads, (count) => count > before);
    await holdfast.rows('UPDATE orders SET total_amount = total_amount - 1 WHERE order_number = $1', [number]);
    expect((await looking).filter(({ subject }) => subject === number)).toEqual([]);
  });

  /** An order whose supplier nobody asks any more. */
  async function forgotten(): Promise<string> {
    const { number } = await reserveManual(holdfast);
    await holdfast.rows('UPDATE order_items SET awaiting_report = false WHERE order_number = $1', [number]);
    await holdfast.rows(`UPDATE orders SET updated_at = now() - interval '2 days' WHERE order_number = $1`, [number]);
    return number;
  }

  async function paymentOf(number: string): Promise<string> {
    const rows = await holdfast.rows<{ id: string }>('SELECT payment_id AS id FROM payments WHERE order_number = $1', [
      number,
    ]);
    return rows[0]?.id ?? '';
  }

  async function pending(): Promise<{ number: string; paymentId: string }> {
    const number = await holdfast.api.placeOrder();
    await holdfast.api.init(number);
    return { number, paymentId: await paymentOf(number) };
  }
});
