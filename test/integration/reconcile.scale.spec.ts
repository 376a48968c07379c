import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { patience } from '../support/patience.js';
import { reserve } from '../support/payment-steps.js';
import { WatchedStatements } from '../support/watched-statements.js';

const MANY = 10_000;
/** What a run may take of a worker that is not alone on its machine; a scan of everything takes longer. */
const RUN_MS = patience(3_000);
/** That machine may be slow for a moment; whoever scans everything is slow each time. */
const RUNS = 3;

describe(`looking, with ${MANY} orders of each kind`, () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ worker: false });
    await plantMany();
  });
  afterAll(() => holdfast.stop());

  /** Live and finished orders in every status, with their items, payments, events and answers, as months leave them. */
  async function plantMany(): Promise<void> {
    const { number } = await reserve(holdfast);
    await holdfast.reconcile();
    const kinds = [
      ['1', 'Paid', 'Authorized', 'created'],
      ['2', 'InTransit', 'Authorized', 'created'],
      ['3', 'Fulfilled', 'Captured', 'completed'],
      ['4', 'Expired', 'Abandoned', 'completed'],
    ];
    for (const [digit, status, paymentStatus, job] of kinds) {
      const copy = `'26-${digit}' || lpad(n::text, 6, '0')`;
      const many = `generate_series(1, ${MANY}) AS n`;
      const summary = `jsonb_build_object('status', '${paymentStatus}', 'paymentId', 'pay_${digit}_' || n)`;
      await holdfast.rows(`INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('order_number', ${copy},
        'status', '${status}', 'previous_status', null, 'payment', o.payment || ${summary}))).* FROM orders o, ${many}
        WHERE order_number = '${number}'`);
      await holdfast.rows(`INSERT INTO order_items SELECT (jsonb_populate_record(i, jsonb_build_object('order_number', ${copy},
        'order_item_number', ${copy} || '-1', 'previous_status', null,
        'status', '${status === 'InTransit' ? 'InTransit' : 'New'}'))).* FROM order_items i, ${many} WHERE order_number = '${number}'`);
      await holdfast.rows(`INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('order_number', ${copy},
        'payment_id', 'pay_${digit}_' || n, 'payment_intent_id', 'pi_${digit}_' || n, 'status', '${paymentStatus}',
        'previous_status', null, 'reconcile_at', now() + interval '1 hour'))).* FROM payments p, ${many} WHERE order_number = '${number}'`);
      await holdfast.rows(`INSERT INTO pgboss.job (name, data, state, start_after) SELECT
        CASE '${status}' WHEN 'InTransit' THEN 'fulfillment.deliver-item' ELSE 'fulfillment.start' END,
        jsonb_build_object('orderNumber', ${copy}) || CASE '${status}' WHEN 'InTransit' THEN
          jsonb_build_object('orderItemNumber', ${copy} || '-1', 'supplier', 'par_demo/instant') ELSE '{}' END,
        '${job}', now() + interval '1 day' FROM ${many}`);
    }
    await holdfast.rows(`INSERT INTO stripe_events SELECT (jsonb_populate_record(e,
      jsonb_build_object('event_id', 'evt_many_' || n))).* FROM stripe_events e, generate_series(1, ${4 * MANY}) n
      WHERE event_id = (SELECT min(event_id) FROM stripe_events)`);
    await holdfast.rows('ANALYZE');
    // Long enough after their last change to be looked at.
    await holdfast.passTime(180);
  }

  it.each([
    'webhooks.read-events',
    'payments.reconcile',
    'payments.warn',
    'payments.expire-orders',
    'fulfillment.end-at-margin',
    'fulfillment.write-missing-jobs',
  ])('%s finds nothing, soon, and scans no table', async (name) => {
    const run = async () => {
      const watch = new WatchedStatements();
      const begun = performance.now();
      const { result, statements } = await watch.of(() => holdfast.look(name));
      const took = performance.now() - begun;
      watch.end();
      expect(result).toBe(0);
      return { took, statements };
    };
    const first = await run();
    const { statements } = first;
    let { took } = first;
    for (let n = 1; n < RUNS && took >= RUN_MS; n++) took = Math.min(took, (await run()).took);
    expect(took).toBeLessThan(RUN_MS);
    const plans: string[] = [];
    for (const { text, values } of statements.filter((statement) =>
      /\b(?:SELECT|UPDATE|DELETE)\b/.test(statement.text),
    )) {
      const plan = await holdfast.rows<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values]);
      plans.push(...plan.map((line) => line['QUERY PLAN']));
    }
    // The queue's own table is read whole, once for a hundred orders: half of it is what is looked for.
    const scanned = plans.filter((line) => /Seq Scan on (?:orders|order_items|payments|stripe_events)\b/.test(line));
    console.log(`${name}: ${Math.round(took)} ms, ${statements.length} statements`);
    expect([name, scanned]).toEqual([name, []]);
  });
});
