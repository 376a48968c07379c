import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, reserve, secretOf } from '../support/payment-steps.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

/** BEGIN and COMMIT, and who is calling, are counted apart. */
const NOT_COUNTED = /^\s*(START TRANSACTION|BEGIN|COMMIT|ROLLBACK|SET )|\b(FROM|UPDATE) partner_keys\b|"partner_keys"/i;
const MOST = 8;

describe('the statements of the hot paths', () => {
  let holdfast: Holdfast;
  const original = pg.Client.prototype.query;
  let seen: string[] | undefined;

  beforeAll(async () => {
    pg.Client.prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters as [string | { text?: string }];
      const text = typeof first === 'string' ? first : (first.text ?? '');
      seen?.push(text);
      return Reflect.apply(original, this, parameters) as never;
    };
    // Without a worker nothing else speaks to the database.
    holdfast = await Holdfast.start({ worker: false });
  });
  afterAll(async () => {
    pg.Client.prototype.query = original;
    await holdfast.stop();
  });

  async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
    seen = [];
    await work();
    const statements = seen;
    seen = undefined;
    return statements;
  }
  const counted = (statements: string[]) => statements.filter((text) => !NOT_COUNTED.test(text));

  /** The hot paths: the account's first payment, which makes its customer, and later ones. */
  async function hotPaths(): Promise<Record<string, string[]>> {
    const { api, controls, stripe } = holdfast;
    const paths: Record<string, string[]> = {};
    for (const [path, body] of [
      ['first', {}],
      ['first by checkout', CHECKOUT],
    ] as const) {
      const fresh = await api.placeOrder();
      paths[path] = await statementsOf(() => api.init(fresh, body));
    }
    const accountId = await api.createAccount();
    for (let round = 0; round < 2; round++) {
      const [number, page] = [await api.placeOrder({ accountId }), await api.placeOrder({ accountId })];
      await controls.webhooks({ mode: 'hold' });
      let secret = '';
      paths.init = await statementsOf(async () => void (secret = secretOf(await api.init(number))));
      paths.checkout = await statementsOf(() => api.init(page, CHECKOUT));
      paths.again = await statementsOf(() => api.init(number));
      await controls.confirm(secret);
      const intent = await stripe.paymentIntents.retrieve(secret.split('_secret')[0] ?? '');
      const event = eventAbout('payment_intent.amount_capturable_updated', intent);
      paths.webhook = await statementsOf(() => deliver(holdfast, event));
      expect((await api.order(number)).orderStatus).toBe('Paid');
      paths.repeated = await statementsOf(() => deliver(holdfast, event));
      paths.read = await statementsOf(() => api.order(number));
    }
    return paths;
  }

  it(`at most ${MOST} for init and for the webhook, besides BEGIN, COMMIT and authentication`, async () => {
    const paths = await hotPaths();
    for (const [path, statements] of Object.entries(paths)) {
      expect(statements.length).toBeGreaterThan(0);
      expect([path, counted(statements).length, counted(statements).slice(MOST)]).toEqual([
        path,
        Math.min(counted(statements).length, MOST),
        [],
      ]);
    }
    expect(counted(paths.repeated ?? [])).toHaveLength(1);
  });

  it('each of them, and of the jobs, finds its rows by an index', async () => {
    const paths = await hotPaths();
    // What a start asks for once is not hot.
    await holdfast.startWorker();
    const jobs = await statementsOf(async () => {
      const { number } = await reserve(holdfast, { items: [{}, { sku: 'fail-1' }] });
      await holdfast.controls.flush();
      await holdfast.api.orderIn(number, 'PartiallyFulfilled');
      await holdfast.stopWorker();
    });
    const ours = [...new Set([...Object.values(paths).flat(), ...jobs])].filter(
      (text) => /^\s*(SELECT|UPDATE|INSERT|WITH|DELETE)/i.test(text) && !/pgboss|pg_catalog|operator_cases/.test(text),
    );
    expect(ours.length).toBeGreaterThan(15);
    const client = await holdfast.database.connect();
    try {
      await client.query('SET enable_seqscan = off');
      for (const text of ours) {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect([text, /Seq Scan/.exec(plan)?.[0]]).toEqual([text, undefined]);
      }
    } finally {
      client.release();
    }
  });
});
