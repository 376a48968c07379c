import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

const NO_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;
const RETURN_URL = 'https://shop.example/return';

let f: Fixture;
let stripe: Stripe;
beforeAll(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterAll(() => f.sandbox.close());

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
const eventsOf = async (id: string) => {
  const events = await stripe.events.list({ limit: 100 });
  const about = (event: Stripe.Event) => {
    const object = event.data.object as { id?: string; payment_intent?: string };
    return object.id === id || object.payment_intent === id;
  };
  return events.data.filter(about).map((event) => event.type);
};
const charge = async (intent: Stripe.PaymentIntent) => stripe.charges.retrieve(intent.latest_charge as string);

describe('creating', () => {
  test('an intent without a method waits for one (facts §3.1)', async () => {
    const intent = await create();
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      amount_capturable: 0,
      amount_received: 0,
      livemode: false,
    });
    expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_`));
    expect(await eventsOf(intent.id)).toEqual(['payment_intent.created']);
  });

  test('an intent with a method waits for confirmation (api/payment_intents/object#status)', async () => {
    const intent = await create({ payment_method: 'pm_card_visa' });
    expect(intent.status).toBe('requires_confirmation');
    expect(intent.payment_method).toMatch(/^pm_[0-9A-Za-z]{24}$/);
  });

  test('dynamic methods with redirects are the default, capture automatic_async (facts §1.17, §3.5)', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 5000, currency: 'eur' });
    expect(intent.automatic_payment_methods).toEqual({ enabled: true, allow_redirects: 'always' });
    expect(intent.capture_method).toBe('automatic_async');
  });

  test('the currency is answered in lower case (facts §7.1)', async () => {
    expect((await create({ currency: 'EUR' })).currency).toBe('eur');
  });

  test.each([
    [
      'payment_method_types is gone (facts §0.1)',
      { payment_method_types: ['card'] },
      'payment_method_types_no_longer_supported',
      'payment_method_types',
    ],
    ['an unknown parameter (error-codes#parameter-unknown)', { amuont: 1 }, 'parameter_unknown', 'amuont'],
    ['an unknown customer (facts §4.9)', { customer: 'cus_none' }, 'resource_missing', 'customer'],
    [
      'an unknown method (error-codes#resource-missing)',
      { payment_method: 'pm_none' },
      'resource_missing',
      'payment_method',
    ],
    ['an amount of 0 (facts §7.6)', { amount: 0 }, 'parameter_invalid_integer', 'amount'],
    ['a negative amount (facts §7.6)', { amount: -5 }, 'parameter_invalid_integer', 'amount'],
    [
      'a fraction as amount (error-codes#parameter-invalid-integer)',
      { amount: 10.5 },
      'parameter_invalid_integer',
      'amount',
    ],
    ['an amount under the minimum (facts §7.1)', { amount: 49 }, 'amount_too_small', 'amount'],
    ['an amount of nine digits (facts §7.1)', { amount: 100_000_000 }, 'amount_too_large', 'amount'],
    [
      'a fraction of an ISK (facts §7.4)',
      { amount: 15_050, currency: 'isk' },
      'invalid_charge_amount_no_decimal_compatible',
      'amount',
    ],
    [
      'a fraction of a KWD that nobody can pay (facts §7.3)',
      { amount: 1005, currency: 'kwd' },
      'invalid_charge_amount',
      'amount',
    ],
    ['an unknown currency (docs currencies)', { currency: 'xyz' }, undefined, 'currency'],
    [
      'an unknown capture method (api/payment_intents/create)',
      { capture_method: 'later' },
      undefined,
      'capture_method',
    ],
    ['a string where a boolean belongs', { confirm: 'yes' }, undefined, 'confirm'],
    [
      'an empty description (error-codes#parameter-invalid-empty)',
      { description: '' },
      'parameter_invalid_empty',
      'description',
    ],
    [
      'an address that is none (error-codes#url-invalid)',
      { confirm: true, return_url: 'shop' },
      'url_invalid',
      'return_url',
    ],
    ['a return_url without confirm (facts §3.5)', { return_url: RETURN_URL }, undefined, 'return_url'],
    ['off_session without confirm (api/payment_intents/create)', { off_session: true }, undefined, 'off_session'],
    [
      'only types that the account does not have (api/payment_intents/create)',
      { allowed_payment_method_types: ['ideal'] },
      undefined,
      'allowed_payment_method_types',
    ],
    [
      'an unknown name inside a hash',
      { automatic_payment_methods: { enabled: true, redirects: 'never' } },
      'parameter_unknown',
      'automatic_payment_methods[redirects]',
    ],
    ['metadata longer than 500 (api/metadata)', { metadata: { note: 'x'.repeat(501) } }, undefined, 'metadata[note]'],
    [
      'an unknown configuration (facts §0.1)',
      { payment_method_configuration: 'pmc_none' },
      'resource_missing',
      'payment_method_configuration',
    ],
  ])('is refused: %s', async (_title, params, code, param) => {
    const error = await refusal(create(params as Partial<Create>));
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError', param });
    expect(error.code).toBe(code);
  });

  test('a missing parameter is named (error-codes#parameter-missing)', async () => {
    const error = await refusal(stripe.paymentIntents.create({ amount: 500 } as Create));
    expect(error).toMatchObject({
      code: 'parameter_missing',
      param: 'currency',
      message: 'Missing required param: currency.',
    });
  });

  test.each([
    ['jpy', 50],
    ['kwd', 1010],
    ['isk', 15_000],
    ['gbp', 30],
    ['huf', 17_500],
  ])('an amount that %s can pay is taken (facts §7)', async (currency, amount) => {
    expect(await create({ currency, amount })).toMatchObject({ currency, amount });
  });
});

describe('reserving', () => {
  test('a manual confirmation ends in requires_capture, with its events (facts §3.1)', async () => {
    const intent = await reserve();
    expect(intent).toMatchObject({ status: 'requires_capture', amount_capturable: 5000, amount_received: 0 });
    expect(await charge(intent)).toMatchObject({
      captured: false,
      paid: true,
      status: 'succeeded',
      amount_captured: 0,
    });
    expect(await eventsOf(intent.id)).toEqual([
      'payment_intent.amount_capturable_updated',
      'charge.succeeded',
      'payment_intent.created',
    ]);
  });

  test('an automatic confirmation ends in succeeded (facts §3.1)', async () => {
    const intent = await reserve({ capture_method: 'automatic' });
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 5000, amount_capturable: 0 });
    expect(await eventsOf(intent.id)).toContain('payment_intent.succeeded');
  });

  test('return_url is required while redirects are allowed (facts §3.5)', async () => {
    const error = await refusal(
      stripe.paymentIntents.create({ amount: 5000, currency: 'eur', confirm: true, payment_method: 'pm_card_visa' }),
    );
    expect(error).toMatchObject({ statusCode: 400, param: 'return_url' });
    const intent = await create({ automatic_payment_methods: { enabled: true } });
    expect((await refusal(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' }))).param).toBe(
      'return_url',
    );
    const confirmed = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
      return_url: RETURN_URL,
    });
    expect(confirmed.status).toBe('requires_capture');
  });

  test('a confirmation without a method is refused (error-codes#payment-intent-unexpected-state)', async () => {
    const intent = await create();
    expect((await refusal(stripe.paymentIntents.confirm(intent.id))).code).toBe('payment_intent_unexpected_state');
  });

  test.each([
    ['Visa on session', { payment_method: 'pm_card_visa' }, 7 * 86_400],
    ['Visa off session', { payment_method: 'pm_card_visa', off_session: true }, 4 * 86_400 + 18 * 3600],
    ['Mastercard off session', { payment_method: 'pm_card_mastercard', off_session: true }, 7 * 86_400],
  ])('capture_before of %s (facts §3.2)', async (_title, params, seconds) => {
    const intent = await reserve({ ...params, expand: ['latest_charge'] });
    const latest = intent.latest_charge as Stripe.Charge;
    expect(latest.payment_method_details?.card?.capture_before).toBe(latest.created + seconds);
  });

  test('confirming again is refused and names the status (facts §3.5)', async () => {
    const intent = await reserve();
    const error = await refusal(stripe.paymentIntents.confirm(intent.id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(error.payment_intent).toMatchObject({ id: intent.id, status: 'requires_capture' });
  });
});

describe('capturing', () => {
  test('takes all by default (facts §3.2)', async () => {
    const intent = await stripe.paymentIntents.capture((await reserve()).id);
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 5000, amount_capturable: 0 });
    expect((await eventsOf(intent.id)).slice(0, 2)).toEqual(['payment_intent.succeeded', 'charge.captured']);
  });

  test('of a part releases the rest, and the amount stays what was authorised (facts §3.2)', async () => {
    const intent = await stripe.paymentIntents.capture((await reserve()).id, { amount_to_capture: 4000 });
    expect(intent).toMatchObject({ status: 'succeeded', amount: 5000, amount_received: 4000, amount_capturable: 0 });
    expect(await charge(intent)).toMatchObject({
      amount: 5000,
      amount_captured: 4000,
      amount_refunded: 1000,
      refunded: false,
    });
  });

  test('happens once (facts §3.2)', async () => {
    const intent = await stripe.paymentIntents.capture((await reserve()).id, { amount_to_capture: 1000 });
    const error = await refusal(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 1000 }));
    expect(error.code).toBe('payment_intent_unexpected_state');
    expect(error.payment_intent?.status).toBe('succeeded');
  });

  test.each([
    ['over the reserved amount (facts §3.2)', { amount_to_capture: 5001 }, 'amount_too_large'],
    ['0 (facts §3.2)', { amount_to_capture: 0 }, 'parameter_invalid_integer'],
    ['without multicapture, not finally (facts §3.2)', { amount_to_capture: 1, final_capture: false }, undefined],
  ])('is refused: %s', async (_title, params, code) => {
    const intent = await reserve();
    expect((await refusal(stripe.paymentIntents.capture(intent.id, params))).code).toBe(code);
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture');
  });

  test("before the reservation is refused with Stripe's sentence (facts §3.2)", async () => {
    const error = await refusal(stripe.paymentIntents.capture((await create()).id));
    expect(error.message).toContain('could not be captured because it has a status of requires_payment_method');
  });
});

describe('cancelling', () => {
  test.each([
    ['requires_payment_method', () => create()],
    ['requires_confirmation', () => create({ payment_method: 'pm_card_visa' })],
    ['requires_action', () => reserve({ payment_method: 'pm_card_authenticationRequired' })],
    ['requires_capture', () => reserve()],
  ])('from %s (facts §3.3)', async (status, make) => {
    const intent = await make();
    expect(intent.status).toBe(status);
    const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned', amount_capturable: 0 });
    expect(canceled.canceled_at).not.toBeNull();
  });

  test('of a reservation releases it, and is reported as charge.refunded too (facts §3.1)', async () => {
    const intent = await reserve();
    await stripe.paymentIntents.cancel(intent.id);
    expect((await eventsOf(intent.id)).slice(0, 2)).toEqual(['payment_intent.canceled', 'charge.refunded']);
    expect(await charge(intent)).toMatchObject({ refunded: true, captured: false, amount_captured: 0 });
  });

  test('twice, or after the capture, is refused (facts §3.3)', async () => {
    const canceled = await stripe.paymentIntents.cancel((await reserve()).id);
    expect((await refusal(stripe.paymentIntents.cancel(canceled.id))).code).toBe('payment_intent_unexpected_state');
    const captured = await stripe.paymentIntents.capture((await reserve()).id);
    expect((await refusal(stripe.paymentIntents.cancel(captured.id))).code).toBe('payment_intent_unexpected_state');
  });

  test('takes only the reasons a caller may give (facts §3.3)', async () => {
    const params = { cancellation_reason: 'automatic' as 'abandoned' };
    expect((await refusal(stripe.paymentIntents.cancel((await create()).id, params))).param).toBe(
      'cancellation_reason',
    );
  });
});

describe('updating', () => {
  test('before the confirmation changes what is to be paid (facts §3.4)', async () => {
    const intent = await create({ metadata: { a: '1', b: '2' } });
    const updated = await stripe.paymentIntents.update(intent.id, { amount: 6000, metadata: { a: '', c: '3' } });
    expect(updated).toMatchObject({ amount: 6000, metadata: { b: '2', c: '3' } });
  });

  test('setup_future_usage can be unset with an empty string (facts §3.4)', async () => {
    const customer = await stripe.customers.create();
    const intent = await create({ customer: customer.id, setup_future_usage: 'off_session' });
    expect((await stripe.paymentIntents.update(intent.id, { setup_future_usage: '' })).setup_future_usage).toBeNull();
    await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect((await stripe.customers.listPaymentMethods(customer.id)).data).toEqual([]);
  });

  test.each([
    ['amount', { amount: 6000 }],
    ['payment_method', { payment_method: 'pm_card_visa' }],
    ['setup_future_usage', { setup_future_usage: 'on_session' as const }],
  ])('%s of a reservation is refused (facts §3.4)', async (name, params) => {
    const error = await refusal(stripe.paymentIntents.update((await reserve()).id, params));
    expect(error.code).toBe('payment_intent_unexpected_state');
    expect(error.message).toContain(`${name} could not be updated because it has a status of requires_capture`);
  });

  test('metadata and description change in any status (facts §3.4)', async () => {
    const intent = await stripe.paymentIntents.capture((await reserve()).id);
    const updated = await stripe.paymentIntents.update(intent.id, { metadata: { order: '26-1' }, description: 'paid' });
    expect(updated).toMatchObject({ metadata: { order: '26-1' }, description: 'paid', status: 'succeeded' });
  });

  test("clears the last error (the field's documentation)", async () => {
    const intent = await create();
    await refusal(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_chargeDeclined' }));
    expect((await stripe.paymentIntents.retrieve(intent.id)).last_payment_error?.code).toBe('card_declined');
    expect((await stripe.paymentIntents.update(intent.id, { description: 'again' })).last_payment_error).toBeNull();
  });
});

describe('saving the method', () => {
  test('attaches it when the money is reserved, not when it is captured (facts §3.4)', async () => {
    const customer = await stripe.customers.create();
    const intent = await reserve({ customer: customer.id, setup_future_usage: 'on_session' });
    const saved = await stripe.customers.listPaymentMethods(customer.id);
    expect(saved.data.map((method) => method.id)).toEqual([intent.payment_method]);
  });

  test('does not happen while the customer still has to act (facts §3.4)', async () => {
    const customer = await stripe.customers.create();
    await reserve({
      customer: customer.id,
      setup_future_usage: 'on_session',
      payment_method: 'pm_card_authenticationRequired',
    });
    expect((await stripe.customers.listPaymentMethods(customer.id)).data).toEqual([]);
  });

  test('a method that was used without it cannot be used or attached again (facts §3.4)', async () => {
    const customer = await stripe.customers.create();
    const { payment_method } = await reserve();
    const again = await refusal(reserve({ payment_method: payment_method as string }));
    expect(again.message).toContain('previously used');
    const attached = await refusal(stripe.paymentMethods.attach(payment_method as string, { customer: customer.id }));
    expect(attached.message).toContain('It may not be used again');
  });

  test('a method of another customer is refused (facts §3.5)', async () => {
    const [owner, other] = await Promise.all([stripe.customers.create(), stripe.customers.create()]);
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: owner.id });
    expect((await refusal(reserve({ customer: other.id, payment_method: method.id }))).param).toBe('payment_method');
    expect((await refusal(reserve({ payment_method: method.id }))).param).toBe('payment_method');
    expect((await reserve({ customer: owner.id, payment_method: method.id })).status).toBe('requires_capture');
  });
});

describe('with a publishable key', () => {
  test('an intent is confirmed with its client secret, and the answer is the public view (api/payment_intents/confirm)', async () => {
    const intent = await create({ customer: (await stripe.customers.create()).id, metadata: { secret: 'yes' } });
    const confirmed = await f.browser.paymentIntents.confirm(intent.id, {
      payment_method_data: {
        type: 'card',
        card: { number: '4242424242424242', exp_month: 4, exp_year: 2032, cvc: '123' },
      },
      client_secret: intent.client_secret,
    } as unknown as Stripe.PaymentIntentConfirmParams);
    expect(confirmed.status).toBe('requires_capture');
    expect(Object.keys(confirmed)).not.toEqual(expect.arrayContaining(['metadata']));
    expect(Object.keys(confirmed)).not.toEqual(expect.arrayContaining(['customer']));
  });

  test('the client secret must be there and right (api/payment_intents/retrieve)', async () => {
    const intent = await create();
    expect((await refusal(f.browser.paymentIntents.retrieve(intent.id))).param).toBe('client_secret');
    const wrong = await refusal(
      f.browser.paymentIntents.retrieve(intent.id, { client_secret: `${intent.id}_secret_x` }),
    );
    expect(wrong.code).toBe('payment_intent_invalid_parameter');
    const read = await f.browser.paymentIntents.retrieve(intent.id, { client_secret: intent.client_secret as string });
    expect(read.status).toBe('requires_payment_method');
  });

  test.each([
    [
      'create',
      (browser: Stripe, id: string) =>
        browser.paymentIntents.create({ amount: 500, currency: 'eur', metadata: { id } }),
    ],
    ['update', (browser: Stripe, id: string) => browser.paymentIntents.update(id, { amount: 1 })],
    ['capture', (browser: Stripe, id: string) => browser.paymentIntents.capture(id)],
    ['cancel', (browser: Stripe, id: string) => browser.paymentIntents.cancel(id)],
  ])('%s is refused (error-codes#secret-key-required)', async (_title, call) => {
    const intent = await create();
    expect(await refusal(call(f.browser, intent.id))).toMatchObject({ statusCode: 403, code: 'secret_key_required' });
  });

  test.each([
    ['on_session', 'off_session', true],
    ['off_session', 'on_session', false],
    ['off_session', '', false],
  ] as const)('setup_future_usage from %s to "%s" is allowed: %s (facts §3.4)', async (from, to, allowed) => {
    const intent = await create({ customer: (await stripe.customers.create()).id, setup_future_usage: from });
    const confirm = f.browser.paymentIntents.confirm(intent.id, {
      client_secret: intent.client_secret,
      payment_method: 'pm_card_visa',
      setup_future_usage: to,
    } as Stripe.PaymentIntentConfirmParams);
    if (allowed) expect((await confirm).setup_future_usage).toBe(to);
    else expect((await refusal(confirm)).param).toBe('setup_future_usage');
  });
});
