import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PartnersService } from '#partners';
import type { Answer, ApiClient } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';

const OURS = 'https://shop.example';
const THEIRS = 'https://other.example';

let holdfast: Holdfast;
let partners: PartnersService;
let accountId: string;
let token: string;
let theirPartner: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  partners = holdfast.app.get(PartnersService);
  await partners.set('par_demo', { origins: [OURS, 'https://www.shop.example:8443'] });
  theirPartner = (await holdfast.createPartner()).partnerId;
  await partners.set(theirPartner, { origins: [THEIRS] });
  accountId = await holdfast.api.createAccount();
  token = (await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string;
});
afterAll(() => holdfast.stop());

const now = performance.now.bind(performance);
let aheadMs = 0;
beforeAll(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
});
afterAll(() => {
  jest.restoreAllMocks();
});
/** For whoever measures real time in this process, so for every API here. */
const passTwoSeconds = () => (aheadMs += 2_001);

const preflight = (origin: string, api: ApiClient = holdfast.api, path = '/v1/accounts/me') =>
  api.call(path, {
    method: 'OPTIONS',
    credential: null,
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    },
  });
const ask = (origin: string, credential: string | null = token, path = '/v1/accounts/me') =>
  holdfast.api.call(path, { credential, headers: { Origin: origin } });
const allowed = ({ headers }: Answer) => headers.get('access-control-allow-origin');
const corsHeaders = ({ headers }: Answer) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('a preflight', () => {
  it('of a registered origin is allowed, by name, for a few seconds, without cookies', async () => {
    for (const origin of [OURS, 'https://www.shop.example:8443', THEIRS]) {
      const answer = await preflight(origin);
      expect([answer.status, answer.text, allowed(answer)]).toEqual([204, '', origin]);
      expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE');
      const names = answer.headers.get('access-control-allow-headers')?.toLowerCase();
      expect(names).toBe('authorization, content-type, idempotency-key, x-request-id');
      expect(Number(answer.headers.get('access-control-max-age'))).toBeLessThanOrEqual(5);
      expect(answer.headers.get('vary')).toBe('Origin');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it.each([
    ...[
      'https://evil.example',
      'null',
      '*',
      'http://shop.example',
      'https://shop.example:444',
      'https://shop.example/',
    ],
    ...['https://SHOP.example', 'https://shop.example.evil.example', 'https://xshop.example', 'constructor', ''],
  ])('of %p is not', async (origin) => {
    const answer = await preflight(origin);
    expect([answer.status, corsHeaders(answer), answer.headers.get('vary')]).toEqual([204, [], 'Origin']);
  });

  it('is for the partners’ API alone', async () => {
    for (const path of [
      '/v1/operator/stuck',
      '/v1/operator/none',
      '/webhooks/stripe',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/health/live',
    ]) {
      const answer = await preflight(OURS, holdfast.api, path);
      expect([path, answer.status, corsHeaders(answer)]).toEqual([path, 404, []]);
      const read = await ask(OURS, null, path);
      expect([path, corsHeaders(read)]).toEqual([path, []]);
    }
  });
});

describe('an answer', () => {
  it('to an account token can be read by the origins of its own partner only', async () => {
    const answer = await ask(OURS);
    expect([answer.status, allowed(answer)]).toEqual([200, OURS]);
    expect(answer.headers.get('access-control-expose-headers')).toBe('X-Request-Id, Retry-After, Idempotent-Replayed');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toBe('Origin');
    for (const origin of [THEIRS, 'https://evil.example', 'null', '*']) {
      const other = await ask(origin);
      expect([other.status, corsHeaders(other), other.headers.get('vary')]).toEqual([200, [], 'Origin']);
    }
    const without = await holdfast.api.as(token).get('/v1/accounts/me');
    expect([corsHeaders(without), without.headers.get('vary')]).toEqual([[], 'Origin']);
  });

  it('that refuses the token’s bearer can be read there as well, and nowhere else', async () => {
    for (const [path, status] of [
      ['/v1/accounts', 403],
      ['/v1/orders/26-0', 404],
      ['/v1/orders?limit=0', 400],
    ] as const) {
      expect([path, (await ask(OURS, token, path)).status, allowed(await ask(OURS, token, path))]).toEqual([
        ...[path, status, OURS],
      ]);
      expect(corsHeaders(await ask(THEIRS, token, path))).toEqual([]);
    }
  });

  it('to a partner key can be read by no page', async () => {
    const answer = await ask(OURS, 'hf_test_demo', `/v1/accounts/${accountId}`);
    expect([answer.status, corsHeaders(answer)]).toEqual([200, []]);
  });

  it('to nobody can be read by registered origins: a page must see that its token has expired', async () => {
    for (const credential of [null, 'ey.ey.ey', `${token}x`]) {
      const answer = await ask(OURS, credential);
      expect([answer.status, allowed(answer)]).toEqual([401, OURS]);
      expect(corsHeaders(await ask('https://evil.example', credential))).toEqual([]);
    }
    expect(allowed(await ask(OURS, token, '/v1/nonsense'))).toBe(OURS);
  });
});

describe('an origin', () => {
  it('that is registered or taken back counts within two seconds in every process', async () => {
    const second = await holdfast.startApi();
    const [early, late] = ['https://early.example', 'https://late.example'];
    await partners.set(theirPartner, { origins: [early] });
    const both = async (origin: string) => [allowed(await preflight(origin)), allowed(await preflight(origin, second))];
    passTwoSeconds();
    expect(await both(early)).toEqual([early, early]);
    await partners.set(theirPartner, { origins: [late] });
    passTwoSeconds();
    expect(await both(early)).toEqual([null, null]);
    expect(await both(late)).toEqual([late, late]);

    await partners.set('par_demo', { origins: [late] });
    passTwoSeconds();
    expect(allowed(await ask(OURS))).toBeNull();
    expect(allowed(await ask(late))).toBe(late);
    await partners.set('par_demo', { origins: [OURS] });
    passTwoSeconds();
    expect(allowed(await ask(OURS))).toBe(OURS);
  });

  it('costs one statement in two seconds, however many pages ask', async () => {
    const { query } = pg.Client.prototype;
    let reads = 0;
    pg.Client.prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
      const [first] = parameters as [string | { text?: string }];
      if (/unnest\(origins\)/.test(typeof first === 'string' ? first : (first.text ?? ''))) reads++;
      return Reflect.apply(query, this, parameters) as never;
    };
    try {
      const begun = performance.now();
      for (let n = 0; n < 100; n++) await preflight(`https://page-${n}.example`);
      const first = reads;
      passTwoSeconds();
      await preflight(OURS);
      expect(reads).toBe(first + 1);
      expect(reads).toBeLessThanOrEqual(Math.ceil((performance.now() - begun) / 2_000) + 1);
    } finally {
      pg.Client.prototype.query = query;
    }
  });
});
