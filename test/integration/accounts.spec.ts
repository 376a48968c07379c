import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { Secrets } from '#platform';
import type { Answer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

const OLD = `old:${randomBytes(32).toString('base64')}`;
const NEW = `new:${randomBytes(32).toString('base64')}`;

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false, environment: { HOLDFAST_SECRETS: `${NEW},${OLD}` } });
  accountId = await holdfast.api.createAccount('the-account');
});
afterAll(() => holdfast.stop());

async function mint(account = accountId, body: object = {}, api: ApiClient = holdfast.api): Promise<string> {
  return (await api.post(`/v1/accounts/${account}/tokens`, body)).body.token as string;
}

/** Everything but what differs from request to request. */
function withoutRequestId(answer: Answer): unknown {
  return { status: answer.status, body: { ...(answer.body as object), requestId: '' } };
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('accounts', () => {
  it('are created with what was sent, and read the same', async () => {
    const sent = { reference: 'customer-1', email: 'ada@example.com', name: 'Ada Löwe 🦁' };
    const answer = await holdfast.api.post('/v1/accounts', sent);
    expect(answer).toMatchObject({ status: 201, body: sent });
    expect(answer.body.accountId).toMatch(/^acc_\w{24}$/);
    expect((await holdfast.api.get(`/v1/accounts/${answer.body.accountId}`)).text).toBe(answer.text);
    expect((await holdfast.api.call('/v1/accounts', { method: 'POST' })).body).toMatchObject({
      reference: null,
      email: null,
      name: null,
    });
  });

  it('of the same reference are the same account, with 200', async () => {
    const first = await holdfast.api.post('/v1/accounts', { reference: 'same', name: 'Ada' });
    const again = await holdfast.api.post('/v1/accounts', { reference: 'same', name: 'Eve', email: 'eve@example.com' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.text).toBe(first.text);
    const partner = await holdfast.createPartner();
    const other = await holdfast.api.as(partner.key).post('/v1/accounts', { reference: 'same' });
    expect(other.status).toBe(201);
    expect(other.body.accountId).not.toBe(first.body.accountId);
    const none = await Promise.all([holdfast.api.createAccount(), holdfast.api.createAccount()]);
    expect(none[0]).not.toBe(none[1]);
  });

  it('asked for twenty times at once by one reference are one account', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => holdfast.api.post('/v1/accounts', { reference: 'at-once' })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
  });

  it.each([
    { reference: '' },
    { reference: 'x'.repeat(201) },
    { reference: 'a\nb' },
    { email: 'ada' },
    { email: '' },
    { name: '' },
    { name: 7 },
  ])('%j is refused', async (body) => {
    expect(await holdfast.api.post('/v1/accounts', body)).toMatchObject({
      status: 400,
      body: { code: 'request-not-valid' },
    });
  });

  it('are listed in pages, the newest first, each once, also those of the same moment', async () => {
    const partner = await holdfast.createPartner();
    const api = holdfast.api.as(partner.key);
    const created: string[] = [];
    for (let n = 0; n < 5; n++) created.push(await api.createAccount());
    await holdfast.rows(
      `UPDATE accounts SET created_at = '2026-01-01T00:00:00Z' WHERE partner_id = $1 AND account_id <> $2`,
      [partner.partnerId, created[4]],
    );
    const [newest = '', ...rest] = [created[4] ?? '', ...created.slice(0, 4).sort().reverse()];
    for (const limit of [1, 2, 5, 100]) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await api.get(`/v1/accounts?limit=${limit}${cursor && `&cursor=${cursor}`}`);
        seen.push(...(body.data as { accountId: string }[]).map((account) => account.accountId));
        cursor = body.nextCursor as string | null;
      }
      expect(seen).toEqual([newest, ...rest]);
    }
    for (const query of ['limit=0', 'limit=101', 'limit=abc', 'cursor=x'])
      expect((await api.get(`/v1/accounts?${query}`)).status).toBe(400);
  });
});

describe('account tokens', () => {
  it('read their account, also as me, and its orders, and nothing of another', async () => {
    const other = await holdfast.api.createAccount();
    const mine = await holdfast.api.placeOrder({ accountId });
    const theirs = await holdfast.api.placeOrder({ accountId: other });
    const api = holdfast.api.as(await mint());
    expect((await api.get('/v1/accounts/me')).text).toBe((await holdfast.api.get(`/v1/accounts/${accountId}`)).text);
    expect((await api.get(`/v1/accounts/${accountId}`)).status).toBe(200);
    expect((await api.get(`/v1/orders/${mine}`)).status).toBe(200);
    expect((await api.get('/v1/orders?limit=100')).body.data).toMatchObject([{ orderNumber: mine }]);
    expect((await api.get(`/v1/orders?accountId=${other}`)).body).toEqual({ data: [], nextCursor: null });
    const number = mine.slice(0, -1);
    for (const [foreign, unknown] of [
      [`/v1/accounts/${other}`, '/v1/accounts/acc_000000000000000000000000'],
      [`/v1/accounts/${other}/payment-methods`, '/v1/accounts/acc_000000000000000000000000/payment-methods'],
      ...['', '/timeline', '/payment'].map(
        (rest) => [`/v1/orders/${theirs}${rest}`, `/v1/orders/${number}9999${rest}`] as const,
      ),
    ] as const) {
      const answers = [await api.get(foreign), await api.get(unknown)].map(withoutRequestId);
      expect(answers[0]).toMatchObject({ status: 404 });
      expect(answers[0]).toEqual(answers[1]);
    }
    expect(withoutRequestId(await api.init(theirs))).toEqual(withoutRequestId(await api.init(`${number}9999`)));
  });

  it('of another partner see nothing, and neither does its key', async () => {
    const partner = await holdfast.createPartner();
    const stranger = holdfast.api.as(partner.key);
    const mine = await holdfast.api.placeOrder({ accountId });
    for (const [method, foreign, unknown] of [
      ['GET', `/v1/accounts/${accountId}`, '/v1/accounts/acc_0'],
      ['GET', '/v1/accounts/me', '/v1/accounts/acc_0'],
      ['POST', `/v1/accounts/${accountId}/tokens`, '/v1/accounts/acc_0/tokens'],
      ['PUT', `/v1/orders/${mine}`, '/v1/orders/26-9'],
      ['DELETE', `/v1/orders/${mine}`, '/v1/orders/26-9'],
      ['POST', `/v1/orders/${mine}/cancel`, '/v1/orders/26-9/cancel'],
      ['PUT', `/v1/orders/${mine}/payment`, '/v1/orders/26-9/payment'],
      ['DELETE', `/v1/orders/${mine}/payment`, '/v1/orders/26-9/payment'],
      ['PUT', `/v1/orders/${mine}/items/${mine}-1/fulfillment`, '/v1/orders/26-9/items/26-9-1/fulfillment'],
    ] as const) {
      const answers = [await stranger.call(foreign, { method }), await stranger.call(unknown, { method })].map(
        withoutRequestId,
      );
      expect(answers[0]).toMatchObject({ status: 404 });
      expect(answers[0]).toEqual(answers[1]);
    }
    const order = { accountId, currency: 'EUR', items: [] };
    expect(await stranger.post('/v1/orders', order)).toMatchObject({
      status: 404,
      body: { code: 'account-not-found' },
    });
    expect((await holdfast.api.order(mine)).orderStatus).toBe('Placed');
  });

  it('are refused with 403 where only a partner may call, before anything is looked up', async () => {
    const api = holdfast.api.as(await mint());
    const mine = await holdfast.api.placeOrder({ accountId });
    for (const number of [mine, '26-0', '%00']) {
      for (const [method, path] of [
        ['POST', '/v1/accounts'],
        ['GET', '/v1/accounts'],
        ['POST', `/v1/accounts/${number}/tokens`],
        ['POST', '/v1/accounts/me/tokens'],
        ['POST', '/v1/orders'],
        ['PUT', `/v1/orders/${number}`],
        ['DELETE', `/v1/orders/${number}`],
        ['POST', `/v1/orders/${number}/cancel`],
        ['PUT', `/v1/orders/${number}/items/x/fulfillment`],
      ] as const) {
        const answer = await api.call(path, { method, ...(method !== 'GET' && method !== 'DELETE' && { raw: '{' }) });
        expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'credential-kind-refused']);
      }
    }
  });

  it('live as long as asked for, an hour by default, 60 to 86400 seconds', async () => {
    const seconds = async (body: object) => {
      const asked = Date.now();
      const answer = await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, body);
      return answer.status === 201
        ? Math.round((Date.parse(answer.body.expiresAt as string) - asked) / 60_000) * 60
        : answer.status;
    };
    expect(await seconds({})).toBe(3600);
    expect(await seconds({ expiresInSeconds: null })).toBe(3600);
    expect(await seconds({ ExpiresInSeconds: 60 })).toBe(60);
    expect(await seconds({ expiresInSeconds: 86_400 })).toBe(86_400);
    for (const expiresInSeconds of [59, 86_401, 0, -1, '3600', 60.5])
      expect(await seconds({ expiresInSeconds })).toBe(400);
  });
});

describe('a credential', () => {
  const statusOf = async (credential: string | null, headers: Record<string, string> = {}) =>
    (await holdfast.api.call('/v1/orders', { credential, headers })).status;

  it('that is missing, empty or of another scheme is refused', async () => {
    expect(await statusOf(null)).toBe(401);
    for (const Authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Basic hf_test_demo',
      'hf_test_demo',
      'Bearer hf_test_demo x',
      'Bearer é',
    ]) {
      expect([Authorization, await statusOf(null, { Authorization })]).toEqual([Authorization, 401]);
    }
    expect(await statusOf(null, { Authorization: 'bearer  hf_test_demo' })).toBe(200);
    expect((await holdfast.api.call('/v1/orders?access_token=hf_test_demo', { credential: null })).status).toBe(401);
  });

  it('of another mode, or almost a valid one, is refused', async () => {
    const { key } = await holdfast.createPartner();
    expect(key).toMatch(/^hf_test_\w{32}$/);
    expect(await statusOf(key)).toBe(200);
    for (const wrong of [
      key.replace('test', 'live'),
      `${key}x`,
      key.slice(0, -1),
      key.toUpperCase(),
      'hf_live_demo',
      'hf_test_',
      'hf_',
    ]) {
      expect(await statusOf(wrong)).toBe(401);
    }
  });

  it('is kept as a keyed hash only', async () => {
    const { key } = await holdfast.createPartner();
    const stored = await holdfast.rows<{ row: string }>('SELECT partner_keys::text AS row FROM partner_keys');
    expect(stored.length).toBeGreaterThan(1);
    expect(stored.some(({ row }) => row.includes(key) || row.includes(Buffer.from(key).toString('hex')))).toBe(false);
    const plain = createHmac('sha256', '').update(key).digest('hex');
    expect(stored.some(({ row }) => row.includes(plain))).toBe(false);
    await holdfast.rows(`UPDATE partner_keys SET revoked_at = now() WHERE hint = $1`, [key.slice(-4)]);
    expect(await statusOf(key)).toBe(401);
  });

  it('that is a forged, altered, or foreign token is refused', async () => {
    const token = await mint();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const key = new Secrets(holdfast.config.secrets).keyFor('account-token', 'new');
    if (!key) throw new Error('the test’s secret is not there');
    const sign = (members: object, kid = 'new', secret: Uint8Array = key, alg = 'HS256') =>
      new SignJWT({ ...claims, ...members }).setProtectedHeader({ alg, kid }).sign(new Uint8Array(secret));
    expect(await statusOf(await sign({}))).toBe(200);
    const other = await holdfast.api.createAccount();
    const none = part({ alg: 'none', kid: 'new' });
    const wrong = {
      altered: `${header}.${part({ ...claims, sub: other })}.${signature}`,
      unsigned: `${header}.${payload}.`,
      none: `${none}.${payload}.`,
      noneSigned: `${none}.${payload}.${signature}`,
      stripped: `${header}.${payload}`,
      otherKey: await sign({}, 'new', randomBytes(32)),
      unknownKey: await sign({}, 'other'),
      oldKeyNewName: await sign({}, 'old'),
      otherAlgorithm: await sign({}, 'new', Buffer.concat([key, key]), 'HS512'),
      audience: await sign({ aud: 'holdfast:live' }),
      noAudience: await sign({ aud: undefined }),
      noExpiry: await sign({ exp: undefined }),
      noAccount: await sign({ sub: undefined }),
      noPartner: await sign({ partner: undefined }),
      expired: await sign({ exp: Math.floor(Date.now() / 1000) - 1 }),
      notText: 'ey.ey.ey',
    };
    for (const [name, forged] of Object.entries(wrong)) expect([name, await statusOf(forged)]).toEqual([name, 401]);
    const mismatched = await sign({ partner: 'par_other' });
    expect((await holdfast.api.as(mismatched).get('/v1/accounts/me')).status).toBe(404);
  });

  it('of an older secret stays valid while the secret is listed; new ones are of the newest', async () => {
    const { keyId, partnerId } = { keyId: 'key_of_old', partnerId: 'par_demo' };
    const secrets = new Secrets(holdfast.config.secrets);
    const [, old] = secrets.hashes('partner-key', 'hf_test_written_under_the_old_secret');
    await holdfast.rows('INSERT INTO partner_keys VALUES ($1, $2, $3, $4, $5, now(), NULL)', [
      keyId,
      partnerId,
      old?.hash,
      'old',
      'cret',
    ]);
    expect(await statusOf('hf_test_written_under_the_old_secret')).toBe(200);
    const claims = {
      partner: 'par_demo',
      sub: accountId,
      aud: 'holdfast:sandbox',
      exp: Math.floor(Date.now() / 1000) + 600,
    };
    const oldKey = secrets.keyFor('account-token', 'old');
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'old' })
      .sign(new Uint8Array(oldKey ?? []));
    expect(await statusOf(token)).toBe(200);
    const [header = ''] = (await mint()).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'new' });
    const stored = await holdfast.rows<{ secret: string }>(
      `SELECT DISTINCT secret_id AS secret FROM partner_keys WHERE key_id <> 'key_of_old'`,
    );
    expect(stored).toEqual([{ secret: 'new' }]);
  });

  it('expires by the business clock', async () => {
    const token = await mint(accountId, { expiresInSeconds: 86_400 });
    await holdfast.passTime(86_400 - 60);
    expect(await statusOf(token)).toBe(200);
    await holdfast.passTime(61);
    expect(
      await eventually(
        () => statusOf(token),
        (status) => status === 401,
      ),
    ).toBe(401);
  });
});

describe('failed authentications', () => {
  it('are answered with 429 after a hundred in a minute, by the business clock; valid credentials are not held up', async () => {
    await holdfast.passTime(120);
    const guess = () => holdfast.api.as('hf_test_guess').get('/v1/orders');
    for (let n = 0; n < 100; n++) expect([n, (await guess()).status]).toEqual([n, 401]);
    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'too-many-failed-authentications' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await holdfast.api.get('/v1/orders')).status).toBe(200);
    expect((await holdfast.api.call('/v1/orders', { credential: null })).status).toBe(401);
    await holdfast.passTime(61);
    expect((await guess()).status).toBe(401);
  });
});
