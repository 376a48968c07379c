import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, movesAsText, type Moves } from '#platform';
import { NOTIFICATION_MOVES } from '#notifications';
import { ORDER_ITEM_MOVES, ORDER_MOVES } from '#orders';
import { DISPUTE_MOVES, REFUND_MOVES } from '#refunds';
import { PAYMENT_MOVES } from '#payments';
import { idempotencyKey, StripeGateway } from '#stripe';
import { PAYMENT_ENDED } from '../../libs/payments/payment.state-machine.js';
import { Holdfast } from '../support/holdfast.js';

describe('state machines, and what the database itself refuses', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
    // So that an order has notifications; nobody sends them.
    await holdfast.api.post('/v1/notification-endpoints', { url: 'http://127.0.0.1:9/' });
  });
  afterAll(() => holdfast.stop());

  async function constraint(name: string): Promise<string> {
    const [row] = await holdfast.rows<{ text: string }>(
      'SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = $1',
      [name],
    );
    return row?.text ?? '';
  }

  const TABLES: [string, string, string, Moves<string>][] = [
    ['orders', 'orders_move_check', 'order_number', ORDER_MOVES],
    ['order_items', 'order_items_move_check', 'order_item_number', ORDER_ITEM_MOVES],
    ['payments', 'payments_move_check', 'payment_id', PAYMENT_MOVES],
    ['notifications', 'notifications_move_check', 'notification_id', NOTIFICATION_MOVES],
    ['refunds', 'refunds_move_check', 'refund_id', REFUND_MOVES],
    ['disputes', 'disputes_move_check', 'dispute_id', DISPUTE_MOVES],
  ];

  it.each(TABLES)('%s: the table of moves is the CHECK %s', async (_table, name, _key, moves) => {
    const found = [...(await constraint(name)).matchAll(/'(\w+>\w+)'/g)].map(([, move]) => move);
    expect(found.sort()).toEqual(movesAsText(moves));
  });

  it('a payment that is over is one that the index of live ones leaves out', async () => {
    const [row] = await holdfast.rows<{ text: string }>(
      `SELECT indexdef AS text FROM pg_indexes WHERE indexname = 'payments_one_live'`,
    );
    const ended = [...(row?.text ?? '').matchAll(/'(\w+)'/g)].map(([, status]) => status);
    expect(ended.sort()).toEqual([...PAYMENT_ENDED].sort());
  });

  /** A refund and a dispute of the order's payment. */
  const plantReturns = async (number: string) => {
    const common = `payment_id, order_number, 'EUR', now(), now() FROM payments WHERE order_number = $1`;
    await holdfast.rows(
      `INSERT INTO refunds (refund_id, status, amount, stripe_refund_id, operation_attempt, operation_stuck, operation_since,
         payment_id, order_number, currency, created_at, updated_at)
       SELECT 'ref_' || $1, 'Pending', 1, 're_' || $1, 1, false, now(), ${common}`,
      [number],
    );
    await holdfast.rows(
      `INSERT INTO disputes (dispute_id, status, amount, reason, charge_refundable, payment_id, order_number, currency,
         created_at, updated_at)
       SELECT 'du_' || $1, 'Open', 1, 'general', false, ${common}`,
      [number],
    );
  };

  it.each(TABLES)('%s: the database refuses every other move (invariant 7)', async (table, name, key, moves) => {
    const number = await holdfast.api.placeOrder();
    await holdfast.api.init(number);
    // Whatever else a status needs is there, so that the move alone is refused.
    await holdfast.rows(
      `UPDATE payments SET amount_authorized = 1250, capture_amount = 1250, release_reason = 'canceled' WHERE order_number = $1`,
      [number],
    );
    await plantReturns(number);
    const filter = `WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE order_number = '${number}')`;
    const states = Object.keys(moves);
    for (const from of states)
      for (const to of states) {
        if (moves[from]?.includes(to)) continue;
        const written = holdfast.rows(`UPDATE ${table} SET previous_status = $1, status = $2 ${filter}`, [from, to]);
        await expect(written).rejects.toMatchObject({ code: '23514', constraint: expect.stringMatching(name) });
      }
  });

  it('money never grows beyond what it comes from, whoever writes', async () => {
    const number = await holdfast.api.placeOrder();
    await holdfast.api.init(number);
    const write = (fields: string) => holdfast.rows(`UPDATE payments SET ${fields} WHERE order_number = $1`, [number]);
    for (const fields of [
      'amount_captured = 1',
      'amount_authorized = 10, amount_captured = 11',
      'amount_authorized = 10, amount_captured = 10, amount_refunded = 11',
      'amount_authorized = -1',
      `status = 'Capturing', previous_status = 'Authorized'`,
      `status = 'Capturing', previous_status = 'Authorized', amount_authorized = 10, capture_amount = 11`,
      `status = 'Releasing', previous_status = 'Pending'`,
    ]) {
      await expect(write(fields)).rejects.toMatchObject({ code: '23514' });
    }
  });

  it('a refund is of an amount, is at Stripe when it succeeded, and is there once', async () => {
    const numbers = [await holdfast.api.placeOrder(), await holdfast.api.placeOrder()];
    for (const number of numbers) {
      await holdfast.api.init(number);
      await plantReturns(number);
    }
    for (const [fields, code] of [
      ['amount = 0', '23514'],
      [`order_item_numbers = '{}'`, '23514'],
      [`create_params = '{}', stripe_refund_id = NULL, status = 'Succeeded', previous_status = 'Pending'`, '23514'],
      ['stripe_refund_id = NULL', '23514'],
      [`stripe_refund_id = 're_${numbers[1]}'`, '23505'],
    ]) {
      const written = holdfast.rows(`UPDATE refunds SET ${fields} WHERE order_number = $1`, [numbers[0]]);
      await expect(written).rejects.toMatchObject({ code });
    }
  });

  it('two living payments of one order cannot be written', async () => {
    const number = await holdfast.api.placeOrder();
    await holdfast.api.init(number);
    const copy = `INSERT INTO payments SELECT (jsonb_populate_record(p, $2)).* FROM payments p WHERE order_number = $1`;
    const other = { payment_id: 'pay_second', payment_intent_id: 'pi_second', checkout_session_id: null };
    await expect(holdfast.rows(copy, [number, JSON.stringify(other)])).rejects.toMatchObject({
      ...{ code: '23505', constraint: 'payments_one_live' },
    });
  });

  it('a Stripe call inside a transaction throws, and is not made', async () => {
    const database = holdfast.app.get(Database);
    const gateway = holdfast.app.get(StripeGateway);
    const key = idempotencyKey('acc_test', 'customer', 1);
    const calls: (() => Promise<unknown>)[] = [
      () => gateway.createCustomer({}, key),
      () => gateway.createIntent({ amount: 100, currency: 'eur' }, key),
      () => gateway.createSession({ mode: 'payment' }, key),
      () => gateway.capture('pi_1', 1, key),
      () => gateway.cancelIntent('pi_1', key),
      () => gateway.expireSession('cs_1', key),
      () => gateway.createRefund({ payment_intent: 'pi_1' }, key),
      () => gateway.listRefunds('pi_1'),
      () => gateway.listDisputes('pi_1'),
      () => gateway.retrieveIntent('pi_1'),
      () => gateway.retrieveSession('cs_1'),
      () => gateway.findPaymentMethod('cus_1', 'pm_1'),
      () => gateway.listIntents('cus_1', new Date()),
      () => gateway.listSessions('cus_1', new Date()),
    ];
    const before = await holdfast.controls.writes();
    for (const call of calls) {
      await expect(database.transaction(async () => call())).rejects.toThrow(/inside a transaction/);
    }
    expect(await holdfast.controls.writes()).toEqual(before);
  });
});
