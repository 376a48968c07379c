import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { openReceiver, openSandbox, refusal, type Fixture, type Receiver } from './sandbox.fixture.js';

const SECRET = 'whsec_holdfast_sandbox';

let f: Fixture;
let stripe: Stripe;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await openReceiver();
  f = await openSandbox({ webhookEndpoints: [{ url: receiver.url, secret: SECRET }] });
  stripe = f.stripe;
});
afterEach(async () => {
  await f.sandbox.close();
  await receiver.close();
});

interface Webhooks {
  readonly held: { readonly event: string; readonly type: string }[];
  readonly deliveries: {
    readonly event: string;
    readonly type: string;
    readonly state: string;
    readonly attempts: { readonly status: number | null }[];
  }[];
}
const webhooks = () => f.control<Webhooks>('GET', 'webhooks');
const types = () => receiver.received.map(({ event }) => event.type);

/** Waits until what a control shows is as it should be. */
async function until(holds: (state: Webhooks) => boolean): Promise<void> {
  while (!holds(await webhooks())) await new Promise((resolve) => setImmediate(resolve));
}

describe('deliveries (facts §5)', () => {
  test('are signed, with the request that caused them', async () => {
    const customer = await stripe.customers.create({}, { idempotencyKey: 'cause' });
    await receiver.until(1);
    const { body, signature } = receiver.received[0]!;
    const event = stripe.webhooks.constructEvent(body, signature, SECRET);
    expect(event).toMatchObject({
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      pending_webhooks: 1,
      request: { id: customer.lastResponse.requestId, idempotency_key: 'cause' },
      data: { object: { id: customer.id } },
    });
    expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    );
  });

  test('are not tried again at an endpoint that was disabled meanwhile (docs.stripe.com/webhooks, retries)', async () => {
    receiver.status = 500;
    const { id } = (await stripe.webhookEndpoints.list()).data[0]!;
    await stripe.customers.create();
    await until(({ deliveries }) => deliveries[0]?.attempts.length === 1);
    await stripe.webhookEndpoints.update(id, { disabled: true });
    await f.control('POST', 'clock', { advanceSeconds: 3600 });
    await until(({ deliveries }) => deliveries[0]?.state === 'failed');
    await stripe.webhookEndpoints.update(id, { disabled: false });
    await f.control('POST', 'clock', { advanceSeconds: 86_400 });
    expect((await webhooks()).deliveries[0]?.attempts).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
  });

  test.each([500, 404, 301])('%i counts as a failure, and is tried again by the clock', async (status) => {
    receiver.status = status;
    await stripe.customers.create();
    await until(({ deliveries }) => deliveries[0]?.attempts.length === 1);
    expect((await stripe.events.list({ delivery_success: false })).data.map((event) => event.pending_webhooks)).toEqual(
      [1],
    );
    receiver.status = 200;
    await f.control('POST', 'clock', { advanceSeconds: 6 });
    await until(({ deliveries }) => deliveries[0]?.state === 'succeeded');
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    expect((await stripe.events.list({ delivery_success: true })).data[0]?.pending_webhooks).toBe(0);
  });

  test('after the clock was moved on, the signature is not too old for a clock that follows', async () => {
    await f.control('POST', 'clock', { advanceSeconds: 8 * 86_400 });
    await stripe.customers.create();
    await receiver.until(1);
    const { body, signature } = receiver.received[0]!;
    const later = Math.floor(Date.now() / 1000) + 8 * 86_400;
    expect(stripe.webhooks.constructEvent(body, signature, SECRET, 300, undefined, later).type).toBe(
      'customer.created',
    );
  });

  test('held ones wait, and are flushed in the order asked for', async () => {
    await f.control('POST', 'webhooks', { mode: 'hold' });
    await stripe.customers.create();
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    const { held } = await webhooks();
    expect(held.map(({ type }) => type)).toEqual(['customer.created', 'payment_intent.created']);
    await f.control('POST', 'webhooks/flush', { order: held.map(({ event }) => event).reverse() });
    expect(types()).toEqual(['payment_intent.created', 'customer.created']);
    expect((await webhooks()).held).toEqual([]);
  });

  test('a flush without an order delivers everything, oldest first', async () => {
    await f.control('POST', 'webhooks', { mode: 'hold' });
    await stripe.customers.create();
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    await f.control('POST', 'webhooks/flush');
    expect(types()).toEqual(['customer.created', 'payment_intent.created']);
  });

  test('duplicates come at once, dropped types never', async () => {
    await f.control('POST', 'webhooks', { mode: 'deliver', duplicate: 2, drop: ['customer.created'] });
    await stripe.customers.create();
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    await receiver.until(3);
    expect(types()).toEqual(Array.from({ length: 3 }, () => 'payment_intent.created'));
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    expect((await stripe.events.list({ delivery_success: false })).data.map(({ type }) => type)).toEqual([
      'customer.created',
    ]);
  });

  test('shuffled ones all come', async () => {
    await f.control('POST', 'webhooks', { mode: 'deliver', shuffle: true });
    await Promise.all(Array.from({ length: 10 }, () => stripe.customers.create()));
    await receiver.until(10);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(10);
  });
});

describe('endpoints over the API (facts §5)', () => {
  test('show their secret once, and listen to what they enable', async () => {
    const own = await openReceiver();
    const created = await stripe.webhookEndpoints.create({ url: own.url, enabled_events: ['payment_intent.created'] });
    expect(created.secret).toMatch(/^whsec_/);
    expect((await stripe.webhookEndpoints.retrieve(created.id)).secret).toBeUndefined();
    await stripe.customers.create();
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    await own.until(1);
    const { body, signature } = own.received[0]!;
    expect(stripe.webhooks.constructEvent(body, signature, created.secret ?? '').type).toBe('payment_intent.created');
    await stripe.webhookEndpoints.update(created.id, { disabled: true });
    expect((await stripe.webhookEndpoints.retrieve(created.id)).status).toBe('disabled');
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    await receiver.until(3);
    expect(own.received).toHaveLength(1);
    expect(await stripe.webhookEndpoints.del(created.id)).toMatchObject({ deleted: true });
    expect((await refusal(stripe.webhookEndpoints.retrieve(created.id))).statusCode).toBe(404);
    await own.close();
  });

  test('refuse an unknown event type and another API version', async () => {
    const create = (params: object) =>
      stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'], ...params });
    expect((await refusal(create({ enabled_events: ['order.paid'] }))).param).toBe('enabled_events[0]');
    expect((await refusal(create({ api_version: '2020-08-27' }))).param).toBe('api_version');
  });
});

describe('listing events (facts §5.11)', () => {
  test('filters by types and time, and pages chronologically with ending_before', async () => {
    const first = await stripe.customers.create();
    for (let count = 0; count < 5; count += 1) await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    const all = await stripe.events.list({ limit: 100 });
    const oldest = all.data.at(-1)!;
    expect(oldest.data.object).toMatchObject({ id: first.id });
    const paged: string[] = [];
    for await (const event of stripe.events.list({
      ending_before: oldest.id,
      types: ['payment_intent.created'],
      limit: 2,
    }))
      paged.push(event.id);
    expect(paged).toEqual(
      all.data
        .slice(0, 5)
        .map(({ id }) => id)
        .reverse(),
    );
    expect((await stripe.events.list({ created: { gt: oldest.created + 1000 } })).data).toEqual([]);
    expect((await stripe.events.retrieve(oldest.id)).type).toBe('customer.created');
  });

  test.each<[string, Stripe.EventListParams, (event: Stripe.Event) => boolean]>([
    ['nothing', {}, () => true],
    ['type', { type: 'charge.captured' }, ({ type }) => type === 'charge.captured'],
    ['types', { types: ['charge.captured', 'refund.created'] }, ({ type }) => /captured|refund.created/.test(type)],
    ['delivery_success', { delivery_success: false }, ({ type }) => type === 'refund.created'],
  ])('pages both ways by %s, whatever the page, and misses nothing', async (_title, filter, matches) => {
    await f.control('POST', 'webhooks', { mode: 'deliver', drop: ['refund.created'] });
    for (let count = 0; count < 3; count += 1) {
      const intent = await stripe.paymentIntents.create({
        amount: 500,
        currency: 'eur',
        capture_method: 'manual',
        confirm: true,
        payment_method: 'pm_card_visa',
        return_url: 'https://shop.example/',
      });
      await stripe.paymentIntents.capture(intent.id);
      await stripe.refunds.create({ payment_intent: intent.id });
    }
    await until(({ deliveries }) => deliveries.every(({ state }) => state !== 'pending'));
    const all = (await stripe.events.list({ limit: 100 })).data;
    const expected = all.filter(matches).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(2);
    const idsOf = async (params: Stripe.EventListParams) => {
      const ids: string[] = [];
      for await (const { id } of stripe.events.list({ ...filter, ...params })) ids.push(id);
      return ids;
    };
    const [newest, oldest] = [all[0]?.id ?? '', all.at(-1)?.id ?? ''];
    for (const limit of [1, 2, 7, 100]) {
      expect(await idsOf({ limit })).toEqual(expected);
      expect(await idsOf({ limit, starting_after: newest })).toEqual(expected.filter((id) => id !== newest));
      // Backwards the package hands them out as they happened (facts §5.11).
      const chronological = expected.filter((id) => id !== oldest).reverse();
      expect(await idsOf({ limit, ending_before: oldest })).toEqual(chronological);
    }
  });

  test('filters by second of creation, ends included or not', async () => {
    await stripe.customers.create({ name: 'first' });
    await f.control('POST', 'clock', { advanceSeconds: 100 });
    await stripe.customers.create({ name: 'second' });
    const [second, first] = (await stripe.events.list()).data.map(({ created }) => created) as [number, number];
    const created = async (range: Stripe.RangeQueryParam | number) =>
      (await stripe.events.list({ created: range })).data.map((event) => event.created);
    expect(await created(first)).toEqual([first]);
    expect(await created({ gte: first, lt: second })).toEqual([first]);
    expect(await created({ gt: first, lte: second })).toEqual([second]);
    expect(await created({ gt: first, lt: second })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['both cursors', { starting_after: 'evt_1', ending_before: 'evt_2' }, ''],
    ['a cursor that is nothing', { ending_before: 'evt_none' }, 'ending_before'],
    ['no room for one', { limit: 0 }, 'limit'],
    ['more than a hundred', { limit: 101 }, 'limit'],
    ['type and types', { type: 'charge.captured', types: ['charge.captured'] }, ''],
    ['a success that is neither', { delivery_success: 'perhaps' }, 'delivery_success'],
    ['a time in words', { created: { gte: 'yesterday' } }, 'created[gte]'],
    ['an order', { order: 'asc' }, 'order'],
  ])('refuses %s', async (_title, params, param) => {
    const error = await refusal(stripe.events.list(params));
    expect(error.statusCode).toBe(400);
    expect(error.param ?? '').toBe(param);
  });

  test('ends after thirty days', async () => {
    await stripe.customers.create();
    await f.control('POST', 'clock', { advanceSeconds: 31 * 86_400 });
    expect((await stripe.events.list()).data).toEqual([]);
  });

  test('takes at most twenty types', async () => {
    const many = Array.from({ length: 21 }, () => 'charge.captured');
    expect((await refusal(stripe.events.list({ types: many }))).param).toBe('types');
  });
});
