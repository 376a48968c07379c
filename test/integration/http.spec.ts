import { connect } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Json } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

const OPERATOR_KEY = 'operators-own-key';
const ITEM = { sku: 'ticket', name: 'Ticket', quantity: 1, unitAmount: 1250 };
const PROBLEM_FIELDS = ['code', 'detail', 'requestId', 'status', 'title', 'type', 'validationMessages'];

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false, environment: { OPERATOR_KEY } });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

const order = (members: object = {}) => ({ accountId, currency: 'EUR', items: [ITEM], ...members });
const postOrder = (members: object = {}) => holdfast.api.post('/v1/orders', order(members));
const postRaw = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  holdfast.api.call('/v1/orders', { method: 'POST', raw, headers });

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code as unknown }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(Object.keys(answer.body as object)).toEqual(expect.arrayContaining(PROBLEM_FIELDS));
  expect(answer.body).toMatchObject({ status, type: `urn:holdfast:problem:${code}` });
  expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
}

/** The places that a 400 names. */
function faultyMembers(answer: Answer): string[] {
  expectProblem(answer, 400, 'request-not-valid');
  const { validationMessages } = answer.body as { validationMessages: { memberNames: string[] }[] };
  return validationMessages.flatMap(({ memberNames }) => memberNames).sort();
}

/** Sends bytes as they are: what a client library would never let through. */
async function rawExchange(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(holdfast.config.port, '127.0.0.1', () => socket.end(request));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('names in requests', () => {
  it('match without regard to case, nested ones too', async () => {
    const answer = await holdfast.api.post('/v1/orders', {
      AccountId: accountId,
      CURRENCY: 'EUR',
      OrderStatus: 'Placed',
      Items: [{ Sku: 'ticket', NAME: 'Ticket', Quantity: 2, UnitAmount: 1250, Fulfiller: 'manual' }],
    });
    expect(answer.status).toBe(201);
    expect(answer.body.order).toMatchObject({
      orderStatus: 'Placed',
      items: [{ sku: 'ticket', quantity: 2, unitAmount: 1250, fulfiller: 'manual' }],
    });
  });

  it('match in the payment’s body as partners in the field send it', async () => {
    for (const name of ['createCheckoutSession', 'CreateCheckoutSession', 'CREATECHECKOUTSESSION']) {
      const number = await holdfast.api.placeOrder({ accountId });
      const urls = { SuccessUrl: 'https://shop.example/ok', errorurl: 'https://shop.example/no' };
      const answer = await holdfast.api.init(number, { [name]: true, ...urls });
      expect(answer.body.initPaymentData.checkoutUrl).toMatch(/^http/);
    }
  });

  it('that collide after folding are refused', async () => {
    expect(faultyMembers(await postOrder({ Currency: 'EUR' }))).toEqual(['Currency']);
    expect(faultyMembers(await postOrder({ items: [{ ...ITEM, SKU: 'other' }] }))).toEqual(['items[0].SKU']);
  });

  it('that are sent twice are refused, with different values and with equal ones', async () => {
    const twice = (members: string) => postRaw(`{"accountId":"${accountId}","currency":"EUR","items":[],${members}}`);
    expect(faultyMembers(await twice('"currency":"USD"'))).toEqual(['currency']);
    expect(faultyMembers(await twice('"currency" : "EUR"'))).toEqual(['currency']);
    expect(faultyMembers(await twice('"curr\\u0065ncy":"EUR"'))).toEqual(['currency']);
    expect(faultyMembers(await twice('"metadata":{"a":"\\"a\\":","b":"1","a":"\\"a\\":"}'))).toEqual(['a']);
    expect((await twice('"metadata":{"currency":"\\\\","items":"\\",\\"items\\":"}')).status).toBe(201);
  });

  it('that are unknown are refused and named, all of them (S57)', async () => {
    const answer = await postOrder({ colour: 'red', items: [{ ...ITEM, price: 1 }], savedPaymentMethod: 'pm_1' });
    expect(faultyMembers(answer)).toEqual(['colour', 'items[0].price', 'savedPaymentMethod']);
    expect(faultyMembers(await holdfast.api.get('/v1/orders?colour=red'))).toEqual(['colour']);
    // The Kelvin sign folds into k by Unicode's rules; it is another name all the same.
    expect(faultyMembers(await postOrder({ items: [{ ...ITEM, sKu: 'x' }] }))).toContain('items[0].sKu');
  });

  it('inside metadata are the caller’s own', async () => {
    const metadata = `{"Campaign":"A","campaign":"b","accountId":"x","__proto__":"p","constructor":"c","toString":"t","":"?"}`;
    const refused = await postRaw(`{"accountId":"${accountId}","currency":"EUR","items":[],"metadata":${metadata}}`);
    expect(faultyMembers(refused)).toEqual(['metadata']);
    const kept = metadata.replace(',"":"?"', '');
    const answer = await postRaw(`{"accountId":"${accountId}","currency":"EUR","items":[],"metadata":${kept}}`);
    expect(answer.status).toBe(201);
    const read = await holdfast.api.get(`/v1/orders/${answer.body.order.orderNumber}`);
    for (const { body } of [answer, read]) {
      expect(Object.entries(body.order.metadata as object).sort()).toEqual(
        Object.entries(JSON.parse(kept) as object).sort(),
      );
    }
    const replaced = await holdfast.api.call(`/v1/orders/${answer.body.order.orderNumber}`, {
      method: 'PUT',
      raw: `{"items":[],"metadata":{"__proto__":"q"}}`,
    });
    expect(Object.entries(replaced.body.order.metadata as object)).toEqual([['__proto__', 'q']]);
    expect(({} as Json).p ?? ({} as Json).polluted).toBeUndefined();
  });

  it('that would reach a prototype are unknown names', async () => {
    const answer = await postRaw(`{"__proto__":{"accountId":"x"},"constructor":{},"currency":"EUR","items":[]}`);
    expect(faultyMembers(answer)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'accountId']));
  });
});

describe('metadata', () => {
  it.each([
    [
      '50 entries of 500 characters',
      Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`n${i}`, 'x'.repeat(500)])),
      201,
    ],
    ['51 entries', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`n${i}`, 'x'])), 400],
    ['501 characters', { note: 'x'.repeat(501) }, 400],
    ['a number', { note: 1 }, 400],
    ['a nested object', { note: { a: 'b' } }, 400],
    ['null inside', { note: null }, 400],
    ['a list', ['a'], 400],
    ['text', 'a', 400],
    ['null', null, 201],
  ])('%s', async (_, metadata, status) => {
    expect((await postOrder({ metadata })).status).toBe(status);
  });
});

describe('values', () => {
  const withAmount = (literal: string) =>
    postRaw(
      `{"accountId":"${accountId}","currency":"EUR","items":[{"sku":"a","name":"A","quantity":1,"unitAmount":${literal}}]}`,
    );

  it.each([
    '1e308',
    '1e400',
    '9007199254740993',
    '-1',
    '1.5',
    '1e-400',
    '1.00000000000000000001',
    '"1"',
    'null',
    'true',
    '[]',
    '{}',
    '100000000',
  ])('a unitAmount of %s is refused', async (literal) =>
    expect(faultyMembers(await withAmount(literal))).toEqual(expect.arrayContaining(['items[0].unitAmount'])),
  );

  it.each([
    ['0', 0],
    ['-0', 0],
    ['1.0', 1],
    ['12e2', 1200],
    ['99999999', 99_999_999],
  ])('a unitAmount of %s is taken', async (literal, amount) => {
    const answer = await withAmount(literal);
    expect(answer.status).toBe(201);
    expect(answer.body.order.items[0].unitAmount).toBe(amount);
    expect(answer.text).not.toContain('-0,');
  });

  it.each([0, 10_001, 1.5, '2', null])('a quantity of %p is refused', async (quantity) => {
    expect(faultyMembers(await postOrder({ items: [{ ...ITEM, quantity }] }))).toContain('items[0].quantity');
  });

  it.each([[[1]], [[null]], [['x']], [[[]]], [[[ITEM]]], ['x'], [{}], [null]])(
    'items of %j are refused',
    async (items) => {
      expect(faultyMembers(await postOrder({ items })).join()).toMatch(/^items/);
    },
  );

  it('101 items are refused, 100 are taken', async () => {
    expect(faultyMembers(await postOrder({ items: Array.from({ length: 101 }, () => ITEM) }))).toEqual(['items']);
    expect((await postOrder({ items: Array.from({ length: 100 }, () => ITEM) })).status).toBe(201);
  });

  it('every fault is named at once', async () => {
    const answer = await postOrder({
      currency: 'eur',
      orderStatus: 'Paid',
      externalReference: '',
      metadata: { note: 1 },
      what: 1,
      items: [
        { ...ITEM, quantity: 0 },
        { ...ITEM, unitAmount: -1, fulfiller: 'owl' },
        { sku: 'x'.repeat(201), quantity: 1, unitAmount: 1 },
      ],
    });
    expect([...new Set(faultyMembers(answer))]).toEqual([
      'currency',
      'externalReference',
      'items[0].quantity',
      'items[1].fulfiller',
      'items[1].unitAmount',
      'items[2].name',
      'items[2].sku',
      'metadata',
      'orderStatus',
      'what',
    ]);
    expect(answer.body.validationMessages).toContainEqual({
      ...{ code: 'invalid-value', level: 'Error', source: 'request', memberNames: ['items[0].quantity'] },
      message: 'items[0].quantity: must not be less than 1',
    });
  });

  it('a body full of faults gets an answer of bounded size', async () => {
    const members = Array.from({ length: 50_000 }, (_, i) => `"u${i}":1`).join();
    const answer = await postRaw(`{${members}}`);
    expectProblem(answer, 400, 'request-not-valid');
    expect(answer.body.validationMessages).toHaveLength(201);
    expect(answer.body.validationMessages[200]).toMatchObject({ code: 'more-faults' });
    const long = await postRaw(`{"${'n'.repeat(500_000)}":1}`);
    expect(long.text.length).toBeLessThan(2000);
  });
});

describe('text that cannot be stored', () => {
  const bad = ['\\u0000', '\\ud800', 'a\\udc00b'];

  it.each(bad)('%s in a body is refused wherever it stands', async (text) => {
    const bodies = [
      `{"accountId":"${text}","currency":"EUR","items":[]}`,
      `{"accountId":"${accountId}","currency":"${text}","items":[]}`,
      `{"accountId":"${accountId}","currency":"EUR","items":[],"externalReference":"${text}"}`,
      `{"accountId":"${accountId}","currency":"EUR","items":[],"metadata":{"${text}":"a"}}`,
      `{"accountId":"${accountId}","currency":"EUR","items":[],"metadata":{"a":"${text}"}}`,
      `{"accountId":"${accountId}","currency":"EUR","items":[{"sku":"${text}","name":"A","quantity":1,"unitAmount":1}]}`,
      `{"${text}":1}`,
    ];
    for (const raw of bodies) expectProblem(await postRaw(raw), 400, 'request-not-valid');
    for (const name of ['reference', 'email', 'name']) {
      const answer = await holdfast.api.call('/v1/accounts', { method: 'POST', raw: `{"${name}":"${text}@a.de"}` });
      expect(faultyMembers(answer)).toContain(name);
    }
    const number = await holdfast.api.placeOrder({ accountId });
    const put = (path: string, raw: string) => holdfast.api.call(path, { method: 'PUT', raw });
    const item = `{"sku":"a","name":"A","quantity":1,"unitAmount":1,"orderItemNumber":"${text}"}`;
    expect((await put(`/v1/orders/${number}`, `{"items":[${item}]}`)).status).toBe(400);
    expect((await put(`/v1/orders/${number}`, `{"items":[],"accountId":"${text}"}`)).status).toBe(400);
    expect((await put(`/v1/orders/${number}/payment`, `{"successUrl":"${text}"}`)).status).toBe(400);
  });

  it('in an address is not found, or refused', async () => {
    for (const id of ['%00', 'a%00b', '%F0%9F%98%80', '%E2%82%AC', 'x'.repeat(3000), "'--", '%25']) {
      expectProblem(await holdfast.api.get(`/v1/orders/${id}`), 404, 'order-not-found');
      expectProblem(await holdfast.api.get(`/v1/accounts/${id}`), 404, 'account-not-found');
      expectProblem(await holdfast.api.get(`/v1/orders/${id}/timeline`), 404, 'order-not-found');
    }
    for (const name of ['cursor', 'accountId', 'externalReference', 'orderStatus', 'limit']) {
      expectProblem(await holdfast.api.get(`/v1/orders?${name}=%00`), 400, 'request-not-valid');
    }
    expectProblem(await holdfast.api.get('/v1/accounts?cursor=%00'), 400, 'request-not-valid');
  });

  it.each(['%zz', '%', '%ED%A0%80', '%C3%28'])('a malformed address (%s) gets a problem', async (path) => {
    expectProblem(await holdfast.api.get(`/v1/orders/${path}`), 404, 'order-not-found');
    expectProblem(await holdfast.api.get(`/${path}`), 404, 'route-not-found');
  });
});

describe('bodies', () => {
  it.each([
    '{',
    '',
    'nul',
    '{"a":01}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '{}{}',
    '"\u0001"',
    '\ufeff{',
    '{"a":"\t"}',
  ])('%j is not JSON', async (raw) => {
    const answer = await postRaw(raw);
    // An empty body is an object without members.
    expectProblem(answer, 400, raw === '' ? 'request-not-valid' : 'body-not-json');
  });

  it('of bytes that are not UTF-8 are not JSON', async () => {
    expectProblem(await postRaw(new Uint8Array([0x22, 0xff, 0xfe, 0x22])), 400, 'body-not-json');
  });

  it.each(['[]', 'null', '1', '"x"', 'true', '[{}]'])('%s is not an object', async (raw) => {
    expectProblem(await postRaw(raw), 400, 'request-not-valid');
  });

  it('nested ever deeper are refused, never an error of ours', async () => {
    for (const depth of [100, 1000, 2000, 4000, 8000, 50_000, 500_000]) {
      const lists = await postRaw(`{"metadata":${'['.repeat(depth)}${']'.repeat(depth)}}`);
      const objects = await postRaw(`{"items":${'{"a":'.repeat(depth / 5)}1${'}'.repeat(depth / 5)}}`);
      expect([lists.status, objects.status]).toEqual([400, 400]);
    }
  });

  it('over 1 MiB are refused with 413, the last byte counts', async () => {
    const body = (size: number) => `{"note":"${'x'.repeat(size - 11)}"}`;
    expectProblem(await postRaw(body(1_048_577)), 413, 'body-too-large');
    expectProblem(await postRaw(body(1_048_576)), 400, 'request-not-valid');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'multipart/form-data', 'nonsense'])(
    'of type %s are refused with 415',
    async (type) => expectProblem(await postRaw('{}', { 'Content-Type': type }), 415, 'media-type-not-supported'),
  );

  it('of type application/json may name their charset', async () => {
    const headers = { 'Content-Type': 'Application/JSON; charset=UTF-8' };
    expect((await postRaw(JSON.stringify(order()), headers)).status).toBe(201);
  });
});

describe('X-Request-Id', () => {
  const idOf = async (sent: string) => {
    const answer = await holdfast.api.call('/v1/accounts', { headers: { 'X-Request-Id': sent } });
    return answer.headers.get('x-request-id');
  };

  it('is the caller’s when it is sane', async () => {
    for (const id of ['a', 'req-1:2.3_4', 'x'.repeat(128)]) expect(await idOf(id)).toBe(id);
  });

  it('is ours when it is not', async () => {
    for (const id of ['', 'a b', 'x'.repeat(129), '<script>', 'é', '"']) expect(await idOf(id)).toMatch(/^req_\w{24}$/);
  });

  it('is in every answer, also before a route is found', async () => {
    const { api } = holdfast;
    const headers = { 'X-Request-Id': 'mine' };
    const answers = [
      await api.call('/nowhere', { headers }),
      await api.call('/v1/orders/%zz', { headers }),
      await api.call('/v1/orders', { headers, credential: null }),
      await api.call('/v1/orders', { headers, method: 'POST', raw: 'x'.repeat(1_100_000) }),
      await api.call('/v1/orders', { method: 'POST', raw: 'x', headers: { ...headers, 'Content-Type': 'text/x' } }),
      await api.call('/health/live', { headers }),
      await api.call('/openapi.json', { headers }),
    ];
    expect(answers.map((answer) => answer.headers.get('x-request-id'))).toEqual(answers.map(() => 'mine'));
    expect(answers.slice(0, 5).map(({ body }) => body.requestId as string)).toEqual(Array(5).fill('mine'));
  });

  it('is in the answer to what is no HTTP request at all', async () => {
    const answer = await rawExchange('GET / HTTP/9.9\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/X-Request-Id: req_\w{24}\r\n/);
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      status: 400,
      code: 'request-not-valid',
      validationMessages: [],
    });
    const long = await rawExchange(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 /);
    expect(long).toContain('X-Request-Id: req_');
  });
});

describe('addresses and methods', () => {
  it('an unknown address is a 404 of its own', async () => {
    for (const path of ['/v1', '/v1/nowhere', '/v2/orders', '/v1/orders/26-1/nowhere', '/V1/ORDERS', '//']) {
      expectProblem(await holdfast.api.get(path), 404, 'route-not-found');
    }
  });

  it('an address answers nothing to methods that it does not take', async () => {
    for (const method of ['PATCH', 'DELETE', 'PUT', 'OPTIONS']) {
      expectProblem(await holdfast.api.call('/v1/orders', { method }), 404, 'route-not-found');
    }
  });

  it('HEAD answers as GET does, without the body', async () => {
    expect(await holdfast.api.call('/health/live', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await holdfast.api.call('/v1/orders', { method: 'HEAD', credential: null })).toMatchObject({
      status: 401,
      text: '',
    });
  });

  describe('the database', () => {
    /** While `work` runs, it takes no connections and has ended those it had. */
    async function withoutDatabase<T>(work: () => Promise<T>): Promise<T> {
      const { url } = holdfast.config.database;
      const name = new URL(url).pathname.slice(1);
      const server = new pg.Client({ connectionString: url.replace(`/${name}`, '/postgres') });
      await server.connect();
      await server.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      // Waited for: one that ends late would answer a call before, and fail one after.
      await server.query('SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = $1', [name]);
      try {
        return await work();
      } finally {
        await server.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
        await server.end();
      }
    }

    it('is away: readiness says so, the process lives', async () => {
      const ask = (path: string) => holdfast.api.call(path, { credential: null });
      expect(await ask('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
      await withoutDatabase(async () => {
        expectProblem(await ask('/health/ready'), 503, 'not-ready');
        expect(await ask('/health/live')).toMatchObject({ status: 200 });
      });
      expect((await ask('/health/ready')).status).toBe(200);
    });

    it('is away: every call is told to come again, and has its one effect when it does', async () => {
      const { api } = holdfast;
      const number = await api.placeOrder({ accountId });
      const metadata = { source: 'holdfast', paymentId: 'pay_nobody', orderNumber: number };
      const event = eventAbout('payment_intent.succeeded', { id: 'pi_nobody', object: 'payment_intent', metadata });
      const calls = [
        () => api.get('/v1/orders'),
        () => api.get(`/v1/orders/${number}/timeline`),
        () => api.post('/v1/orders', order(), { 'Idempotency-Key': 'while-away' }),
        () => api.put(`/v1/orders/${number}/payment`, {}),
        () => api.post(`/v1/orders/${number}/cancel`, {}),
        () => api.call('/v1/operator/stuck', { credential: OPERATOR_KEY }),
      ];
      const ofAccount = async () =>
        (await holdfast.rows('SELECT FROM orders WHERE account_id = $1', [accountId])).length;
      const before = await ofAccount();
      await withoutDatabase(async () => {
        for (const call of calls) {
          const answer = await call();
          expectProblem(answer, 503, 'not-ready');
          expect(answer.headers.get('retry-after')).toBe('1');
        }
        expect(await deliver(holdfast, event)).toBe(503);
      });
      for (const call of calls) expect((await call()).status).toBeLessThan(300);
      expect(await deliver(holdfast, event)).toBe(200);
      expect(await ofAccount()).toBe(before + 1);
    });
  });
});

describe('the order of checks', () => {
  it('401, then 403, then 404, then 409, then 400', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ accountId });
    const { body } = await api.post(`/v1/accounts/${accountId}/tokens`, {});
    const invalid = { items: 'x' };
    expectProblem(
      await api.call(`/v1/orders/nope`, { method: 'PUT', raw: '{', credential: 'hf_test_wrong' }),
      401,
      'credential-not-valid',
    );
    expectProblem(await api.as(body.token as string).put(`/v1/orders/nope`, invalid), 403, 'credential-kind-refused');
    expectProblem(await api.put(`/v1/orders/nope`, invalid), 404, 'order-not-found');
    expectProblem(await api.call(`/v1/orders/nope`, { method: 'PUT', raw: '{' }), 404, 'order-not-found');
    expectProblem(await api.put(`/v1/orders/${number}`, invalid), 400, 'request-not-valid');
    await api.init(number);
    const conflict = await api.call(`/v1/orders/${number}`, { method: 'PUT', raw: '{' });
    expectProblem(conflict, 409, 'order-not-in-state-to-change');
    expect(conflict.body.orderStatus).toBe('Payment');
  });

  it('an unknown account in a body is a 404 before the body is checked', async () => {
    for (const unknown of ['acc_unknown', '', 'x'.repeat(300), "'; --"]) {
      expectProblem(await postOrder({ accountId: unknown, currency: 'nope' }), 404, 'account-not-found');
    }
    expect(faultyMembers(await postOrder({ accountId: 7 }))).toEqual(['accountId']);
    expect(faultyMembers(await postOrder({ accountId: undefined }))).toEqual(['accountId']);
  });
});
