import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock, readConfig, Secrets } from '#platform';
import { faultsOfEndpoint } from '../../libs/notifications/dto/notification-endpoint.request.dto.js';
import type { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { Receiver, toldOf, verified, type Endpoint, type Told } from '../support/receiver.js';

const URL_ = 'https://shop.example/holdfast';
const ENDPOINTS = '/v1/notification-endpoints';
const HOUR = 3600;

interface NewSecret {
  readonly secret: string;
  readonly formerSecretUntil: string;
}

const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});

async function listening(): Promise<Receiver> {
  const receiver = await Receiver.start();
  receivers.push(receiver);
  return receiver;
}

describe('notification endpoints', () => {
  let holdfast: Holdfast;
  /** A partner of its own for every test. */
  let api: ApiClient;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ schedules: true });
  });
  afterAll(() => holdfast.stop());
  beforeEach(async () => {
    api = holdfast.api.as((await holdfast.createPartner()).key);
  });

  const advance = (seconds: number) => holdfast.passTime(seconds);
  const list = async () => (await api.get(ENDPOINTS)).body.data as Endpoint[];
  const create = (body: object = {}) => api.post(ENDPOINTS, { url: URL_, ...body });

  it('are created, read, listed and deleted; the secret is shown once', async () => {
    const created = await create({ events: ['order.paid', 'order.paid', 'order.placed'] });
    const { secret, ...shown } = created.body;
    expect(created.status).toBe(201);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toEqual({
      ...{ endpointId: expect.stringMatching(/^nep_\w{24}$/), url: URL_, events: ['order.placed', 'order.paid'] },
      ...{ status: 'Enabled', createdAt: expect.any(String) },
    });
    expect((await api.get(`${ENDPOINTS}/${shown.endpointId}`)).body).toEqual(shown);
    const second = (await create()).body;
    expect((await list()).map(({ endpointId }) => endpointId)).toEqual([...[second.endpointId, shown.endpointId]]);
    const { nextCursor } = (await api.get(`${ENDPOINTS}?limit=1`)).body;
    expect((await api.get(`${ENDPOINTS}?limit=1&cursor=${nextCursor}`)).body).toEqual({
      data: [shown],
      nextCursor: null,
    });

    const deleted = await api.delete(`${ENDPOINTS}/${shown.endpointId}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await api.delete(`${ENDPOINTS}/${shown.endpointId}`)).status).toBe(404);
    expect((await api.get(ENDPOINTS)).body.data).toHaveLength(1);
  });

  it('without events: all of them', async () => {
    const { events } = (await create()).body;
    expect(events).toEqual([
      ...['order.placed', 'order.paid', 'order.fulfilled', 'order.partially_fulfilled', 'order.fulfillment_error'],
      ...['order.canceled', 'order.expired', 'item.delivered', 'item.failed', 'payment.failed', 'payment.captured'],
      ...['payment.released', 'payment.authorization_expiring', 'refund.succeeded', 'refund.failed'],
      ...['dispute.opened', 'dispute.closed'],
    ]);
    const [row] = await holdfast.rows<{ events: null }>(
      'SELECT events FROM notification_endpoints ORDER BY created_at DESC',
    );
    expect(row?.events).toBeNull();
  });

  it('a replay by Idempotency-Key makes no second endpoint and shows no secret', async () => {
    const headers = { 'Idempotency-Key': 'endpoint-1' };
    const first = await api.post(ENDPOINTS, { url: URL_ }, headers);
    const again = await api.post(ENDPOINTS, { url: URL_ }, headers);
    const { secret, ...kept } = first.body;
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(kept);
    const rotate = `${ENDPOINTS}/${kept.endpointId}/rotate-secret`;
    const rotated = await api.post(rotate, {}, headers);
    const rotatedAgain = await api.post(rotate, {}, headers);
    expect(rotated.body.secret).not.toBe(secret);
    expect(rotatedAgain.body).toEqual({ ...rotated.body, secret: undefined });
    expect((await api.get(ENDPOINTS)).body.data).toHaveLength(1);
    const stored = await holdfast.rows<{ text: string }>(
      `SELECT (e.*)::text AS text FROM notification_endpoints e UNION ALL SELECT (k.*)::text FROM idempotency_keys k`,
    );
    for (const plain of [secret, rotated.body.secret] as string[])
      expect(JSON.stringify(stored)).not.toContain(plain.slice(6));
  });

  it('are at most ten, even when asked for all at once', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => create()));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(10).fill(201),
      ...Array<number>(5).fill(409),
    ]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('too-many-notification-endpoints');
  });

  it('every fault at once: unknown events by their names', async () => {
    const answer = await create({ url: 'ftp://shop.example', events: ['order.paid', 'order.eaten', 'ORDER.PAID', 7] });
    expect([answer.status, answer.body.code]).toEqual([400, 'request-not-valid']);
    const messages = answer.body.validationMessages as { message: string; memberNames: string[] }[];
    expect(messages.map(({ memberNames }) => memberNames[0])).toEqual(['url', 'events[1]', 'events[2]', 'events[3]']);
    expect(messages.map(({ message }) => message).join()).toMatch(/order\.eaten.*ORDER\.PAID.*7/);
  });

  it.each([
    [{}, 'url'],
    [{ url: 7 }, 'url'],
    [{ url: 'shop.example' }, 'url'],
    [{ url: '/holdfast' }, 'url'],
    [{ url: 'https://' }, 'url'],
    [{ url: 'javascript:alert(1)' }, 'url'],
    [{ url: 'https://user@shop.example/' }, 'url'],
    [{ url: 'https://:secret@shop.example/' }, 'url'],
    [{ url: `https://shop.example/${'a'.repeat(2000)}` }, 'url'],
    [{ url: URL_, events: [] }, 'events'],
    [{ url: URL_, events: 'order.paid' }, 'events'],
    [{ url: URL_, events: Array(51).fill('order.paid') }, 'events'],
    [{ url: URL_, secret: 'mine' }, 'secret'],
  ])('refuses what is no address or no list of events (%#)', async (body, member) => {
    const answer = await api.post(ENDPOINTS, body);
    expect(answer.status).toBe(400);
    expect(answer.body.validationMessages[0].memberNames).toEqual([member]);
  });

  it.each([
    ['http://shop.example/', false],
    ['https://127.0.0.1/', false],
    ['https://localhost/', false],
    ['https://10.0.0.1/', false],
    ['https://[::1]/', false],
    ['https://169.254.169.254/latest', false],
    ['https://2130706433/', false],
    ['https://shop.example:8443/a?b=c', true],
  ])('outside sandbox mode %s is taken: %s; in sandbox mode it is', (url, taken) => {
    for (const mode of ['test', 'live'] as const) expect(faultsOfEndpoint({ url }, mode).length === 0).toBe(taken);
    expect(faultsOfEndpoint({ url }, 'sandbox')).toEqual([]);
  });

  it('nobody sees or touches another partner’s: the same answer as for one that is not there', async () => {
    const receiver = await listening();
    const { endpointId } = await receiver.register(api, ['order.placed']);
    const number = await api.placeOrder();
    await receiver.expect(number, 1);
    const [{ notificationId }] = (await toldOf(api, `orderNumber=${number}`)) as [Told];
    const stranger = holdfast.api.as((await holdfast.createPartner()).key);
    const calls: [string, string, string][] = [
      ['GET', ENDPOINTS, ''],
      ['DELETE', ENDPOINTS, ''],
      ['POST', ENDPOINTS, '/rotate-secret'],
      ['POST', ENDPOINTS, '/enable'],
      ['POST', ENDPOINTS, '/test'],
      ['POST', '/v1/notifications', '/redeliver'],
    ];
    for (const [method, path, verb] of calls) {
      const own = path === ENDPOINTS ? endpointId : notificationId;
      const answers = await Promise.all(
        [own, own.slice(0, -1) + '!', 'nep_nothing', '%00'].map((id) =>
          stranger.call(`${path}/${id}${verb}`, { method }),
        ),
      );
      for (const { status, body } of answers) {
        expect([method, path, verb, status]).toEqual([method, path, verb, 404]);
        expect({ ...body, requestId: '' }).toEqual({ ...answers[0]?.body, requestId: '' });
      }
    }
    expect((await stranger.get(`/v1/notifications?orderNumber=${number}`)).body.data).toEqual([]);
    expect((await stranger.get(`/v1/notifications?endpointId=${endpointId}`)).body.data).toEqual([]);
    expect((await stranger.get('/v1/notifications')).body.data).toEqual([]);
    expect((await api.get(`${ENDPOINTS}/${endpointId}`)).status).toBe(200);
  });

  it('what takes no body refuses every name in one, after the state, and does nothing then', async () => {
    const receiver = await listening();
    const { endpointId } = await receiver.register(api, ['order.placed']);
    const number = await api.placeOrder();
    await receiver.expect(number, 1);
    const [{ notificationId }] = (await toldOf(api, `orderNumber=${number}`)) as [Told];
    for (const path of [
      `${ENDPOINTS}/${endpointId}/enable`,
      `${ENDPOINTS}/${endpointId}/test`,
      `/v1/notifications/${notificationId}/redeliver`,
      `/v1/orders/${number}/cancel`,
    ]) {
      const { status, body } = await api.post(path, { url: 'x', Secret: 1 });
      const names = (body.validationMessages as { memberNames: string[] }[]).flatMap(({ memberNames }) => memberNames);
      expect([path, status, names]).toEqual([path, 400, ['url', 'Secret']]);
      expect((await api.post(path.replace(/_\w+\//, '_nothing/').replace(number, '26-1'), { url: 'x' })).status).toBe(
        404,
      );
    }
    expect((await toldOf(api, '')).map((told) => told.notificationId)).toEqual([notificationId]);
  });

  it('a kept answer to a rotation comes before its body', async () => {
    const path = `${ENDPOINTS}/${(await create()).body.endpointId}/rotate-secret`;
    const rotate = (body: object) => api.post(path, body, { 'Idempotency-Key': 'rotate-once' });
    expect((await rotate({ overlapHours: 1 })).status).toBe(200);
    expect((await rotate({ overlapHours: 'long' })).body.code).toBe('idempotency-key-reused');
  });

  it('an account token is refused before anything is looked for', async () => {
    const { endpointId } = (await create()).body;
    const { token } = (await api.post(`/v1/accounts/${await api.createAccount()}/tokens`, {})).body;
    const account = api.as(token as string);
    for (const [method, path] of [
      ...[
        ['POST', ENDPOINTS],
        ['GET', ENDPOINTS],
        ['GET', '/v1/notifications'],
        ['GET', `${ENDPOINTS}/${endpointId}`],
      ],
      ...[
        ['DELETE', `${ENDPOINTS}/nep_nothing`],
        ['POST', '/v1/notifications/ntf_nothing/redeliver'],
      ],
    ] as [string, string][]) {
      expect((await account.call(path, { method })).body.code).toBe('credential-kind-refused');
    }
  });

  it('lists what was sent, newest first, by pages, of an order or of an endpoint', async () => {
    const receiver = await listening();
    const { endpointId } = await receiver.register(api, ['order.placed', 'order.canceled']);
    const number = await api.placeOrder();
    await api.post(`/v1/orders/${number}/cancel`, {});
    await receiver.expect(number, 2);
    await receiver.expect(await api.placeOrder(), 1);
    const types = async (query: string) => {
      const page = (await api.get(`/v1/notifications?${query}`)).body as { data: Told[]; nextCursor: string | null };
      return [page.data.map(({ type }) => type), page.nextCursor] as const;
    };
    expect(await types(`orderNumber=${number}`)).toEqual([['order.canceled', 'order.placed'], null]);
    expect((await types(`endpointId=${endpointId}`))[0]).toHaveLength(3);
    const [first, cursor] = await types('limit=2');
    expect(first).toEqual(['order.placed', 'order.canceled']);
    expect(await types(`limit=2&cursor=${cursor}`)).toEqual([['order.placed'], null]);
    for (const bad of ['cursor=x', 'cursor=1e3', 'limit=0', 'order=1']) {
      expect((await api.get(`/v1/notifications?${bad}`)).status).toBe(400);
    }
    expect((await types('orderNumber=nothing'))[0]).toEqual([]);
  });

  it('a test message is signed and retried like every other', async () => {
    const receiver = await listening();
    const { endpointId, secret } = await receiver.register(api, ['order.paid']);
    const asked = await api.post(`${ENDPOINTS}/${endpointId}/test`, {});
    expect([asked.status, asked.body]).toEqual([
      202,
      expect.objectContaining({
        type: 'endpoint.test',
        orderNumber: null,
        endpointId,
        status: 'Pending',
        attempts: [],
      }),
    ]);
    await eventually(
      () => api.get('/v1/notifications'),
      ({ body }) => body.data[0].status === 'Delivered',
    );
    const [message] = receiver.received;
    expect(verified(message!, secret)).toEqual({
      ...{ type: 'endpoint.test', timestamp: expect.any(String), data: { endpointId } },
    });
    expect(message?.headers['webhook-id']).toBe(asked.body.notificationId);
  });

  it('a deleted endpoint is sent nothing more, and what was to be sent there is gone', async () => {
    const receiver = await listening();
    receiver.answer = () => 500;
    const { endpointId } = await receiver.register(api);
    const number = await api.placeOrder();
    await receiver.expect(number, 1);
    await api.delete(`${ENDPOINTS}/${endpointId}`);
    expect((await api.get('/v1/notifications')).body.data).toEqual([]);
    await api.post(`/v1/orders/${number}/cancel`, {});
    await advance(HOUR);
    const other = await listening();
    await other.register(api, ['order.placed']);
    await other.expect(await api.placeOrder(), 1);
    expect(receiver.received).toHaveLength(1);
  });

  describe('a secret that is rotated', () => {
    const signatures = (header: string) => header.split(' ').length;

    it('signs beside the new one until the overlap ends, by the business clock', async () => {
      const receiver = await listening();
      const { endpointId, secret: first } = await receiver.register(api, ['order.placed']);
      const rotate = async (overlapHours: number) =>
        (await api.post(`${ENDPOINTS}/${endpointId}/rotate-secret`, { overlapHours })).body as NewSecret;
      const next = async () => {
        const number = await api.placeOrder();
        const [message] = await receiver.expect(number, 1);
        return message!;
      };
      const rotated = await rotate(2);
      const second = rotated.secret;
      const now = holdfast.app.get(Clock).now().getTime();
      expect(Math.abs(Date.parse(rotated.formerSecretUntil) - now - 2 * HOUR * 1000)).toBeLessThan(60_000);
      const both = await next();
      expect(verified(both, first)).toEqual(verified(both, second));
      const third = (await rotate(1)).secret;
      const three = await next();
      for (const secret of [first, second, third]) verified(three, secret);

      await advance(HOUR + 1);
      await eventually(next, ({ headers }) => signatures(headers['webhook-signature'] ?? '') === 2);
      const later = await next();
      expect(() => verified(later, second)).toThrow(/signature/i);
      for (const secret of [first, third]) verified(later, secret);

      const last = (await rotate(0)).secret;
      const alone = await next();
      expect(() => verified(alone, third)).toThrow(/signature/i);
      verified(alone, last);
    });

    it.each([
      [{ overlapHours: -1 }],
      [{ overlapHours: 169 }],
      [{ overlapHours: 1.5 }],
      [{ overlapHours: '1' }],
      [{ hours: 1 }],
    ])('refuses %j', async (body) => {
      const { endpointId } = (await create()).body;
      expect((await api.post(`${ENDPOINTS}/${endpointId}/rotate-secret`, body)).status).toBe(400);
    });
  });

  it('secrets are stored so that the service’s secret alone opens them', async () => {
    const { endpointId, secret } = (await create()).body;
    const [row] = await holdfast.rows<{ secret: string }>(
      'SELECT secret FROM notification_endpoints WHERE endpoint_id = $1',
      [endpointId],
    );
    expect(new Secrets(holdfast.config.secrets).decrypt(row?.secret ?? '')).toBe(secret);
    const other = readConfig({ HOLDFAST_SECRETS: `test:${Buffer.alloc(32, 5).toString('base64')}` });
    expect(() => new Secrets(other.secrets).decrypt(row?.secret ?? '')).toThrow();
  });
});

describe('notifications that are sent by hand', () => {
  it('count their tries by type and result, without addresses', async () => {
    const holdfast = await Holdfast.start({ worker: false });
    const receiver = await listening();
    try {
      await receiver.register(holdfast.api, ['order.placed']);
      const number = await holdfast.api.placeOrder();
      await holdfast.reconcile();
      await receiver.expect(number, 1);
      const { text } = await eventually(
        () => holdfast.api.get('/metrics'),
        (answer) => answer.text.includes('holdfast_notifications_total{'),
      );
      expect(text).toContain('holdfast_notifications_total{type="order.placed",result="delivered"} 1');
      expect(text).not.toContain('127.0.0.1');
    } finally {
      await holdfast.stop();
    }
  });
});
