import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { eventually } from '../support/eventually.js';
import { ImpatientStripe } from '../support/impatient-stripe.js';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

let f: Fixture;
let stripe: Stripe;
beforeEach(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterEach(() => f.sandbox.close());

const reserve = (amount = 5000) =>
  stripe.paymentIntents.create({
    amount,
    currency: 'eur',
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: { order: '26-1' },
  });
const types = async () => (await stripe.events.list({ limit: 100 })).data.map((event) => event.type);

describe('the clock', () => {
  test('is moved on, and the hold expires at capture_before, not a second earlier (facts §3.1, §3.2)', async () => {
    const intent = await reserve();
    await f.control('POST', 'clock', { advanceSeconds: 7 * 86_400 - 10 });
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture');
    await f.control('POST', 'clock', { advanceSeconds: 11 });
    const expired = await stripe.paymentIntents.retrieve(intent.id);
    expect(expired).toMatchObject({ status: 'canceled', cancellation_reason: 'automatic', amount_capturable: 0 });
    expect((await types()).slice(0, 2)).toEqual(['payment_intent.canceled', 'charge.expired']);
    expect((await refusal(stripe.paymentIntents.capture(intent.id))).code).toBe('payment_intent_unexpected_state');
  });

  test('is read with what was advanced', async () => {
    const before = Date.now();
    await f.control('POST', 'clock', { advanceSeconds: 3600 });
    const clock = await f.control<{ now: string; advancedSeconds: number }>('GET', 'clock');
    expect(clock.advancedSeconds).toBe(3600);
    expect(Date.parse(clock.now) - before).toBeGreaterThanOrEqual(3_600_000);
  });

  test('does not go back', async () => {
    expect(await f.control('POST', 'clock', { advanceSeconds: -1 })).toHaveProperty('error');
  });
});

describe('faults', () => {
  const plan = (fault: object) => f.control('POST', 'faults', fault);

  test('drop_before does nothing and cuts; drop_after does the work and cuts', async () => {
    await plan({ kind: 'drop_before', method: 'POST', path: '/v1/customers', times: 2 });
    expect((await refusal(stripe.customers.create())).type).toBe('StripeConnectionError');
    await f.control('DELETE', 'faults');
    expect((await stripe.customers.list()).data).toHaveLength(0);
    await plan({ kind: 'drop_after', method: 'POST', path: '/v1/customers' });
    const http = await fetch(`${f.sandbox.url}/v1/customers`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_holdfast' },
    }).catch((error: unknown) => error);
    expect(http).toHaveProperty('message', 'fetch failed');
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  test('hold keeps a request from being carried out until the faults are cleared, or the sandbox is closed', async () => {
    const own = await openSandbox();
    const isHeld = () =>
      eventually(
        () => own.control<{ data: object[] }>('GET', 'faults'),
        ({ data }) => data.length === 0,
      );
    const hold = { kind: 'hold', method: 'POST', path: '/v1/customers' };
    await own.control('POST', 'faults', hold);
    const creating = own.stripe.customers.create();
    await isHeld();
    expect((await own.stripe.customers.list()).data).toEqual([]);
    await own.control('DELETE', 'faults');
    expect((await own.stripe.customers.list()).data).toMatchObject([{ id: (await creating).id }]);

    await own.control('POST', 'faults', hold);
    const left = own.stripe.customers.create().catch(() => undefined);
    await isHeld();
    await own.sandbox.close();
    await left;
  });

  test('lock_timeout may be retried, and the package does (facts §1.9)', async () => {
    await plan({ kind: 'lock_timeout', path: '/v1/customers' });
    const patient = new ImpatientStripe('sk_test_holdfast', {
      host: '127.0.0.1',
      port: f.sandbox.port,
      protocol: 'http',
      maxNetworkRetries: 1,
    });
    expect((await patient.customers.create()).object).toBe('customer');
    await plan({ kind: 'lock_timeout', path: '/v1/customers' });
    expect(await refusal(stripe.customers.create())).toMatchObject({ statusCode: 429, code: 'lock_timeout' });
  });

  test('decline refuses the card, whichever it is', async () => {
    await plan({ kind: 'decline', code: 'insufficient_funds', path: '^/v1/payment_intents$' });
    await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    const error = await refusal(reserve());
    expect(error).toMatchObject({ statusCode: 402, decline_code: 'insufficient_funds' });
    expect(error.payment_intent?.status).toBe('requires_payment_method');
  });

  test('a decline waits for a card that is asked: what is refused before does not use it up', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'eur', capture_method: 'manual' });
    await plan({ kind: 'decline' });
    const confirm = (payment_method: string, return_url = 'https://shop.example/') =>
      refusal(stripe.paymentIntents.confirm(intent.id, { payment_method, return_url }));
    expect((await confirm('pm_none')).code).toBe('resource_missing');
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/',
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Bed' } } }],
    });
    await fetch(session.url!, { method: 'POST', body: new URLSearchParams({ cardNumber: '' }) });
    expect((await f.control<{ data: unknown[] }>('GET', 'faults')).data).toHaveLength(1);
    expect((await confirm('pm_card_visa')).statusCode).toBe(402);
    expect((await f.control<{ data: unknown[] }>('GET', 'faults')).data).toEqual([]);
  });

  test('a declined capture keeps the hold (facts §3.2)', async () => {
    const intent = await reserve();
    await plan({ kind: 'decline', path: '/v1/payment_intents/[^/]+/capture' });
    expect((await refusal(stripe.paymentIntents.capture(intent.id))).statusCode).toBe(402);
    expect((await stripe.paymentIntents.capture(intent.id)).status).toBe('succeeded');
  });

  test('garbage is no JSON (facts §1.5)', async () => {
    await plan({ kind: 'garbage', path: '/v1/customers' });
    expect((await refusal(stripe.customers.create())).message).toContain('Invalid JSON');
  });

  test('are used up, listed and cleared', async () => {
    await plan({ kind: 'error', status: 503, times: 2, method: 'get' });
    expect((await refusal(stripe.customers.list())).statusCode).toBe(503);
    expect(await f.control('GET', 'faults')).toMatchObject({ data: [{ kind: 'error', times: 1, method: 'GET' }] });
    await f.control('DELETE', 'faults');
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test.each([
    ['an unknown kind', { kind: 'explode' }],
    ['no kind', {}],
    ['an unknown name', { kind: 'error', count: 1 }],
    ['a broken expression', { kind: 'error', path: '/v1/(' }],
    ['a method that nobody uses', { kind: 'error', method: 'PSOT' }],
  ])('%s is refused with a reason', async (_title, fault) => {
    expect(await plan(fault)).toHaveProperty('error.message');
  });
});

describe('the ledger and the log', () => {
  test('show what happened to the money of each intent', async () => {
    const intent = await reserve();
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4000 });
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    const { data } = await f.control<{ data: { movements: { type: string; amount: number }[] }[] }>('GET', 'ledger');
    expect(data).toMatchObject([
      { id: intent.id, amount: 5000, amount_received: 4000, amount_refunded: 500, metadata: { order: '26-1' } },
    ]);
    expect(data[0]?.movements.map(({ type, amount }) => [type, amount])).toEqual([
      ['reserve', 5000],
      ['capture', 4000],
      ['release', 1000],
      ['refund', 500],
    ]);
  });

  test('show every request, with its parameters and whether it was replayed', async () => {
    for (let count = 0; count < 2; count += 1)
      await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'ada' });
    type Logged = { data: { id: string; replayed: boolean }[] };
    const { data } = await f.control<Logged>('GET', 'requests');
    expect(data).toMatchObject([
      {
        method: 'POST',
        path: '/v1/customers',
        params: { name: 'Ada' },
        idempotencyKey: 'ada',
        replayed: false,
        status: 200,
      },
      { replayed: true, status: 200 },
    ]);
    expect((await f.control<Logged>('GET', `requests?since=${data[0]?.id}`)).data).toHaveLength(1);
    expect((await f.control<Logged>('GET', 'requests?since=2020-01-01')).data).toHaveLength(2);
    for (const typo of ['since=req_none', 'since=yesterday', 'sinse=2020-01-01'])
      expect(await f.control('GET', `requests?${typo}`)).toHaveProperty('error.message');
  });
});

test('disputes are opened and closed, with their events (api/disputes)', async () => {
  const intent = await stripe.paymentIntents.capture((await reserve()).id);
  const opened = await f.control<Stripe.Dispute>('POST', 'disputes', { payment_intent: intent.id });
  expect(await stripe.disputes.retrieve(opened.id)).toMatchObject({
    status: 'needs_response',
    amount: 5000,
    payment_intent: intent.id,
  });
  expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe('charge_disputed');
  await f.control('POST', `disputes/${opened.id}/close`, { status: 'won' });
  expect((await types()).filter((type) => type.startsWith('charge.dispute')).reverse()).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ]);
  expect((await stripe.disputes.list({ payment_intent: intent.id })).data[0]?.status).toBe('won');
});

test('what a control does not know is refused, and nothing is done', async () => {
  await reserve();
  expect(await f.control('POST', 'reset', { only: 'events' })).toHaveProperty('error.message');
  expect(await f.control('POST', 'webhooks', { mode: 'hold', drop: ['charge.captrued'] })).toHaveProperty(
    'error.message',
  );
  expect(await f.control('GET', 'webhooks')).toMatchObject({ mode: 'deliver', drop: [] });
  expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
});

test('reset forgets everything but keys and endpoints', async () => {
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/',
    enabled_events: ['charge.captured'],
  });
  await reserve();
  await f.control('POST', 'clock', { advanceSeconds: 3600 });
  await f.control('POST', 'reset');
  expect((await stripe.paymentIntents.list()).data).toEqual([]);
  expect((await stripe.events.list()).data).toEqual([]);
  expect((await stripe.webhookEndpoints.list()).data.map(({ id }) => id)).toEqual([endpoint.id]);
  expect(await f.control('GET', 'clock')).toMatchObject({ advancedSeconds: 0 });
});

test('the dashboard shows what is in the sandbox', async () => {
  const intent = await reserve();
  const page = await (await fetch(f.sandbox.url)).text();
  expect(page).toContain(intent.id);
  expect(page).toContain('This is not Stripe.');
});
