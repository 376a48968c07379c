import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PartnerKeys } from '#partners';
import { ConfigError, readConfig } from '#platform';
import type { Answer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

const SECRETS = { HOLDFAST_SECRETS: `s:${randomBytes(32).toString('base64')}` };
const LIVE = {
  ...SECRETS,
  ...{ STRIPE_SECRET_KEY: 'sk_live_x1', STRIPE_PUBLISHABLE_KEY: 'pk_live_x1', STRIPE_WEBHOOK_SECRET: 'whsec_x1' },
  ...{ OPERATOR_KEY: 'operator-x1', DATABASE_URL: 'postgres://db.example/holdfast' },
};

let holdfast: Holdfast;
let keys: PartnerKeys;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  keys = holdfast.app.get(PartnerKeys);
});
afterAll(() => holdfast.stop());

const newKey = async () => (await keys.create('par_demo', {})).key;
const from = (address: string) => ({ 'X-Forwarded-For': address });
const read = (api: ApiClient, headers: Record<string, string> = {}) => api.call('/v1/orders', { headers });
const statuses = async (times: number, call: () => Promise<Answer>) => {
  const answers: number[] = [];
  for (let n = 0; n < times; n++) answers.push((await call()).status);
  return answers;
};

describe('the rate limits', () => {
  it('are off in sandbox mode unless they are set, and on elsewhere', () => {
    const off = { perCredential: 0, perAddress: 0 };
    expect(readConfig(SECRETS).rateLimits).toEqual(off);
    expect(readConfig({ ...SECRETS, RATE_LIMIT_PER_CREDENTIAL: '7' }).rateLimits).toEqual({ ...off, perCredential: 7 });
    expect(readConfig(LIVE).rateLimits).toEqual({ perCredential: 3_000, perAddress: 6_000 });
    const none = { RATE_LIMIT_PER_CREDENTIAL: '0', RATE_LIMIT_PER_ADDRESS: '0' };
    expect(readConfig({ ...LIVE, ...none }).rateLimits).toEqual(off);
    for (const value of ['-1', 'many', '1.5'])
      expect(() => readConfig({ ...SECRETS, RATE_LIMIT_PER_ADDRESS: value })).toThrow(ConfigError);
  });

  it('hold up one credential and no other, with Retry-After, until the minute is over', async () => {
    const api = await holdfast.startApi({ rateLimits: { perCredential: 5, perAddress: 0 } });
    const [one, other] = [api.as(await newKey()), api.as(await newKey())];
    expect(await statuses(7, () => read(one))).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await read(one);
    expect(refused.body).toMatchObject({ code: 'too-many-requests' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await read(other)).status).toBe(200);
    await holdfast.passTime(61);
    expect(
      (
        await eventually(
          () => read(one),
          ({ status }) => status !== 429,
        )
      ).status,
    ).toBe(200);
  });

  it('count all tokens of an account together, and come before 403, 404 and a kept answer', async () => {
    const accountId = await holdfast.api.createAccount();
    const mint = async () => (await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string;
    const api = await holdfast.startApi({ rateLimits: { perCredential: 2, perAddress: 0 } });
    const tokens = [await mint(), await mint(), await mint()];
    const answers = [];
    for (const token of tokens) answers.push((await api.as(token).get('/v1/accounts/me')).status);
    expect(answers).toEqual([200, 200, 429]);
    expect((await api.as(tokens[0]!).get('/v1/accounts')).status).toBe(429);

    const partner = api.as(await newKey());
    const create = () => partner.post('/v1/accounts', { reference: 'kept' }, { 'Idempotency-Key': 'kept-1' });
    const [first, second, third] = [await create(), await create(), await create()];
    expect([first.status, second.headers.get('idempotent-replayed'), third.status]).toEqual([201, 'true', 429]);
    await holdfast.passTime(61);
    const late = await eventually(create, ({ status }) => status !== 429);
    expect([late.text, late.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
  });

  it('hold up an address before its credential is looked at; webhook, health, metrics and documents are exempt', async () => {
    const api = await holdfast.startApi({ rateLimits: { perCredential: 0, perAddress: 3 } });
    const one = api.as(await newKey());
    expect(await statuses(4, () => read(one))).toEqual([200, 200, 200, 429]);
    expect((await read(api.as('hf_test_no_such_key'))).body.code).toBe('too-many-requests');
    for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs'])
      expect([path, ...(await statuses(5, () => api.call(path)))]).toEqual([path, ...Array<number>(5).fill(200)]);
    const webhook = () => api.call('/webhooks/stripe', { method: 'POST', body: {}, credential: null });
    expect(await statuses(5, webhook)).toEqual(Array<number>(5).fill(400));
  });
});

describe('a caller’s address', () => {
  it('is the connection’s: what is written into X-Forwarded-For changes nothing', async () => {
    const api = await holdfast.startApi({ rateLimits: { perCredential: 0, perAddress: 3 } });
    const one = api.as(await newKey());
    let n = 0;
    expect(await statuses(4, () => read(one, from(`192.0.2.${n++}`)))).toEqual([200, 200, 200, 429]);
  });

  it('behind a listed proxy is the last one that no listed proxy has: what the caller put before it is not believed', async () => {
    const changes = { rateLimits: { perCredential: 0, perAddress: 2 }, trustedProxies: ['127.0.0.0/8'] };
    const api = await holdfast.startApi(changes);
    const one = api.as(await newKey());
    expect(await statuses(3, () => read(one, from('192.0.2.1')))).toEqual([200, 200, 429]);
    expect((await read(one, from('203.0.113.9, 192.0.2.1'))).status).toBe(429);
    expect((await read(one, from('192.0.2.1, 127.0.0.9'))).status).toBe(429);
    expect((await read(one, from('192.0.2.1, 192.0.2.2'))).status).toBe(200);
  });

  it('is not believed from a proxy that is not listed', async () => {
    const changes = { rateLimits: { perCredential: 0, perAddress: 2 }, trustedProxies: ['10.0.0.0/8', '::1'] };
    const one = (await holdfast.startApi(changes)).as(await newKey());
    let n = 0;
    expect(await statuses(3, () => read(one, from(`192.0.2.${n++}`)))).toEqual([200, 200, 429]);
  });

  it('is configured by addresses and networks only', () => {
    const proxies = (value: string) => readConfig({ ...SECRETS, TRUST_PROXY: value }).trustedProxies;
    expect(readConfig(SECRETS).trustedProxies).toEqual([]);
    expect(proxies(' 10.0.0.0/8, 2001:db8::/32,192.0.2.7 ')).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);
    for (const value of ['true', '1', '*', 'proxy.example', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.0/8/8', ','])
      expect(() => proxies(value)).toThrow(/TRUST_PROXY/);
  });
});

describe('credentials that are not valid', () => {
  it('at one key from many addresses end after a hundred: neither is a right guess confirmed, nor its owner held up', async () => {
    const api = await holdfast.startApi({ trustedProxies: ['127.0.0.0/8'] });
    const key = await newKey();
    const guess = `${key.slice(0, 14)}${'x'.repeat(26)}`;
    expect((await read(api.as(key), from('198.51.100.1'))).status).toBe(200);
    let n = 0;
    const guesses = await statuses(102, () => read(api.as(guess), from(`192.0.2.${n++}`)));
    expect(guesses).toEqual([...Array<number>(100).fill(401), 429, 429]);
    expect((await read(api.as(key), from('203.0.113.1'))).status).toBe(429);
    expect((await read(api.as(key), from('198.51.100.1'))).status).toBe(200);
    expect((await read(api.as(await newKey()), from('203.0.113.1'))).status).toBe(200);
  });

  it('at the operator’s key end after a hundred from one address', async () => {
    const changes = { operatorKey: 'the-operators-key', trustedProxies: ['127.0.0.0/8'] };
    const api = await holdfast.startApi(changes);
    const scrape = (credential: string, address: string) =>
      api.call('/metrics', { credential, headers: from(address) });
    expect((await scrape('the-operators-key', '198.51.100.1')).status).toBe(200);
    let n = 0;
    const guesses = await statuses(101, () => scrape(`guess ${n++}`.replace(' ', '-'), '192.0.2.1'));
    expect(guesses).toEqual([...Array<number>(100).fill(401), 429]);
    expect((await scrape('the-operators-key', '192.0.2.1')).status).toBe(429);
    expect((await scrape('the-operators-key', '198.51.100.1')).status).toBe(200);
  });
});
