import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

/** Ways in which a stand-in is easily kinder than Stripe: each is tried, and refused as Stripe refuses it. */
let f: Fixture;
let stripe: Stripe;
beforeAll(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterAll(() => f.sandbox.close());

const NO_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;
type Create = Stripe.PaymentIntentCreateParams;
const create = (params: Partial<Create> = {}) =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    capture_method: 'manual',
    automatic_payment_methods: NO_REDIRECTS,
    ...params,
  });
const reserve = (params: Partial<Create> = {}) => create({ confirm: true, payment_method: 'pm_card_visa', ...params });
const customerId = async () => (await stripe.customers.create()).id;
const session = (params: object = {}) =>
  stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Ticket' } } }],
    ...params,
  });
/** What the package's types would not let through, and the wire does. */
const any = <T>(value: object): T => value as T;

describe('payment_method_types is gone everywhere (facts §0.1)', () => {
  const gone = any<Create>({ payment_method_types: ['card'] });
  test.each<[string, () => Promise<unknown>]>([
    ['updating an intent', async () => stripe.paymentIntents.update((await create()).id, any(gone))],
    ['confirming an intent', async () => stripe.paymentIntents.confirm((await create()).id, any(gone))],
    ['creating a setup intent', () => stripe.setupIntents.create(any(gone))],
    ['creating a session', () => session(gone)],
  ])('%s', async (_title, call) => {
    expect((await refusal(call())).code).toBe('payment_method_types_no_longer_supported');
  });
});

describe('an intent', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    [
      'setup_future_usage cannot be unset when creating (facts §3.4)',
      () => create(any({ setup_future_usage: '' })),
      'setup_future_usage',
    ],
    [
      'an update below the minimum (facts §3.4, §7.1)',
      async () => stripe.paymentIntents.update((await create()).id, { amount: 49 }),
      'amount',
    ],
    [
      'an update with off_session, which belongs to confirming (api/payment_intents/update)',
      async () => stripe.paymentIntents.update((await create()).id, any({ off_session: true })),
      'off_session',
    ],
    [
      'a capture method at confirmation that does not exist (api/payment_intents/confirm)',
      async () => stripe.paymentIntents.confirm((await create()).id, any({ capture_method: 'later' })),
      'capture_method',
    ],
    [
      'multicapture, which is not built (facts §3.2)',
      () => create(any({ payment_method_options: { card: { request_multicapture: 'if_available' } } })),
      'payment_method_options[card][request_multicapture]',
    ],
    ['a UGX with a fraction (facts §7.5)', () => create({ currency: 'ugx', amount: 500_050 }), 'amount'],
    ['a metadata key of 41 letters (api/metadata)', () => create({ metadata: { ['k'.repeat(41)]: 'x' } }), 'metadata'],
    [
      'fifty-one metadata keys (api/metadata)',
      () => create({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'x'])) }),
      'metadata',
    ],
    ['an unknown expansion (api/expanding_objects)', () => create({ expand: ['charges'] }), 'expand'],
  ])('is refused: %s', async (_title, call, param) => {
    const error = await refusal(call());
    expect(error.statusCode).toBe(400);
    expect(error.param).toContain(param);
  });

  test('cannot be given another customer once it is reserved (facts §3.4)', async () => {
    const intent = await reserve();
    expect((await refusal(stripe.paymentIntents.update(intent.id, { customer: await customerId() }))).code).toBe(
      'payment_intent_unexpected_state',
    );
  });

  test('cannot be captured after its hold ran out (facts §3.2)', async () => {
    const own = await openSandbox();
    const intent = await own.stripe.paymentIntents.create({
      amount: 5000,
      currency: 'eur',
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
      automatic_payment_methods: NO_REDIRECTS,
    });
    await own.control('POST', 'clock', { advanceSeconds: 7 * 86_400 + 1 });
    const error = await refusal(own.stripe.paymentIntents.capture(intent.id));
    await own.sandbox.close();
    expect(error.code).toBe('payment_intent_unexpected_state');
    expect(error.payment_intent?.status).toBe('canceled');
  });

  test('is paid with a card of the customer only as that customer, and not once it was detached (facts §3.5, §4.4)', async () => {
    const customer = await customerId();
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const intent = await create({ customer });
    await stripe.paymentMethods.detach(method.id);
    expect((await refusal(stripe.paymentIntents.confirm(intent.id, { payment_method: method.id }))).statusCode).toBe(
      400,
    );
  });

  test('keeps its reservation when the card that made it is detached (facts §4.5)', async () => {
    const customer = await customerId();
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const intent = await reserve({ customer, payment_method: method.id });
    await stripe.paymentMethods.detach(method.id);
    expect((await stripe.paymentIntents.capture(intent.id)).status).toBe('succeeded');
  });

  test('whose server confirms by hand cannot be confirmed by a browser (api/payment_intents/create#confirmation_method)', async () => {
    const intent = await create({ confirmation_method: 'manual' });
    const confirm = f.browser.paymentIntents.confirm(
      intent.id,
      any({ client_secret: intent.client_secret, payment_method: 'pm_card_visa' }),
    );
    expect((await refusal(confirm)).statusCode).toBe(400);
  });

  test('shows a browser nothing of what stands behind it (api/payment_intents/retrieve)', async () => {
    const customer = await customerId();
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const { id, client_secret } = await create({ customer, payment_method: method.id });
    const read = (expand: string[]) =>
      f.browser.paymentIntents.retrieve(id, { client_secret: client_secret as string, expand });
    expect((await read([])).payment_method).toBe(method.id);
    for (const path of ['payment_method', 'payment_method.customer', 'latest_charge'])
      expect((await refusal(read([path]))).param).toBe('expand');
  });

  test.each(['off_session', 'metadata'])('takes no %s from a browser (api/payment_intents/confirm)', async (name) => {
    const intent = await create();
    const params = {
      client_secret: intent.client_secret,
      payment_method: 'pm_card_visa',
      [name]: name === 'metadata' ? { a: '1' } : true,
    };
    expect((await refusal(f.browser.paymentIntents.confirm(intent.id, any(params)))).param).toContain(name);
  });
});

describe('a payment method (facts §4)', () => {
  test('belongs to one customer at most', async () => {
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: await customerId() });
    expect((await refusal(stripe.paymentMethods.attach(method.id, { customer: await customerId() }))).statusCode).toBe(
      400,
    );
  });

  test('is shown to nobody by itself: allow_redisplay is unspecified', async () => {
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: await customerId() });
    expect(method.allow_redisplay).toBe('unspecified');
  });

  test('without a customer cannot be changed or detached', async () => {
    const card = { number: '4242424242424242', exp_month: 4, exp_year: 2032, cvc: '123' };
    const method = await stripe.paymentMethods.create({ type: 'card', card });
    expect((await refusal(stripe.paymentMethods.update(method.id, { allow_redisplay: 'always' }))).statusCode).toBe(
      400,
    );
    expect((await refusal(stripe.paymentMethods.detach(method.id))).statusCode).toBe(400);
  });

  test('goes with its customer', async () => {
    const customer = await customerId();
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.customers.del(customer);
    expect((await stripe.paymentMethods.retrieve(method.id)).customer).toBeNull();
    expect((await refusal(reserve({ payment_method: method.id }))).statusCode).toBe(400);
  });

  test('of a deleted customer is not listed, and the customer not changed', async () => {
    const customer = await customerId();
    await stripe.customers.del(customer);
    expect((await refusal(stripe.customers.update(customer, { name: 'Ada' }))).code).toBe('resource_missing');
    expect((await refusal(stripe.customers.listPaymentMethods(customer))).code).toBe('resource_missing');
    expect((await refusal(stripe.customers.del(customer))).code).toBe('resource_missing');
    expect((await refusal(session({ customer }))).param).toBe('customer');
  });
});

describe('what is refused has no effect (error-codes: 400 "The request was unacceptable")', () => {
  const told = async () => (await stripe.events.list({ limit: 100 })).data.length;

  test('a customer whose card declines is not made', async () => {
    const before = await told();
    const error = await refusal(stripe.customers.create({ name: 'Eve', payment_method: 'pm_card_chargeDeclined' }));
    expect(error.statusCode).toBe(402);
    expect((await stripe.customers.list()).data.map(({ name }) => name)).not.toContain('Eve');
    expect(await told()).toBe(before);
  });

  test('a confirmation without return_url changes nothing of the intent (facts §3.5)', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 5000, currency: 'eur' });
    const wanted = { payment_method: 'pm_card_visa', setup_future_usage: 'on_session' } as const;
    expect((await refusal(stripe.paymentIntents.confirm(intent.id, wanted))).param).toBe('return_url');
    const { lastResponse: _, ...now } = await stripe.paymentIntents.retrieve(intent.id);
    expect(now).toEqual({ ...intent, lastResponse: undefined });
  });

  test('a capture with too much metadata takes no money', async () => {
    const intent = await reserve();
    const metadata = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, 'x']));
    expect((await refusal(stripe.paymentIntents.capture(intent.id, { metadata }))).param).toBe('metadata');
    const { latest_charge } = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
    expect(latest_charge).toMatchObject({ captured: false, amount_captured: 0 });
    expect((await stripe.paymentIntents.capture(intent.id)).amount_received).toBe(5000);
  });
});

describe('a card that was removed while the bank asked (facts §4.4: detached for good)', () => {
  test.each(['removed', 'removed with its customer'])('is not saved again: %s', async (how) => {
    const customer = await customerId();
    const { id } = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    const asked = await reserve({ customer, payment_method: id, setup_future_usage: 'on_session' });
    if (how === 'removed') await stripe.paymentMethods.detach(id);
    else await stripe.customers.del(customer);
    await fetch(`${f.sandbox.url}/3ds/${asked.id}?client_secret=${asked.client_secret}`, {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'complete' }),
    });
    expect((await stripe.paymentIntents.retrieve(asked.id)).status).toBe('requires_capture');
    expect((await stripe.paymentMethods.retrieve(id)).customer).toBeNull();
  });

  test('nor is a new card saved for a customer who is gone', async () => {
    const customer = await customerId();
    const intent = await create({ customer, setup_future_usage: 'on_session' });
    await stripe.customers.del(customer);
    const paid = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
      expand: ['payment_method'],
    });
    expect((paid.payment_method as Stripe.PaymentMethod).customer).toBeNull();
  });
});

describe('a session (facts §2)', () => {
  test.each<[string, object, string]>([
    ['no mode', { mode: undefined }, 'mode'],
    ['a mode that is not built', { mode: 'subscription' }, 'mode'],
    ['a hosted page that leads nowhere', { success_url: undefined }, 'success_url'],
    ['embedded pages, which are not built', { ui_mode: 'embedded_page' }, 'ui_mode'],
    ['a reference of 201 letters', { client_reference_id: 'x'.repeat(201) }, 'client_reference_id'],
    ['a customer, and that one be made', { customer: 'CUSTOMER', customer_creation: 'always' }, 'customer_creation'],
    [
      'a quantity of 0',
      { line_items: [{ quantity: 0, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'x' } } }] },
      'line_items[0][quantity]',
    ],
    [
      'a stored price that does not exist',
      { line_items: [{ quantity: 1, price: 'price_none' }] },
      'line_items[0][price]',
    ],
    ['shipping, which is not built', { shipping_options: [{ shipping_rate: 'shr_1' }] }, 'shipping_options'],
    ['a locale nobody speaks', { locale: 'xx' }, 'locale'],
  ])('is refused: %s', async (_title, params, param) => {
    const wanted = 'customer' in params ? { ...params, customer: await customerId() } : params;
    const error = await refusal(session(wanted));
    expect(error).toMatchObject({ statusCode: 400, param });
  });

  test('has no payment_intent_data to change afterwards (facts §2.1)', async () => {
    const { id } = await session();
    const update = stripe.checkout.sessions.update(id, { payment_intent_data: { description: 'x' } });
    expect((await refusal(update)).statusCode).toBe(400);
  });
});

describe('webhook endpoints (facts §5)', () => {
  test('are sixteen at most', async () => {
    const own = await openSandbox();
    const add = () =>
      own.stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/', enabled_events: ['charge.expired'] });
    for (let count = 0; count < 16; count += 1) await add();
    const error = await refusal(add());
    await own.sandbox.close();
    expect(error.statusCode).toBe(400);
  });

  test.each([
    ['no events', { enabled_events: [] }, 'enabled_events'],
    ['no address', { url: 'shop.example/hooks' }, 'url'],
  ])('are refused: %s', async (_title, params, param) => {
    const error = await refusal(
      stripe.webhookEndpoints.create({
        url: 'http://127.0.0.1:9/',
        enabled_events: ['charge.expired'],
        ...params,
      }),
    );
    expect(error).toMatchObject({ statusCode: 400, param });
  });
});

describe('a list', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['intents of no customer', () => stripe.paymentIntents.list({ customer: 'cus_none' }), 'customer'],
    ['charges of no intent', () => stripe.charges.list({ payment_intent: 'pi_none' }), 'payment_intent'],
    ['refunds of no charge', () => stripe.refunds.list({ charge: 'ch_none' }), 'charge'],
    ['disputes of no intent', () => stripe.disputes.list({ payment_intent: 'pi_none' }), 'payment_intent'],
    ['sessions of no intent', () => stripe.checkout.sessions.list({ payment_intent: 'pi_none' }), 'payment_intent'],
    ['setups of no method', () => stripe.setupIntents.list({ payment_method: 'pm_none' }), 'payment_method'],
  ])('is not empty but refused: %s (facts §8.21)', async (_title, call, param) => {
    expect(await refusal(call())).toMatchObject({ statusCode: 400, code: 'resource_missing', param });
  });

  test('of events takes a wildcard as `type`, and exact names as `types` (the package on EventListParams)', async () => {
    await create();
    expect((await stripe.events.list({ type: 'payment_intent.*' })).data.length).toBeGreaterThan(0);
    expect((await stripe.events.list({ types: ['payment_intent.*'] })).data).toEqual([]);
  });

  test('of a deleted customer is still there', async () => {
    const customer = await customerId();
    await create({ customer });
    await stripe.customers.del(customer);
    expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(1);
  });

  test('is not searched: search is not built, and says so as an unknown path', async () => {
    const error = await refusal(stripe.paymentIntents.search({ query: "status:'succeeded'" }));
    expect(error.statusCode).toBe(404);
    expect(error.message).toContain('Unrecognized request URL (GET: /v1/payment_intents/search)');
  });
});

describe('a request', () => {
  const send = async (path: string, headers: Record<string, string>, body?: string) => {
    const response = await fetch(`${f.sandbox.url}/v1/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body }),
      headers: {
        authorization: 'Bearer sk_test_holdfast',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    });
    const { error } = (await response.json()) as { error?: { code?: string; param?: string } };
    return { status: response.status, ...error };
  };

  test('for another account is refused, not answered from this one (error-codes#account-invalid)', async () => {
    for (const name of ['stripe-account', 'stripe-context'])
      expect(await send('customers', { [name]: 'acct_other' })).toMatchObject({ status: 403, code: 'account_invalid' });
    const { id } = await stripe.accounts.retrieveCurrent();
    expect((await send('customers', { 'stripe-account': id })).status).toBe(200);
  });

  test('with parameters in the URL of a POST is refused, not answered without them', async () => {
    expect((await send('customers?name=Ada', {}, '')).status).toBe(400);
  });

  test.each([
    ['amount[=5000&currency=eur', 'amount['],
    ['amount=5000&currency[x]y=eur', 'currency[x]y'],
    ['amount=5000&currency=eur&metadata[a]b=1', 'metadata[a]b'],
    ['amount=5000&currency=eur&metadata[a[b]]=1', 'metadata[a[b]]'],
    ['amount=5000&currency=eur&=1', ''],
    ['amount=5000&currency=eur&metadata=&metadata[a]=1', 'metadata'],
    ['amount=5000&currency=eur&currency[a]=1', 'currency'],
    ['amount=5000&currency=eur&metadata[a]=1&metadata=', 'metadata'],
  ])('is not guessed at where its brackets make no sense: %s', async (body, param) => {
    expect(await send('payment_intents', {}, body)).toMatchObject({ status: 400, param });
  });

  test('with metadata that is a list is refused', async () => {
    expect(await send('customers', {}, 'metadata[]=x')).toMatchObject({ status: 400, param: 'metadata' });
  });
});

describe('idempotency (facts §6)', () => {
  test('a key is for one endpoint', async () => {
    await stripe.customers.create({}, { idempotencyKey: 'one' });
    expect(
      await refusal(create({}).then(() => stripe.setupIntents.create({}, { idempotencyKey: 'one' }))),
    ).toMatchObject({
      statusCode: 400,
      type: 'StripeIdempotencyError',
    });
  });

  test('a refused key keeps nothing: 401 comes first', async () => {
    const wrong = new Stripe('sk_test_somebodyelse', {
      host: '127.0.0.1',
      port: f.sandbox.port,
      protocol: 'http',
      maxNetworkRetries: 0,
    });
    expect((await refusal(wrong.customers.create({ name: 'Eve' }, { idempotencyKey: 'two' }))).statusCode).toBe(401);
    expect((await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'two' })).name).toBe('Ada');
  });

  test('a publishable key is not given again what a secret key was answered', async () => {
    const repeat = async (key: string) => {
      const response = await fetch(`${f.sandbox.url}/v1/payment_methods`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'shared' },
        body: new URLSearchParams({
          type: 'card',
          'card[number]': '4242424242424242',
          'card[exp_month]': '4',
          'card[exp_year]': '2032',
          'metadata[internal]': 'yes',
        }),
      });
      return { status: response.status, body: await response.text() };
    };
    expect((await repeat('sk_test_holdfast')).body).toContain('internal');
    expect(await repeat('pk_test_holdfast')).toMatchObject({
      status: 400,
      body: expect.not.stringContaining('internal'),
    });
  });

  test('a decline is replayed, although another card would have paid', async () => {
    const intent = await create();
    const options = { idempotencyKey: 'three' };
    const params = { payment_method: 'pm_card_chargeDeclined' };
    const first = await refusal(stripe.paymentIntents.confirm(intent.id, params, options));
    await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    const again = await refusal(stripe.paymentIntents.confirm(intent.id, params, options));
    expect([again.statusCode, again.charge]).toEqual([402, first.charge]);
  });
});

describe('cards of the table that have no case elsewhere (facts §9)', () => {
  test.each([
    ['pm_card_visa', 'visa', '4242'],
    ['pm_card_visa_debit', 'visa', '5556'],
    ['pm_card_mastercard', 'mastercard', '4444'],
    ['pm_card_amex', 'amex', '0005'],
    ['pm_card_discover', 'discover', '1117'],
    ['pm_card_diners', 'diners', '0004'],
    ['pm_card_jcb', 'jcb', '0505'],
    ['pm_card_unionpay', 'unionpay', '0005'],
  ])('%s reserves as %s', async (payment_method, brand, last4) => {
    const intent = await reserve({ payment_method, expand: ['latest_charge'] });
    expect((intent.latest_charge as Stripe.Charge).payment_method_details?.card).toMatchObject({ brand, last4 });
  });

  test('pm_card_visa_chargeDeclinedVelocityLimitExceeded is declined for it', async () => {
    const error = await refusal(reserve({ payment_method: 'pm_card_visa_chargeDeclinedVelocityLimitExceeded' }));
    expect(error.decline_code).toBe('card_velocity_exceeded');
  });

  test('the look-up of 3-D Secure can fail before the customer sees anything', async () => {
    const error = await refusal(reserve({ payment_method: 'pm_card_threeDSecureRequiredProcessingError' }));
    expect(error.payment_intent?.status).toBe('requires_payment_method');
    const optional = await reserve({ payment_method: 'pm_card_threeDSecureOptionalProcessingError' });
    expect(optional.status).toBe('requires_capture');
  });

  test('a token that does not exist is not a card', async () => {
    expect((await refusal(reserve({ payment_method: 'pm_card_gold' }))).code).toBe('resource_missing');
  });
});
