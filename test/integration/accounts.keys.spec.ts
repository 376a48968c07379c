import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PartnerKeys, PartnerRefused } from '#partners';
import { Secrets } from '#platform';
import type { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

const ROOT = resolve(import.meta.dirname, '../..');
const OLD = { id: 'old', key: randomBytes(32) };
const NEW = { id: 'new', key: randomBytes(32) };

/** Operators have a key of their own. */
const PARTNERS_PATH = /^\/v1\/(?!operator\/)/;

interface Row {
  secret: string;
  used: Date | null;
  version: string;
}

let holdfast: Holdfast;
let keys: PartnerKeys;
let partnerId: string;
beforeAll(async () => {
  const environment = { HOLDFAST_SECRETS: `${OLD.id}:${OLD.key.toString('base64')}` };
  holdfast = await Holdfast.start({ worker: false, environment });
  keys = holdfast.app.get(PartnerKeys);
  ({ partnerId } = await holdfast.createPartner('Acme Tours'));
});
afterAll(() => holdfast.stop());
afterEach(() => void jest.restoreAllMocks());

const statusOf = async (key: string, api: ApiClient = holdfast.api) => (await api.as(key).get('/v1/orders')).status;
/** Seen by another client of the database; `xmin` is another one after every write. */
const rowOf = async (keyId: string) => {
  const sql = 'SELECT secret_id AS secret, last_used_at AS used, xmin AS version FROM partner_keys WHERE key_id = $1';
  return (await holdfast.rows<Row>(sql, [keyId]))[0]!;
};
/** Statements that wait for somebody's lock. */
const waiting = async () => {
  const sql = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return (await holdfast.rows<{ count: number }>(sql))[0]!.count;
};
/** Holds a key's row while `work` runs. @returns what comes of it afterwards */
async function whileLocked<T>(keyId: string, work: () => Promise<() => T>): Promise<T> {
  const client = await holdfast.database.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT FROM partner_keys WHERE key_id = $1 FOR UPDATE', [keyId]);
    const finish = await work();
    await client.query('COMMIT');
    return finish();
  } finally {
    client.release();
  }
}
const used = (keyId: string) =>
  eventually(
    () => rowOf(keyId),
    (row) => row.used !== null,
  );

describe('partner keys', () => {
  it('are told apart by name, scope and hint; the list never shows a key', async () => {
    const partner = await holdfast.createPartner();
    const { keyId, key } = await keys.create(partner.partnerId, { name: 'till 3', scope: 'read-only' });
    expect(key).toMatch(/^hf_test_\w{32}$/);
    const listed = await keys.list(partner.partnerId);
    expect(listed).toEqual([
      expect.objectContaining({ keyId, name: 'till 3', scope: 'read-only', hint: key.slice(-4), lastUsedAt: null }),
      expect.objectContaining({ name: 'first key', scope: 'full', hint: partner.key.slice(-4), status: 'active' }),
    ]);
    expect(JSON.stringify(listed)).not.toMatch(new RegExp(`${key}|${partner.key}|keyHash`));
    const stored = await holdfast.rows<{ hash: Buffer }>(
      'SELECT key_hash AS hash FROM partner_keys WHERE key_id = $1',
      [keyId],
    );
    const own = new Secrets([OLD]).keyFor('partner-key', 'old')!;
    expect(stored[0]?.hash).toEqual(createHmac('sha256', own).update(key).digest());
  });

  it('show when they were last used, written once a minute at most, however many calls there are', async () => {
    const { keyId, key } = await keys.create(partnerId, {});
    expect((await rowOf(keyId)).used).toBeNull();
    await Promise.all(Array.from({ length: 30 }, () => statusOf(key)));
    const first = await used(keyId);
    const second = await holdfast.startApi();
    for (const api of [holdfast.api, second]) await Promise.all(Array.from({ length: 5 }, () => statusOf(key, api)));
    expect(await rowOf(keyId)).toEqual(first);

    await holdfast.passTime(61);
    const later = await eventually(
      async () => (await statusOf(key), rowOf(keyId)),
      (row) => row.version !== first.version,
    );
    expect(later.used!.getTime() - first.used!.getTime()).toBeGreaterThanOrEqual(60_000);
    const [shown] = (await keys.list(partnerId)).filter((view) => view.keyId === keyId);
    expect(shown?.lastUsedAt).toEqual(later.used);
  });

  it('answer although their use cannot be written down; of two processes that would, one does', async () => {
    const second = await holdfast.startApi();
    const { keyId, key } = await keys.create(partnerId, {});
    const begins = 'CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN';
    await holdfast.rows('CREATE TABLE writes (key_id text)');
    await holdfast.rows(`${begins} INSERT INTO writes VALUES (NEW.key_id); RETURN NULL; END $$`);
    await holdfast.rows(
      'CREATE TRIGGER counted AFTER UPDATE ON partner_keys FOR EACH ROW EXECUTE FUNCTION count_write()',
    );
    await whileLocked(keyId, async () => {
      for (const api of [holdfast.api, second]) {
        const answers = await Promise.all(Array.from({ length: 20 }, () => statusOf(key, api)));
        expect(answers).toEqual(Array<number>(20).fill(200));
      }
      await eventually(waiting, (count) => count === 2);
      expect((await rowOf(keyId)).used).toBeNull();
      return () => undefined;
    });
    await used(keyId);
    await eventually(waiting, (count) => count === 0);
    expect(await holdfast.rows('SELECT key_id FROM writes')).toEqual([{ key_id: keyId }]);
    await holdfast.rows('DROP TRIGGER counted ON partner_keys');
  });

  it('are compared in constant time, and so is the operator’s key', () => {
    const source = (name: string) => readFileSync(join(ROOT, 'libs/partners', name), 'utf8');
    expect(source('partners.key-use.ts')).toMatch(/timingSafeEqual\(hash, row\.keyHash\)/);
    expect(source('partners.guard.ts')).toMatch(/timingSafeEqual\(digest\(key \?\? ''\), digest\(operatorKey\)\)/);
  });
});

describe('a rotated key', () => {
  it('works beside the new one until its overlap ends by the business clock, in every process', async () => {
    const second = await holdfast.startApi();
    const old = await keys.create(partnerId, { name: 'shop', scope: 'read-only' });
    const made = await keys.rotate(old.keyId, 2);
    expect(made).toMatchObject({ replaces: old.keyId, key: expect.stringMatching(/^hf_test_\w{32}$/) });
    const views = await keys.list(partnerId);
    const view = (keyId: string) => views.find((candidate) => candidate.keyId === keyId);
    expect(view(old.keyId)).toMatchObject({ status: 'replaced', expiresAt: made.oldKeyExpiresAt });
    expect(view(made.keyId)).toMatchObject({ status: 'active', name: 'shop', scope: 'read-only' });

    await holdfast.passTime(2 * 3600 - 60);
    for (const api of [holdfast.api, second]) {
      await eventually(
        () => statusOf(old.key, api),
        (status) => status === 200,
      );
    }
    await holdfast.passTime(61);
    for (const api of [holdfast.api, second]) {
      await eventually(
        () => statusOf(old.key, api),
        (status) => status === 401,
      );
      expect(await statusOf(made.key, api)).toBe(200);
    }
    expect((await keys.list(partnerId)).find(({ keyId }) => keyId === old.keyId)?.status).toBe('expired');
  });

  it('without an overlap ends at once', async () => {
    const old = await keys.create(partnerId, {});
    const made = await keys.rotate(old.keyId, 0);
    expect([await statusOf(old.key), await statusOf(made.key)]).toEqual([401, 200]);
  });

  it('is not rotated again, and neither is one that ended or is unknown: nothing is made', async () => {
    const old = await keys.create(partnerId, {});
    const made = await keys.rotate(old.keyId, 1);
    const revoked = await keys.create(partnerId, {});
    await keys.revoke(revoked.keyId);
    const before = (await keys.list(partnerId)).length;
    for (const keyId of [old.keyId, revoked.keyId, 'key_unknown'])
      await expect(keys.rotate(keyId, 1)).rejects.toThrow(PartnerRefused);
    const racing = await whileLocked(made.keyId, async () => {
      const both = Promise.allSettled([keys.rotate(made.keyId, 1), keys.rotate(made.keyId, 1)]);
      await eventually(waiting, (count) => count === 2);
      return () => both;
    });
    expect(racing.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await keys.list(partnerId)).toHaveLength(before + 1);
    await expect(keys.list('par_unknown')).rejects.toThrow(PartnerRefused);
    await expect(keys.create('par_unknown', {})).rejects.toThrow(PartnerRefused);
  });
});

describe('a revoked key', () => {
  it('is answered with 401 at once in every process, also in its overlap; again is no fault', async () => {
    const second = await holdfast.startApi();
    const { keyId, key } = await keys.create(partnerId, {});
    await keys.rotate(keyId, 24);
    expect([await statusOf(key), await statusOf(key, second)]).toEqual([200, 200]);
    const { revokedAt } = await keys.revoke(keyId);
    expect([await statusOf(key), await statusOf(key, second)]).toEqual([401, 401]);
    expect(await keys.revoke(keyId)).toMatchObject({ status: 'revoked', revokedAt });
    await expect(keys.revoke('key_unknown')).rejects.toThrow(PartnerRefused);
  });

  it('stays revoked after a restart, the demo partner’s too', async () => {
    const [demo] = (await keys.list('par_demo')).filter(({ status }) => status === 'active');
    await keys.revoke(demo!.keyId);
    expect(await statusOf('hf_test_demo', await holdfast.startApi({ secrets: [NEW, OLD] }))).toBe(401);
    expect(await keys.list('par_demo')).toHaveLength(1);
    await holdfast.rows('UPDATE partner_keys SET revoked_at = NULL WHERE key_id = $1', [demo!.keyId]);
    expect(await statusOf('hf_test_demo')).toBe(200);
  });
});

describe('a read-only key', () => {
  it('reads everything of its partner and changes nothing: 403 before any lookup', async () => {
    const { key } = await keys.create(partnerId, { scope: 'read-only' });
    const full = holdfast.api.as((await keys.create(partnerId, {})).key);
    const accountId = await full.createAccount();
    const number = await full.placeOrder({ accountId });
    const api = holdfast.api.as(key);
    for (const path of [
      ...['/v1/accounts', `/v1/accounts/${accountId}`, `/v1/accounts/${accountId}/payment-methods`],
      ...['/v1/orders', `/v1/orders/${number}`, `/v1/orders/${number}/timeline`],
    ])
      expect([path, (await api.get(path)).status]).toEqual([path, 200]);
    expect((await api.get(`/v1/orders/${number}/payment`)).body.code).toBe('payment-not-found');

    const document = (await api.get('/openapi.json')).body as { paths: Record<string, Record<string, object>> };
    const writes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).flatMap((method) =>
        method === 'get' || !PARTNERS_PATH.test(path) ? [] : [{ method, path }],
      ),
    );
    expect(writes.length).toBeGreaterThan(10);
    for (const { method, path } of writes) {
      for (const id of [number, '26-0', '%00']) {
        const answer = await api.call(path.replaceAll(/\{\w+\}/g, id), { method: method.toUpperCase(), raw: '{' });
        expect([method, path, id, answer.status, answer.body.code]).toEqual([
          ...[method, path, id, 403, 'credential-kind-refused'],
        ]);
      }
    }
    expect((await full.order(number)).orderStatus).toBe('Placed');
  });
});

describe('secrets that change', () => {
  it('a key is hashed anew under the newest secret when it is used, and then needs the old one no more', async () => {
    const { keyId, key } = await keys.create(partnerId, { name: 'in use' });
    const idle = await keys.create(partnerId, { name: 'idle' });
    expect((await rowOf(keyId)).secret).toBe('old');
    const both = await holdfast.startApi({ secrets: [NEW, OLD] });
    expect(await statusOf(key, both)).toBe(200);
    const { secret } = await eventually(
      () => rowOf(keyId),
      (row) => row.secret === 'new',
    );
    expect(secret).toBe('new');
    expect(await statusOf(key, both)).toBe(200);

    const warnings = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const onlyNew = await holdfast.startApi({ secrets: [NEW] });
    expect(await statusOf(key, onlyNew)).toBe(200);
    expect(await statusOf(idle.key, onlyNew)).toBe(401);
    expect(await statusOf(idle.key, both)).toBe(200);
    const told = warnings.mock.calls.map(([message]) => String(message));
    expect(told).toContainEqual(expect.stringMatching(/the older secret "old": \d+; it is not listed/));
  });

  it('is told at start while a key that works needs an older secret, and shown for each key', async () => {
    const secrets = [{ id: 'newest', key: randomBytes(32) }, NEW, OLD];
    const partner = await holdfast.createPartner();
    const toldAtStart = async () => {
      const warnings = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
      await holdfast.startApi({ secrets });
      const told = warnings.mock.calls.map(([message]) => String(message));
      warnings.mockRestore();
      return told.filter((message) => message.includes('"old"'));
    };
    expect(await toldAtStart()).toEqual([
      expect.stringMatching(/the older secret "old": \d+; they change to the newest/),
    ]);
    expect(await keys.list(partner.partnerId)).toMatchObject([{ secretId: 'old', secretIsNewest: true }]);
    await holdfast.rows(`UPDATE partner_keys SET revoked_at = now() WHERE secret_id = 'old'`);
    expect(await toldAtStart()).toEqual([]);
  });

  it('processes that do not agree yet which secret is newest write no more than once a minute', async () => {
    const one = await holdfast.startApi({ secrets: [OLD, NEW] });
    const other = await holdfast.startApi({ secrets: [NEW, OLD] });
    const { keyId, key } = await keys.create(partnerId, {});
    expect(await statusOf(key, one)).toBe(200);
    const { version } = await used(keyId);
    for (let n = 0; n < 5; n++) expect([await statusOf(key, other), await statusOf(key, one)]).toEqual([200, 200]);
    expect((await rowOf(keyId)).version).toBe(version);
  });
});
