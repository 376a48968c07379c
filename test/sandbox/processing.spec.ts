import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

/** Banks that take their time (facts §3.1 `(processing)`), with the sandbox's own two cards: Stripe has none. */
let f: Fixture;
let stripe: Stripe;
beforeEach(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterEach(() => f.sandbox.close());

const NO_REDIRECTS = { enabled: true, allow_redirects: 'never' } as const;
const pay = (params: Partial<Stripe.PaymentIntentCreateParams> = {}, from = stripe) =>
  from.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_sandboxProcessing',
    automatic_payment_methods: NO_REDIRECTS,
    ...params,
  });
const pass = (advanceSeconds: number) => f.control('POST', 'clock', { advanceSeconds });
const settle = (id: string, status: string) =>
  f.control<Stripe.PaymentIntent>('POST', `payment_intents/${id}/settle`, { status });
const types = async () => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

test('is processing, and reserved a minute later', async () => {
  const intent = await pay({ expand: ['latest_charge'] });
  expect(intent).toMatchObject({
    status: 'processing',
    processing: { type: 'card' },
    amount_capturable: 0,
    last_payment_error: null,
    latest_charge: { status: 'pending', paid: false, captured: false, outcome: null },
  });
  await pass(61);
  const reserved = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
  expect(reserved).toMatchObject({
    status: 'requires_capture',
    processing: null,
    amount_capturable: 5000,
    latest_charge: { id: (intent.latest_charge as Stripe.Charge).id, status: 'succeeded', paid: true, captured: false },
  });
  expect(await types()).toEqual([
    'payment_intent.created',
    'charge.pending',
    'payment_intent.processing',
    'charge.succeeded',
    'payment_intent.amount_capturable_updated',
  ]);
  expect((await stripe.paymentIntents.capture(intent.id)).amount_received).toBe(5000);
});

test('or is refused a minute later, and can be tried again', async () => {
  const intent = await pay({ payment_method: 'pm_card_sandboxProcessingFails' });
  expect(intent.status).toBe('processing');
  await pass(61);
  const failed = await stripe.paymentIntents.retrieve(intent.id);
  expect(failed).toMatchObject({
    status: 'requires_payment_method',
    payment_method: null,
    processing: null,
    last_payment_error: { type: 'card_error', code: 'card_declined', charge: intent.latest_charge },
  });
  expect((await types()).slice(-2)).toEqual(['charge.failed', 'payment_intent.payment_failed']);
  expect((await stripe.charges.retrieve(intent.latest_charge as string)).status).toBe('failed');
  const again = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  expect(again.status).toBe('requires_capture');
  expect(again.latest_charge).not.toBe(intent.latest_charge);
});

test('with automatic capture it succeeds', async () => {
  const intent = await pay({ capture_method: 'automatic' });
  await pass(61);
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded', amount_received: 5000 });
  expect((await types()).at(-1)).toBe('payment_intent.succeeded');
});

test('the hold counts from the bank’s answer, and the card is saved then (facts §3.2, §3.4)', async () => {
  const { id: customer } = await stripe.customers.create();
  const intent = await pay({ customer, setup_future_usage: 'on_session' });
  expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
  await pass(61);
  const charge = await stripe.charges.retrieve(intent.latest_charge as string);
  const held = (charge.payment_method_details?.card?.capture_before ?? 0) - charge.created;
  expect(held).toBeGreaterThanOrEqual(7 * 86_400 + 60);
  expect((await stripe.customers.listPaymentMethods(customer)).data).toHaveLength(1);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  ['confirmed', (id) => stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })],
  ['captured', (id) => stripe.paymentIntents.capture(id)],
  ['cancelled', (id) => stripe.paymentIntents.cancel(id)],
  ['changed', (id) => stripe.paymentIntents.update(id, { amount: 4000 })],
])('meanwhile it cannot be %s', async (_title, call) => {
  const { id } = await pay();
  const error = await refusal(call(id));
  expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
  expect(error.payment_intent?.status).toBe('processing');
  expect((await refusal(stripe.refunds.create({ payment_intent: id }))).statusCode).toBe(400);
});

describe('the control', () => {
  test.each([
    ['succeeded', 'requires_capture'],
    ['failed', 'requires_payment_method'],
  ])('answers %s at once, whatever the card, and the clock does not answer again', async (answer, status) => {
    for (const payment_method of ['pm_card_sandboxProcessing', 'pm_card_sandboxProcessingFails']) {
      const { id } = await pay({ payment_method });
      expect((await settle(id, answer)).status).toBe(status);
      const told = await types();
      await pass(61);
      expect(await types()).toEqual(told);
    }
  });

  test('refuses what no bank is asked about', async () => {
    const { id } = await pay({ payment_method: 'pm_card_visa' });
    expect(await settle(id, 'succeeded')).toHaveProperty('error.message');
    expect(await settle('pi_none', 'succeeded')).toHaveProperty('error.message');
    expect(await settle((await pay()).id, 'perhaps')).toHaveProperty('error.message');
  });
});

test('is visible to a browser that confirms, without what is not its business', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 5000, currency: 'eur', capture_method: 'manual' });
  const card = { number: '4000000000006009', exp_month: 4, exp_year: 2032, cvc: '123' };
  const params = { client_secret: intent.client_secret, return_url: 'https://shop.example/' };
  const confirmed = await f.browser.paymentIntents.confirm(intent.id, {
    ...params,
    payment_method_data: { type: 'card', card },
  } as Stripe.PaymentIntentConfirmParams);
  expect(confirmed).toMatchObject({ status: 'processing', processing: { type: 'card' } });
  expect(confirmed.latest_charge).toBeUndefined();
});

describe('on the hosted page (facts §2.3)', () => {
  const open = (capture_method: 'manual' | 'automatic') =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/?session={CHECKOUT_SESSION_ID}',
      payment_intent_data: { capture_method },
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 5000, product_data: { name: 'Bed' } } }],
    });
  const submit = (session: Stripe.Checkout.Session, cardNumber: string) =>
    fetch(`${f.sandbox.url}/c/pay/${session.id}`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ cardNumber, cardExpiry: '04 / 32', cardCvc: '123', billingName: 'Ada' }),
    });

  test.each([
    ['manual', '4000000000006009', 'requires_capture', 'unpaid', 'payment_intent.amount_capturable_updated'],
    ['manual', '4000000000006017', 'requires_payment_method', 'unpaid', 'checkout.session.async_payment_failed'],
    ['automatic', '4000000000006009', 'succeeded', 'paid', 'checkout.session.async_payment_succeeded'],
    ['automatic', '4000000000006017', 'requires_payment_method', 'unpaid', 'checkout.session.async_payment_failed'],
  ] as const)('%s capture, %s: complete at once, then %s', async (capture, card, status, paymentStatus, last) => {
    const session = await open(capture);
    const answer = await submit(session, card);
    expect(answer.headers.get('location')).toBe(`https://shop.example/?session=${session.id}`);
    const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(complete).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: { status: 'processing' },
    });
    expect((await types()).at(-1)).toBe('checkout.session.completed');
    await pass(61);
    const settled = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(settled).toMatchObject({ status: 'complete', payment_status: paymentStatus, payment_intent: { status } });
    expect((await types()).at(-1)).toBe(last);
  });

  test('refused later: it can be cancelled and not expired, and the page says that nothing was charged', async () => {
    const session = await open('manual');
    await submit(session, '4000000000006017');
    const { payment_intent: id } = await stripe.checkout.sessions.retrieve(session.id);
    const refused = { statusCode: 400, code: 'payment_intent_unexpected_state' };
    expect(await refusal(stripe.paymentIntents.cancel(id as string))).toMatchObject(refused);
    await pass(61);
    const { message } = await refusal(stripe.checkout.sessions.expire(session.id));
    expect(message).toContain('This Checkout Session has a status of complete');
    const look = async () => (await fetch(session.url!, { redirect: 'manual' })).text();
    expect(await look()).toContain('Your card was declined. You have not been charged.');
    expect(await (await submit(session, '4242424242424242')).text()).toContain('You have not been charged.');
    const told = await types();
    expect(await stripe.paymentIntents.cancel(id as string)).toMatchObject({ status: 'canceled', amount_received: 0 });
    expect((await types()).slice(told.length)).toEqual(['payment_intent.canceled']);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      url: null,
    });
    expect(await look()).toContain('This payment was cancelled');
  });
});

test('the answer comes after a restart too', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-sandbox-'));
  const before = await openSandbox({ dataDir });
  const { id } = await pay({}, before.stripe);
  await before.sandbox.close();
  const after = await openSandbox({ dataDir });
  expect((await after.stripe.paymentIntents.retrieve(id)).status).toBe('processing');
  await after.control('POST', 'clock', { advanceSeconds: 61 });
  const settled = await after.stripe.paymentIntents.retrieve(id);
  await after.sandbox.close();
  await rm(dataDir, { recursive: true });
  expect(settled.status).toBe('requires_capture');
});
