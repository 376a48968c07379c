import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { clientOf, openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

let f: Fixture;
let stripe: Stripe;
beforeAll(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterAll(() => f.sandbox.close());

const raw = (path: string, init: RequestInit = {}) =>
  fetch(f.sandbox.url + path, { ...init, headers: { authorization: 'Bearer sk_test_holdfast', ...init.headers } });

describe('paths and keys (api/authentication, facts §6)', () => {
  test.each(['/v1/coupons', '/v1/payment_intents/pi_1/increment_authorization', '/v2/core/events', '/v3/stripe.js'])(
    '%s is not built, and unknown',
    async (path) => {
      const response = await raw(path, { method: 'POST' });
      expect(response.status).toBe(404);
      const { error } = (await response.json()) as { error: Stripe.StripeRawError };
      expect(error.message).toContain(`Unrecognized request URL (POST: ${path})`);
    },
  );

  test('a wrong key is 401, and masked', async () => {
    const error = await refusal(clientOf(f.sandbox, 'sk_test_somebodyelse').customers.list());
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(error.message).toBe('Invalid API Key provided: sk_test_********else');
  });

  test('no key is 401; the key may come as a user name', async () => {
    expect((await fetch(`${f.sandbox.url}/v1/customers`)).status).toBe(401);
    const basic = `Basic ${Buffer.from('sk_test_holdfast:').toString('base64')}`;
    expect((await raw('/v1/customers', { headers: { authorization: basic } })).status).toBe(200);
  });

  test('every answer names its request and the version it speaks', async () => {
    const { headers } = (await stripe.customers.list()).lastResponse;
    expect(headers['request-id']).toMatch(/^req_/);
    expect(headers['stripe-version']).toBe('2026-10-28.endive');
    expect((await raw('/v1/customers', { headers: { 'stripe-version': 'latest' } })).status).toBe(400);
  });

  test('another content type is refused', async () => {
    const json = await raw('/v1/customers', {
      method: 'POST',
      body: '{"name":"Ada"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(400);
    expect(
      (await raw('/v1/customers', { method: 'POST', body: '{}', headers: { 'content-type': 'application/xml' } }))
        .status,
    ).toBe(415);
  });
});

describe('lists (api/pagination)', () => {
  test('page in both directions, newest first', async () => {
    const own = await openSandbox();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await own.stripe.customers.create()).id);
    const first = await own.stripe.customers.list({ limit: 2 });
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await own.stripe.customers.list({ limit: 3, starting_after: ids[1] ?? '' });
    expect(second.has_more).toBe(false);
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2));
    const back = await own.stripe.customers.list({ limit: 2, ending_before: ids[3] ?? '' });
    expect(back.data.map(({ id }) => id)).toEqual(ids.slice(1, 3));
    expect(back.has_more).toBe(true);
    expect((await own.stripe.customers.list().autoPagingToArray({ limit: 10 })).length).toBe(5);
    await own.sandbox.close();
  });

  test.each([
    ['0', { limit: 0 }, 'limit'],
    ['101', { limit: 101 }, 'limit'],
    ['an unknown cursor', { starting_after: 'cus_none' }, 'starting_after'],
    ['both cursors', { starting_after: 'cus_1', ending_before: 'cus_1' }, ''],
  ])('refuse %s', async (_title, params, param) => {
    expect((await refusal(stripe.customers.list(params))).param ?? '').toBe(param);
  });
});

describe('expand (api/expanding_objects)', () => {
  test('replaces ids by objects, several levels deep, in lists too', async () => {
    const customer = await stripe.customers.create({ email: 'ada@example.com' });
    const intent = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      customer: customer.id,
      confirm: true,
      payment_method: 'pm_card_visa',
      return_url: 'https://a.example/',
      expand: ['latest_charge.payment_intent.customer', 'payment_method'],
    });
    const charge = intent.latest_charge as Stripe.Charge;
    expect((charge.payment_intent as Stripe.PaymentIntent).customer).toMatchObject({ email: 'ada@example.com' });
    expect(intent.payment_method).toMatchObject({ object: 'payment_method' });
    const listed = await stripe.paymentIntents.list({ limit: 1, expand: ['data.latest_charge.refunds'] });
    expect((listed.data[0]!.latest_charge as Stripe.Charge).refunds).toMatchObject({ object: 'list', data: [] });
  });

  test.each([
    ['an unknown field', 'colour'],
    ['a field that is no reference', 'amount'],
    ['five levels', 'latest_charge.payment_intent.latest_charge.payment_intent.customer'],
  ])('refuses %s, and nothing is done', async (_title, path) => {
    const before = (await stripe.paymentIntents.list()).data.length;
    expect(
      (await refusal(stripe.paymentIntents.create({ amount: 500, currency: 'eur', expand: [path] }))).statusCode,
    ).toBe(400);
    expect((await stripe.paymentIntents.list()).data.length).toBe(before);
  });
});

describe('customers and their methods (facts §4)', () => {
  test('are created, changed, unset and deleted', async () => {
    const customer = await stripe.customers.create({ name: 'Ada', metadata: { a: '1' } });
    const updated = await stripe.customers.update(customer.id, { name: '', metadata: '' });
    expect(updated).toMatchObject({ name: null, metadata: {} });
    expect(await stripe.customers.del(customer.id)).toMatchObject({ deleted: true });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ id: customer.id, deleted: true });
    const used = await refusal(stripe.paymentIntents.create({ amount: 500, currency: 'eur', customer: customer.id }));
    expect(used).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
    expect((await stripe.customers.list({ limit: 100 })).data.map(({ id }) => id)).not.toContain(customer.id);
  });

  test('an e-mail address must be one (error-codes#email-invalid)', async () => {
    expect((await refusal(stripe.customers.create({ email: 'ada' }))).code).toBe('email_invalid');
  });

  test("a method is the customer's or not found", async () => {
    const [ada, eve] = [await stripe.customers.create(), await stripe.customers.create()];
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: ada.id });
    expect((await stripe.customers.retrievePaymentMethod(ada.id, method.id)).id).toBe(method.id);
    expect(await refusal(stripe.customers.retrievePaymentMethod(eve.id, method.id))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
  });

  test('what was detached can never be used or attached again', async () => {
    const { id: customer } = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    expect((await stripe.paymentMethods.detach(method.id)).customer).toBeNull();
    expect((await refusal(stripe.paymentMethods.attach(method.id, { customer }))).message).toContain(
      'may not be used again',
    );
    expect((await refusal(stripe.paymentMethods.detach(method.id))).statusCode).toBe(400);
  });

  test('each save makes a new method; the same card has the same fingerprint', async () => {
    const { id: customer } = await stripe.customers.create();
    for (let count = 0; count < 2; count += 1) await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const { data } = await stripe.customers.listPaymentMethods(customer);
    expect(new Set(data.map(({ id }) => id)).size).toBe(2);
    expect(new Set(data.map(({ card }) => card?.fingerprint)).size).toBe(1);
  });

  test('with a publishable key only creating is allowed', async () => {
    const card = { number: '4242424242424242', exp_month: 4, exp_year: 2032, cvc: '123' };
    const method = await f.browser.paymentMethods.create({ type: 'card', card });
    expect(method.card?.fingerprint).toBeUndefined();
    expect((await refusal(f.browser.customers.list())).statusCode).toBe(403);
  });
});

describe('refunds (api/refunds)', () => {
  const captured = async (payment_method = 'pm_card_visa', amount_to_capture = 5000) => {
    const intent = await stripe.paymentIntents.create({
      amount: 5000,
      currency: 'eur',
      capture_method: 'manual',
      confirm: true,
      payment_method,
      return_url: 'https://a.example/',
    });
    return stripe.paymentIntents.capture(intent.id, { amount_to_capture });
  };

  test('in parts, never more than was captured', async () => {
    const intent = await captured('pm_card_visa', 4000);
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 1500 });
    expect(refund).toMatchObject({ status: 'succeeded', amount: 1500, charge: intent.latest_charge });
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 2501 }))).param).toBe('amount');
    expect((await stripe.refunds.create({ payment_intent: intent.id })).amount).toBe(2500);
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe('charge_already_refunded');
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toHaveLength(2);
    expect((await stripe.charges.retrieve(intent.latest_charge as string)).refunded).toBe(true);
  });

  test('of what was only reserved is refused', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 5000,
      currency: 'eur',
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
      return_url: 'https://a.example/',
    });
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe('charge_not_refundable');
  });

  test.each([
    ['pm_card_pendingRefund', 'pending', 'succeeded'],
    ['pm_card_refundFail', 'succeeded', 'failed'],
  ])('%s begins %s and ends %s (docs testing#refunds)', async (method, begins, ends) => {
    const intent = await captured(method);
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe(begins);
    await f.control('POST', 'clock', { advanceSeconds: 61 });
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe(ends);
  });

  test('need something to refund, and know no other reasons', async () => {
    expect((await refusal(stripe.refunds.create({}))).code).toBe('parameter_missing');
    const intent = await captured();
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id, reason: 'regret' }))).param).toBe(
      'reason',
    );
  });
});

describe('setup intents (api/setup_intents)', () => {
  const NO_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;

  test('save a card without a payment', async () => {
    const { id: customer } = await stripe.customers.create();
    const intent = await stripe.setupIntents.create({ customer, automatic_payment_methods: NO_REDIRECTS });
    expect(intent.status).toBe('requires_payment_method');
    expect((await stripe.setupIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })).status).toBe('succeeded');
    expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1);
    expect((await refusal(stripe.setupIntents.cancel(intent.id))).code).toBe('setup_intent_unexpected_state');
  });

  test('ask for 3-D Secure, and are declined', async () => {
    const { id: customer } = await stripe.customers.create();
    const create = (payment_method: string) =>
      stripe.setupIntents.create({ customer, automatic_payment_methods: NO_REDIRECTS, confirm: true, payment_method });
    const asked = await create('pm_card_authenticationRequired');
    expect(asked.status).toBe('requires_action');
    const url = `${f.sandbox.url}/3ds/${asked.id}?client_secret=${asked.client_secret}`;
    await fetch(url, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }) });
    expect((await stripe.setupIntents.retrieve(asked.id)).status).toBe('succeeded');
    expect(await refusal(create('pm_card_chargeDeclined'))).toMatchObject({ statusCode: 402, code: 'card_declined' });
  });
});

test('the account has an id (api/accounts)', async () => {
  expect((await stripe.accounts.retrieveCurrent()).id).toMatch(/^acct_/);
});
