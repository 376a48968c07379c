import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

let f: Fixture;
let stripe: Stripe;
beforeAll(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterAll(() => f.sandbox.close());

const pay = (params: Partial<Stripe.PaymentIntentCreateParams>) =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    capture_method: 'manual',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...params,
  });

/** What the customer does on the bank's page. */
async function challenge(intent: Stripe.PaymentIntent, outcome: 'complete' | 'fail'): Promise<Response> {
  const url = `${f.sandbox.url}/3ds/${intent.id}?client_secret=${intent.client_secret}`;
  return fetch(url, { method: 'POST', body: new URLSearchParams({ outcome }), redirect: 'manual' });
}

describe('cards that decline (facts §9)', () => {
  test.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline', 'Your card was declined.'],
    [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
    ],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'Your card was declined.'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', 'Your card was declined.'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined, 'Your card has expired.'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined, "Your card's security code is incorrect."],
    [
      'pm_card_chargeDeclinedProcessingError',
      'processing_error',
      undefined,
      'An error occurred while processing your card. Try again in a little bit.',
    ],
    ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['pm_card_radarBlock', 'card_declined', 'fraudulent', 'Your card was declined.'],
  ])('%s', async (payment_method, code, declineCode, message) => {
    const error = await refusal(pay({ payment_method }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, message });
    // The package answers with an empty text when Stripe sent none.
    expect(error.decline_code || undefined).toBe(declineCode);
    expect(error.payment_intent).toMatchObject({ status: 'requires_payment_method', payment_method: null });
    const failed = await stripe.charges.retrieve(error.charge as string);
    expect(failed).toMatchObject({ status: 'failed', paid: false, failure_code: code });
  });

  test('the same intent can be tried again with another card (facts §3.5)', async () => {
    const error = await refusal(pay({ payment_method: 'pm_card_chargeDeclined' }));
    const intent = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? '', {
      payment_method: 'pm_card_visa',
    });
    expect(intent).toMatchObject({ status: 'requires_capture', last_payment_error: null });
  });

  test('attaching asks the bank too, but for 4000000000000341 (facts §9)', async () => {
    const { id: customer } = await stripe.customers.create();
    const error = await refusal(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }));
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect((await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })).customer).toBe(customer);
  });

  test.each([
    ['number', { number: '4242424242424241' }, 'incorrect_number'],
    ['exp_month', { exp_month: 13 }, 'invalid_expiry_month'],
    ['exp_year', { exp_year: 2020 }, 'invalid_expiry_year'],
    ['cvc', { cvc: '12' }, 'invalid_cvc'],
  ])('a malformed %s is refused (docs testing#invalid-data)', async (param, change, code) => {
    const card = { number: '4242424242424242', exp_month: 4, exp_year: 2032, cvc: '123', ...change };
    expect(await refusal(stripe.paymentMethods.create({ type: 'card', card }))).toMatchObject({
      statusCode: 402,
      code,
      param,
    });
  });

  test('a real card is refused in a sandbox (docs testing)', async () => {
    const card = { number: '4929000000006', exp_month: 4, exp_year: 2032, cvc: '123' };
    const error = await refusal(
      pay({ payment_method_data: { type: 'card', card } as Stripe.PaymentIntentCreateParams.PaymentMethodData }),
    );
    expect(error.decline_code).toBe('test_mode_live_card');
  });
});

describe('3-D Secure (facts §3.5, §9)', () => {
  test('asks, and reserves when the customer completes it', async () => {
    const intent = await pay({ payment_method: 'pm_card_authenticationRequired' });
    expect(intent).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk' },
      amount_capturable: 0,
    });
    await challenge(intent, 'complete');
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_capture',
      next_action: null,
    });
  });

  test('with a return_url redirects, and comes back with the outcome', async () => {
    const intent = await pay({
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.example/done?x=1',
    });
    expect(intent.next_action?.redirect_to_url?.url).toContain(`${f.sandbox.url}/3ds/${intent.id}`);
    const back = await challenge(intent, 'complete');
    const location = new URL(back.headers.get('location') ?? '');
    expect(location.searchParams.get('payment_intent')).toBe(intent.id);
    expect(location.searchParams.get('redirect_status')).toBe('succeeded');
    expect(location.searchParams.get('x')).toBe('1');
  });

  test('use_stripe_sdk is left to the client library even with a return_url', async () => {
    const intent = await pay({
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/',
      use_stripe_sdk: true,
    });
    expect(intent.next_action?.type).toBe('use_stripe_sdk');
  });

  test('a failed challenge leads back to requires_payment_method', async () => {
    const intent = await pay({ payment_method: 'pm_card_authenticationRequired' });
    await challenge(intent, 'fail');
    const failed = await stripe.paymentIntents.retrieve(intent.id);
    expect(failed.status).toBe('requires_payment_method');
    expect(failed.last_payment_error?.code).toBe('payment_intent_authentication_failure');
  });

  test.each([
    ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_threeDSecureRequiredChargeDeclined', 'generic_decline'],
  ])('%s is declined after the challenge', async (payment_method, declineCode) => {
    const intent = await pay({ payment_method });
    expect(intent.status).toBe('requires_action');
    await challenge(intent, 'complete');
    const declined = await stripe.paymentIntents.retrieve(intent.id);
    expect(declined).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { decline_code: declineCode },
    });
  });

  test('off session it is declined with authentication_required', async () => {
    const { id: customer } = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
    const error = await refusal(pay({ customer, payment_method: method.id, off_session: true }));
    expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' });
    expect(error.payment_intent?.status).toBe('requires_payment_method');
  });

  test('error_on_requires_action fails the attempt', async () => {
    const error = await refusal(
      pay({ payment_method: 'pm_card_authenticationRequired', error_on_requires_action: true }),
    );
    expect(error).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      decline_code: 'authentication_not_handled',
    });
  });

  test('confirmation_method manual needs a second confirmation by the server', async () => {
    const intent = await pay({ payment_method: 'pm_card_authenticationRequired', confirmation_method: 'manual' });
    await challenge(intent, 'complete');
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_confirmation');
    expect((await stripe.paymentIntents.confirm(intent.id)).status).toBe('requires_capture');
  });

  test.each([
    ['pm_card_authenticationRequiredSetupForOffSession', false, 'requires_action'],
    ['pm_card_authenticationRequiredSetupForOffSession', true, 'requires_capture'],
    ['pm_card_threeDSecureOptional', false, 'requires_capture'],
    ['pm_card_amex_threeDSecureNotSupported', false, 'requires_capture'],
  ])('%s with off_session %s', async (payment_method, off_session, status) => {
    expect((await pay({ payment_method, off_session })).status).toBe(status);
  });

  test('3155 asks off session until it was set up', async () => {
    const { id: customer } = await stripe.customers.create();
    const first = await pay({
      customer,
      payment_method: 'pm_card_authenticationRequiredOnSetup',
      setup_future_usage: 'off_session',
    });
    await challenge(first, 'complete');
    const second = await pay({ customer, payment_method: first.payment_method as string, off_session: true });
    expect(second.status).toBe('requires_capture');
  });

  test('request_three_d_secure asks with a card that supports it', async () => {
    const intent = await pay({
      payment_method: 'pm_card_threeDSecureOptional',
      payment_method_options: { card: { request_three_d_secure: 'any' } },
    });
    expect(intent.status).toBe('requires_action');
  });
});
