import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Answer } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

let holdfast: Holdfast;
let accountId: string;
let keys = 0;
const newKey = () => `key-${++keys}`;

beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

const keyed = (path: string, body: unknown, key: string) => holdfast.api.post(path, body, { 'Idempotency-Key': key });
const account = (body: unknown, key: string) => keyed('/v1/accounts', body, key);
const newOrder = () => ({ accountId, currency: 'EUR', items: [{ sku: 'a', name: 'A', quantity: 1, unitAmount: 100 }] });

function expectReplay(answer: Answer, first: Answer): void {
  expect(answer.headers.get('idempotent-replayed')).toBe('true');
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect([answer.status, answer.text]).toEqual([first.status, first.text]);
  expect(answer.headers.get('content-type')).toBe(first.headers.get('content-type'));
}

async function count(table: string): Promise<number> {
  const [row] = await holdfast.rows<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return row?.count ?? -1;
}

/** A connection of the test's own, which holds locks while the service works. */
async function outsider(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: holdfast.config.database.url });
  await client.connect();
  return client;
}

describe('the first answer', () => {
  it.each([
    ['an account', '/v1/accounts', () => ({ email: 'ada@example.com' }), 'accounts'],
    ['an order', '/v1/orders', newOrder, 'orders'],
  ])('to %s is replayed byte for byte, without a second effect', async (_, path, body, table) => {
    const key = newKey();
    const first = await keyed(path, body(), key);
    expect(first.status).toBe(201);
    const before = await count(table);
    expectReplay(await keyed(path, body(), key), first);
    expectReplay(await keyed(path, body(), key), first);
    expect(await count(table)).toBe(before);
  });

  it('counts whatever happened since', async () => {
    const key = newKey();
    const first = await keyed('/v1/orders', newOrder(), key);
    await holdfast.api.delete(`/v1/orders/${first.body.order.orderNumber}`);
    expectReplay(await keyed('/v1/orders', newOrder(), key), first);
    const cancel = newKey();
    const number = await holdfast.api.placeOrder({ accountId });
    const refused = await keyed(`/v1/orders/${number}9/cancel`, {}, cancel);
    expect(refused.status).toBe(404);
    expectReplay(await keyed(`/v1/orders/${number}9/cancel`, {}, cancel), refused);
  });

  it('is kept when it refuses: 400, 403 and 404', async () => {
    const token = (await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string;
    const asAccount = (key: string) =>
      holdfast.api.as(token).post('/v1/orders', newOrder(), { 'Idempotency-Key': key });
    for (const [status, ask] of [
      [400, (key: string) => keyed('/v1/orders', { ...newOrder(), currency: 'xxx' }, key)],
      [403, asAccount],
      [404, (key: string) => keyed('/v1/orders', { ...newOrder(), accountId: 'acc_none' }, key)],
    ] as const) {
      const key = newKey();
      const first = await ask(key);
      expect(first.status).toBe(status);
      expectReplay(await ask(key), first);
    }
  });

  it('is not kept when it is a 401', async () => {
    const key = newKey();
    const ask = (credential: string) =>
      holdfast.api.call('/v1/accounts', { method: 'POST', body: {}, credential, headers: { 'Idempotency-Key': key } });
    expect((await ask('hf_test_wrong')).status).toBe(401);
    expect((await ask('hf_test_demo')).status).toBe(201);
  });

  it('to a token is replayed without the token', async () => {
    const key = newKey();
    const first = await keyed(`/v1/accounts/${accountId}/tokens`, {}, key);
    expect(first.body.token).toMatch(/^ey/);
    const again = await keyed(`/v1/accounts/${accountId}/tokens`, {}, key);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual({ expiresAt: first.body.expiresAt as string });
    const [row] = await holdfast.rows<{ body: string }>('SELECT body FROM idempotency_keys WHERE key = $1', [key]);
    expect(row?.body).not.toContain('ey');
  });

  it('is forgotten after 24 hours of business time, not before', async () => {
    const key = newKey();
    const first = await account({}, key);
    await holdfast.passTime(24 * 3600 - 600);
    expectReplay(await account({}, key), first);
    await holdfast.passTime(660);
    const later = await account({}, key);
    expect(later.headers.get('idempotent-replayed')).toBeNull();
    expect(later.body.accountId).not.toBe(first.body.accountId);
    expectReplay(await account({}, key), later);
  });
});

describe('a key', () => {
  it('with another body is refused with 422', async () => {
    const key = newKey();
    const first = await account({ name: 'Ada' }, key);
    expect(await account({ name: 'Eve' }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expectReplay(await account({ name: 'Ada' }, key), first);
  });

  it('means something else for another credential, method or path', async () => {
    const key = newKey();
    const first = await account({}, key);
    const order = await keyed('/v1/orders', newOrder(), key);
    expect(order.status).toBe(201);
    const partner = await holdfast.createPartner();
    const other = await holdfast.api.as(partner.key).post('/v1/accounts', {}, { 'Idempotency-Key': key });
    expect(other.headers.get('idempotent-replayed')).toBeNull();
    expect(other.body.accountId).not.toBe(first.body.accountId);
    const number = order.body.order.orderNumber as string;
    const put = { method: 'PUT', headers: { 'Idempotency-Key': key } };
    const items = [{ sku: 'a', name: 'A', quantity: 1, unitAmount: 100 }];
    for (const body of [{ items }, { items: [] }]) {
      expect((await holdfast.api.call(`/v1/orders/${number}`, { ...put, body })).status).toBe(200);
    }
  });

  it.each(['', ' ', 'x'.repeat(256), 'schlüssel', 'a\tb'])('like %j is refused with 400', async (key) => {
    const before = await count('accounts');
    const answer = await account({}, key);
    expect(answer).toMatchObject({ status: 400, body: { code: 'idempotency-key-not-valid' } });
    expect(await count('accounts')).toBe(before);
  });

  it('of 255 characters is taken', async () => {
    expect((await account({}, 'x'.repeat(255))).status).toBe(201);
  });

  it('in flight is refused with 409 until its call is answered', async () => {
    const blocker = await outsider();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE');
    const key = newKey();
    const first = account({ name: 'Ada' }, key);
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO accounts%'`;
    await eventually(
      () => holdfast.rows(waiting),
      (rows) => rows.length === 1,
    );
    const second = await account({ name: 'Ada' }, key);
    expect(second).toMatchObject({ status: 409, body: { code: 'idempotency-key-in-flight' } });
    expect(second.headers.get('retry-after')).toBe('1');
    await blocker.query('COMMIT');
    await blocker.end();
    expectReplay(await account({ name: 'Ada' }, key), await first);
  });

  it('sent twenty times at once has one effect', async () => {
    const key = newKey();
    const before = await count('orders');
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed('/v1/orders', newOrder(), key)));
    expect(await count('orders')).toBe(before + 1);
    const created = answers.filter(({ status }) => status === 201);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });
});

describe('a crash', () => {
  /** While `work` runs, whoever keeps an answer loses the connection. */
  async function dyingConnections<T>(work: () => Promise<T>): Promise<T> {
    await holdfast.rows(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`);
    await holdfast.rows('CREATE TRIGGER die BEFORE INSERT ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION die()');
    try {
      return await work();
    } finally {
      await holdfast.rows('DROP FUNCTION die CASCADE');
    }
  }

  it('of the connection leaves neither key nor effect, and is no answer to keep', async () => {
    const key = newKey();
    const before = await count('orders');
    const broken = await dyingConnections(() => keyed('/v1/orders', newOrder(), key));
    expect(broken).toMatchObject({ status: 503, body: { code: 'not-ready' } });
    expect(broken.text).not.toMatch(/terminat|connection/i);
    expect(await count('orders')).toBe(before);
    const again = await keyed('/v1/orders', newOrder(), key);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBeNull();
    expect(await count('orders')).toBe(before + 1);
  });

  it('while a refusal is kept is answered all the same', async () => {
    const key = newKey();
    const invalid = { ...newOrder(), currency: 'xxx' };
    expect(await dyingConnections(() => keyed('/v1/orders', invalid, key))).toMatchObject({ status: 503 });
    expect(await keyed('/v1/orders', invalid, key)).toMatchObject({ status: 400 });
  });

  it('of our own making is not kept', async () => {
    const key = newKey();
    await holdfast.rows('ALTER TABLE orders RENAME TO orders_away');
    const broken = await keyed('/v1/orders', newOrder(), key);
    await holdfast.rows('ALTER TABLE orders_away RENAME TO orders');
    expect(broken.status).toBe(500);
    expect((await keyed('/v1/orders', newOrder(), key)).status).toBe(201);
  });
});

describe('cancelling', () => {
  it('replays its first answer', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    const key = newKey();
    const first = await keyed(`/v1/orders/${number}/cancel`, {}, key);
    expect(first.body.order.orderStatus).toBe('Canceled');
    expectReplay(await keyed(`/v1/orders/${number}/cancel`, {}, key), first);
    expect((await keyed(`/v1/orders/${number}/cancel`, { a: 1 }, key)).status).toBe(422);
  });

  it('is in flight while another process holds the key, and after a crash for less than a minute', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    const key = newKey();
    await holdfast.rows(
      `INSERT INTO idempotency_leases SELECT key_id, 'POST', $1, $2, now() + interval '45 s' FROM partner_keys WHERE partner_id = 'par_demo'`,
      [`/v1/orders/${number}/cancel`, key],
    );
    const waiting = await keyed(`/v1/orders/${number}/cancel`, {}, key);
    expect(waiting).toMatchObject({ status: 409, body: { code: 'idempotency-key-in-flight' } });
    expect((await holdfast.api.order(number)).orderStatus).toBe('Placed');
    await holdfast.rows(`UPDATE idempotency_leases SET until = until - interval '46 s'`);
    expect((await keyed(`/v1/orders/${number}/cancel`, {}, key)).body.order.orderStatus).toBe('Canceled');
    expect(await count('idempotency_leases')).toBe(0);
  });

  it('by many at once with one key gives one answer', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(`/v1/orders/${number}/cancel`, {}, key)));
    expect(new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  });
});
