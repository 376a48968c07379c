import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, reserveManual, secretOf } from '../support/payment-steps.js';
import { routesOf } from '../support/routes.js';

/** Names that no call knows; each is to be named by the 400 that refuses it. */
const IN_QUERY = 'inTheQuery';
const IN_BODY = 'inTheBody';

let holdfast: Holdfast;
let api: ApiClient;
let token: ApiClient;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start();
  api = holdfast.api;
  accountId = await api.createAccount();
  token = api.as((await api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string);
});
afterAll(() => holdfast.stop());

/** An order of the account with a payment that waits for the customer. */
async function inPayment(): Promise<string> {
  const number = await api.placeOrder({ accountId });
  await api.init(number);
  return number;
}

async function savedCard(): Promise<string> {
  const number = await api.placeOrder({ accountId });
  await holdfast.controls.confirm(secretOf(await api.init(number, { savePaymentMethod: true })));
  await api.orderIn(number, 'Fulfilled');
  const { body } = await api.get(`/v1/accounts/${accountId}/payment-methods`);
  return (body as { data: { id: string }[] }).data[0]?.id ?? '';
}

async function endpoint(): Promise<string> {
  const { body } = await api.post('/v1/notification-endpoints', { url: 'http://127.0.0.1:9/x' });
  return (body as { endpointId: string }).endpointId;
}

async function notification(): Promise<string> {
  const { body } = await api.post(`/v1/notification-endpoints/${await endpoint()}/test`, {});
  return (body as { notificationId: string }).notificationId;
}

async function deadJob(): Promise<string> {
  const [job] = await holdfast.rows<{ id: string }>('SELECT gen_random_uuid()::text AS id');
  return job?.id ?? '';
}

/** Where each call finds something that is there, in a state that allows it: only what is sent is wrong. */
function addresses(): Record<string, () => Promise<string>> {
  const order = async (path = '') => `/v1/orders/${await api.placeOrder({ accountId })}${path}`;
  const account = (path = '') => Promise.resolve(`/v1/accounts/${accountId}${path}`);
  const paying = async (path: string) => `/v1/orders/${await inPayment()}${path}`;
  const manual = async () => (await reserveManual(holdfast)).number;
  const paid = async () => {
    const number = await manual();
    await api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Delivered' });
    await api.orderIn(number, 'Fulfilled');
    return `/v1/orders/${number}/refunds`;
  };
  const toReport = async () => {
    const number = await manual();
    return `/v1/orders/${number}/items/${number}-1/fulfillment`;
  };
  const endpoints = '/v1/notification-endpoints';
  return {
    'GET /v1/accounts': () => Promise.resolve('/v1/accounts'),
    'POST /v1/accounts': () => Promise.resolve('/v1/accounts'),
    'GET /v1/accounts/:accountId': () => account(),
    'POST /v1/accounts/:accountId/tokens': () => account('/tokens'),
    'GET /v1/accounts/:accountId/payment-methods': () => account('/payment-methods'),
    'DELETE /v1/accounts/:accountId/payment-methods/:paymentMethodId': async () =>
      account(`/payment-methods/${await savedCard()}`),
    'GET /v1/orders': () => Promise.resolve('/v1/orders'),
    'POST /v1/orders': () => Promise.resolve('/v1/orders'),
    'GET /v1/orders/:orderNumber': () => order(),
    'PUT /v1/orders/:orderNumber': () => order(),
    'DELETE /v1/orders/:orderNumber': () => order(),
    'GET /v1/orders/:orderNumber/timeline': () => order('/timeline'),
    'POST /v1/orders/:orderNumber/cancel': () => order('/cancel'),
    'PUT /v1/orders/:orderNumber/payment': () => order('/payment'),
    'GET /v1/orders/:orderNumber/payment': () => paying('/payment'),
    'DELETE /v1/orders/:orderNumber/payment': () => paying('/payment'),
    'PUT /v1/orders/:orderNumber/payment/save-payment-method': () => paying('/payment/save-payment-method'),
    'DELETE /v1/orders/:orderNumber/payment/save-payment-method': () => paying('/payment/save-payment-method'),
    'GET /v1/orders/:orderNumber/refunds': paid,
    'POST /v1/orders/:orderNumber/refunds': paid,
    'PUT /v1/orders/:orderNumber/items/:orderItemNumber/fulfillment': toReport,
    [`GET ${endpoints}`]: () => Promise.resolve(endpoints),
    [`POST ${endpoints}`]: () => Promise.resolve(endpoints),
    [`GET ${endpoints}/:endpointId`]: async () => `${endpoints}/${await endpoint()}`,
    [`DELETE ${endpoints}/:endpointId`]: async () => `${endpoints}/${await endpoint()}`,
    [`POST ${endpoints}/:endpointId/rotate-secret`]: async () => `${endpoints}/${await endpoint()}/rotate-secret`,
    [`POST ${endpoints}/:endpointId/enable`]: async () => `${endpoints}/${await endpoint()}/enable`,
    [`POST ${endpoints}/:endpointId/test`]: async () => `${endpoints}/${await endpoint()}/test`,
    'GET /v1/notifications': () => Promise.resolve('/v1/notifications'),
    'POST /v1/notifications/:notificationId/redeliver': async () =>
      `/v1/notifications/${await notification()}/redeliver`,
  };
}

describe('a name that is not known', () => {
  it('is refused and named by every call, in its address and in its body, and nothing is done', async () => {
    const known = addresses();
    const partners = routesOf(holdfast.app).filter((route) => / \/v1\/(?!operator\/)/.test(route));
    expect(Object.keys(known).sort()).toEqual(partners.sort());
    for (const [route, address] of Object.entries(known)) {
      const [method = ''] = route.split(' ');
      const path = await address();
      const body = method === 'GET' ? undefined : { [IN_BODY]: 1 };
      const answer = await api.call(`${path}?${IN_QUERY}=1`, { method, ...(body && { body }) });
      expect([route, answer.status]).toEqual([route, 400]);
      const named = JSON.stringify((answer.body as { validationMessages: object[] }).validationMessages);
      expect([route, named]).toEqual([route, expect.stringContaining(IN_QUERY)]);
      if (body) expect([route, named]).toEqual([route, expect.stringContaining(IN_BODY)]);
    }
  });

  it('is no reason to refuse where the answer is given already, or the state comes first', async () => {
    const unknown = { method: 'DELETE', body: { [IN_BODY]: 1 } };
    const number = await inPayment();
    expect(await api.call(`/v1/orders/${number}`, unknown)).toMatchObject({ status: 409 });
    expect((await api.delete(`/v1/orders/${number}/payment`)).status).toBe(200);
    expect(await api.call(`/v1/orders/${number}/payment`, unknown)).toMatchObject({
      status: 200,
      body: { order: { orderStatus: 'Placed' } },
    });
    const flag = await api.call(`/v1/orders/${number}/payment/save-payment-method`, unknown);
    expect(flag).toMatchObject({ status: 409, body: { code: 'payment-not-in-state-to-save-method' } });
  });

  it('of the operator’s calls is refused too; those of a load balancer are its own', async () => {
    const number = await api.placeOrder({ accountId });
    for (const path of ['/v1/operator/stuck', `/v1/operator/orders/${number}`, '/v1/operator/orders']) {
      expect((await api.get(`${path}?${IN_QUERY}=1`)).status).toBe(400);
    }
    expect((await api.call(`/v1/operator/jobs/${await deadJob()}/replay?x=1`, { method: 'POST' })).status).toBe(404);
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect((await api.get(`${path}?${IN_QUERY}=1`)).status).toBe(200);
    }
  });
});

describe('what is null', () => {
  const nulls = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));

  it('was not sent: init', async () => {
    const optional = nulls(['createCheckoutSession', 'successUrl', 'errorUrl', 'paymentMethodId', 'savePaymentMethod']);
    const number = await api.placeOrder({ accountId });
    expect(await api.init(number, { ...optional, createCheckoutSession: true })).toMatchObject({
      status: 400,
      body: {
        code: 'initPaymentDataRequest_not_valid',
        validationMessages: [{ memberNames: ['successUrl'] }, { memberNames: ['errorUrl'] }],
      },
    });
    const intent = await api.init(number, optional);
    expect(intent).toMatchObject({ status: 200, body: { initPaymentData: { result: true } } });
    const session = await api.init(await api.placeOrder({ accountId }), {
      ...CHECKOUT,
      ...nulls(['paymentMethodId', 'savePaymentMethod']),
    });
    expect(session).toMatchObject({ status: 200, body: { initPaymentData: { result: true } } });
    // Neither wished for nor refused: the customer is asked.
    const asked = (await holdfast.controls.requests()).filter(({ path }) => path === '/v1/checkout/sessions').at(-1);
    expect(JSON.stringify(asked)).toContain('payment_method_save');
  });

  it('was not sent: a report, and the same report again', async () => {
    const { number } = await reserveManual(holdfast);
    const report = { outcome: 'Delivered', ...nulls(['statusText', 'deliverables']) };
    for (const body of [report, report, { outcome: 'Delivered' }]) {
      const answer = await api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, body);
      expect(answer).toMatchObject({ status: 200, body: { order: { items: [{ deliverables: [] }] } } });
      expect(Object.keys((answer.body as { order: { items: object[] } }).order.items[0] ?? {})).not.toContain(
        'statusText',
      );
    }
  });
});

describe('an order in Payment', () => {
  it('answers as before to whatever can be parsed, also with a name twice', async () => {
    const number = await api.placeOrder({ accountId });
    const first = await api.init(number);
    for (const raw of ['{"a":1,"a":1}', '{"a":1,"A":2}', '[]', 'null', '"x"', '{"a":1e999}']) {
      const again = await api.call(`/v1/orders/${number}/payment?x=1`, { method: 'PUT', raw });
      expect([raw, again.status, again.text]).toEqual([raw, 200, first.text]);
    }
    expect((await api.call(`/v1/orders/${number}/payment`, { method: 'PUT', raw: '{' })).status).toBe(400);
  });
});

describe('an id', () => {
  it.each(['%ff', '%c0%af', '%ED%A0%80', '%zz', '%', 'a%'])(
    'that is no text (%s) is asked for in its turn, and not there',
    async (id) => {
      expect((await api.call(`/v1/orders/${id}`, { credential: null })).status).toBe(401);
      expect((await token.put(`/v1/orders/${id}`, {})).status).toBe(403);
      for (const path of [`/v1/orders/${id}`, `/v1/orders/${id}/timeline?limit=5`]) {
        expect(await api.get(path)).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
      }
      expect(await api.init(id, '{')).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
      expect(await token.get(`/v1/accounts/${id}/payment-methods`)).toMatchObject({
        status: 404,
        body: { code: 'account-not-found' },
      });
    },
  );
});

describe('an Idempotency-Key that is not valid', () => {
  const headers = { 'Idempotency-Key': 'x'.repeat(256) };

  it('is refused after who may call, and after whose the order is', async () => {
    const number = await api.placeOrder({ accountId });
    const post = (client: ApiClient, path: string, credential?: null) =>
      client.call(path, { method: 'POST', headers, ...(credential === null && { credential }) });
    expect((await post(api, `/v1/orders/${number}/cancel`, null)).status).toBe(401);
    expect((await post(token, `/v1/orders/${number}/cancel`)).status).toBe(403);
    expect((await post(token, '/v1/orders')).status).toBe(403);
    expect((await post(api, '/v1/orders/26-1/cancel')).status).toBe(404);
    for (const path of [`/v1/orders/${number}/cancel`, '/v1/accounts', `/v1/orders/${number}/refunds`]) {
      expect(await post(api, path)).toMatchObject({ status: 400, body: { code: 'idempotency-key-not-valid' } });
    }
    expect((await api.order(number)).orderStatus).toBe('Placed');
  });
});

describe('a call without a valid credential', () => {
  it('is told what is asked for', async () => {
    for (const credential of [null, 'nonsense', 'hf_test_nonsense']) {
      const answer = await api.call('/v1/orders', { credential });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect((await api.get('/v1/orders')).headers.has('www-authenticate')).toBe(false);
  });
});

describe('the bare address', () => {
  it('leads to the documentation', async () => {
    const answer = await fetch(`${api.url}/`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
    expect(await (await fetch(api.url)).text()).toContain('Holdfast API');
  });
});
