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

type Create = Stripe.Checkout.SessionCreateParams;
const item = (unit_amount: number, quantity = 1): Stripe.Checkout.SessionCreateParams.LineItem => ({
  quantity,
  price_data: { currency: 'eur', unit_amount, product_data: { name: 'Ticket' } },
});
const create = (params: Partial<Create> = {}) =>
  stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/basket',
    line_items: [item(2000, 2), item(1000)],
    payment_intent_data: { capture_method: 'manual', metadata: { order: '26-1' } },
    ...params,
  });
const CARD = { cardNumber: '4242 4242 4242 4242', cardExpiry: '04 / 32', cardCvc: '123', billingName: 'Ada' };
const submit = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const pageOf = (session: Stripe.Checkout.Session) => session.url as string;
const eventTypes = async () => (await stripe.events.list({ limit: 100 })).data.map((event) => event.type);

describe('creating', () => {
  test('makes no intent yet (facts §2.2)', async () => {
    const session = await create();
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      client_secret: null,
      amount_total: 5000,
      currency: 'eur',
      ui_mode: 'hosted_page',
      metadata: {},
    });
    expect(session.id).toMatch(/^cs_test_/);
    expect(session.expires_at - session.created).toBe(24 * 3600);
    expect((await fetch(pageOf(session))).status).toBe(200);
  });

  test('line items are listed in their order, and included on demand (api/checkout/sessions/line_items)', async () => {
    const session = await create({ expand: ['line_items'] });
    const listed = await stripe.checkout.sessions.listLineItems(session.id);
    expect(listed.data.map((line) => line.amount_total)).toEqual([4000, 1000]);
    expect(session.line_items?.data.map((line) => line.id)).toEqual(listed.data.map((line) => line.id));
  });

  test.each([
    ['payment_method_types (facts §0.1)', { payment_method_types: ['card'] }, 'payment_method_types'],
    ['the old ui_mode hosted (facts §0.2)', { ui_mode: 'hosted' }, 'ui_mode'],
    ['a relative address (error-codes#url-invalid)', { success_url: '/done' }, 'success_url'],
    ['no line items (facts §2.1)', { line_items: [] }, 'line_items'],
    ['101 line items (facts §2.1)', { line_items: Array.from({ length: 101 }, () => item(100)) }, 'line_items'],
    [
      'two currencies in one session',
      {
        line_items: [
          item(100),
          { quantity: 1, price_data: { currency: 'usd', unit_amount: 1, product_data: { name: 'x' } } },
        ],
      },
      'line_items',
    ],
    ['a negative price (facts §2.1)', { line_items: [item(-1)] }, 'line_items[0][price_data][unit_amount]'],
    ['customer and customer_email', { customer: 'CUSTOMER', customer_email: 'a@b.example' }, 'customer_email'],
    ['an unknown customer (facts §4.9)', { customer: 'cus_none' }, 'customer'],
    ['an expiry within half an hour (facts §2.1)', { expires_at: Math.floor(Date.now() / 1000) + 600 }, 'expires_at'],
    ['an expiry after a day (facts §2.1)', { expires_at: Math.floor(Date.now() / 1000) + 90_000 }, 'expires_at'],
    [
      'an unknown name inside payment_intent_data',
      { payment_intent_data: { capture: 'manual' } },
      'payment_intent_data[capture]',
    ],
  ])('is refused: %s', async (_title, params, param) => {
    const customer = (await stripe.customers.create()).id;
    const wanted = 'customer' in params && params.customer === 'CUSTOMER' ? { ...params, customer } : params;
    expect(await refusal(create(wanted as Partial<Create>))).toMatchObject({ statusCode: 400, param });
  });

  test('a total that is not 0 and below the minimum is refused (facts §7.1)', async () => {
    expect((await refusal(create({ line_items: [item(49)] }))).code).toBe('amount_too_small');
    expect((await create({ line_items: [item(0)] })).amount_total).toBe(0);
  });
});

describe('paying on the page', () => {
  test('reserves: complete, unpaid, requires_capture, and paid after the capture (facts §2.3)', async () => {
    const session = await create();
    const answer = await submit(pageOf(session), CARD);
    expect(answer.headers.get('location')).toBe(`https://shop.example/done?session=${session.id}`);
    const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    const intent = complete.payment_intent as Stripe.PaymentIntent;
    expect(complete).toMatchObject({ status: 'complete', payment_status: 'unpaid', url: null });
    expect(intent).toMatchObject({ status: 'requires_capture', amount_capturable: 5000, metadata: { order: '26-1' } });
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 3000 });
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
    expect((await stripe.checkout.sessions.list({ payment_intent: intent.id })).data.map(({ id }) => id)).toEqual([
      session.id,
    ]);
  });

  test('sends checkout.session.completed after the reservation (facts §3.1)', async () => {
    await submit(pageOf(await create()), CARD);
    expect((await eventTypes()).slice(0, 4)).toEqual([
      'checkout.session.completed',
      'payment_intent.amount_capturable_updated',
      'charge.succeeded',
      'payment_intent.created',
    ]);
  });

  test('a second submit ends where the first did, with one intent', async () => {
    const session = await create();
    const [first, second] = await Promise.all([submit(pageOf(session), CARD), submit(pageOf(session), CARD)]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const charges = await stripe.charges.list({
      payment_intent: (await stripe.checkout.sessions.retrieve(session.id)).payment_intent as string,
    });
    expect(charges.data).toHaveLength(1);
  });

  test.each([
    ['a declined card', { ...CARD, cardNumber: '4000000000000002' }, 'cardNumber', 'Your card was declined.'],
    ['a wrong code', { ...CARD, cardNumber: '4000000000000127' }, 'cardCvc', 'security code is incorrect'],
    ['a malformed number', { ...CARD, cardNumber: '4242' }, 'cardNumber', 'card number is incorrect'],
    ['a past date', { ...CARD, cardExpiry: '01 / 20' }, 'cardExpiry', 'expiration year is invalid'],
    ['an empty code', { ...CARD, cardCvc: '' }, 'cardCvc', 'Enter your security code'],
  ])('%s is answered beside the field, and the page can be used again', async (_title, fields, field, message) => {
    const session = await create();
    const answer = await submit(pageOf(session), fields);
    expect(answer.status).toBe(402);
    const page = (await answer.text()).replaceAll('&#39;', "'");
    expect(page).toMatch(new RegExp(`data-testid="${field}-error"[^>]*>[^<]*${message}`));
    expect((await submit(pageOf(session), CARD)).status).toBe(303);
  });

  test('3-D Secure goes over the bank page and back (facts §9)', async () => {
    const session = await create();
    const asked = await submit(pageOf(session), { ...CARD, cardNumber: '4000002760003184' });
    const bank = asked.headers.get('location') as string;
    expect(bank).toContain('/3ds/pi_');
    expect(await (await fetch(bank)).text()).toContain('data-testid="challenge-complete"');
    const failed = await submit(bank, { outcome: 'fail' });
    expect(await (await fetch(failed.headers.get('location') as string)).text()).toContain('unable to authenticate');
    await submit(pageOf(session), { ...CARD, cardNumber: '4000002760003184' });
    const done = await submit(bank, { outcome: 'complete' });
    expect(
      (await fetch(done.headers.get('location') as string, { redirect: 'manual' })).headers.get('location'),
    ).toContain(session.id);
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('complete');
  });

  test('the box to save the card shows only where the session enables it, and decides (facts §2.1)', async () => {
    const customer = (await stripe.customers.create({ email: 'ada@example.com' })).id;
    const plain = await create({ customer });
    expect(await (await fetch(pageOf(plain))).text()).not.toContain('name="save"');
    const offered = await create({ customer, saved_payment_method_options: { payment_method_save: 'enabled' } });
    expect(await (await fetch(pageOf(offered))).text()).toContain('name="save"');
    await submit(pageOf(offered), CARD);
    expect((await stripe.customers.listPaymentMethods(customer)).data).toEqual([]);
    const ticked = await create({ customer, saved_payment_method_options: { payment_method_save: 'enabled' } });
    await submit(pageOf(ticked), { ...CARD, save: 'yes' });
    const [saved] = (await stripe.customers.listPaymentMethods(customer)).data;
    expect(saved).toMatchObject({ allow_redisplay: 'always', card: { last4: '4242' } });
    const again = await create({ customer });
    expect(await (await fetch(pageOf(again))).text()).toContain(saved?.id ?? '');
    expect((await submit(pageOf(again), { paymentMethod: saved?.id ?? '' })).status).toBe(303);
  });

  test('setup_future_usage saves without asking, for limited redisplay (facts §2.1, §4.7)', async () => {
    const customer = (await stripe.customers.create()).id;
    const session = await create({
      customer,
      payment_intent_data: { capture_method: 'manual', setup_future_usage: 'on_session' },
    });
    await submit(pageOf(session), CARD);
    expect((await stripe.customers.listPaymentMethods(customer)).data.map((method) => method.allow_redisplay)).toEqual([
      'limited',
    ]);
  });

  test('names and addresses are escaped', async () => {
    const line = {
      quantity: 1,
      price_data: { currency: 'eur', unit_amount: 500, product_data: { name: '<script>alert(1)</script>' } },
    };
    const page = await (await fetch(pageOf(await create({ line_items: [line] })))).text();
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toContain('<script>alert(1)');
  });
});

describe('ending', () => {
  test('expire ends an open session, and only an open one (facts §2.2)', async () => {
    const session = await create();
    expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: 'expired', url: null });
    expect((await eventTypes())[0]).toBe('checkout.session.expired');
    expect((await refusal(stripe.checkout.sessions.expire(session.id))).statusCode).toBe(400);
    expect((await fetch(pageOf(session))).status).toBe(410);
    expect((await submit(pageOf(session), CARD)).status).toBe(410);
  });

  test('the intent of an open session cannot be cancelled directly; expiring cancels it (facts §2.2)', async () => {
    const session = await create();
    await submit(pageOf(session), { ...CARD, cardNumber: '4000000000000002' });
    const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id);
    expect((await refusal(stripe.paymentIntents.cancel(payment_intent as string))).code).toBe(
      'payment_intent_unexpected_state',
    );
    await stripe.checkout.sessions.expire(session.id);
    expect((await stripe.paymentIntents.retrieve(payment_intent as string)).status).toBe('canceled');
  });

  test('the intent of a completed session can be cancelled (facts §2.2)', async () => {
    const session = await create();
    await submit(pageOf(session), CARD);
    const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id);
    expect((await stripe.paymentIntents.cancel(payment_intent as string)).status).toBe('canceled');
  });

  test('a session expires by the clock (facts §2.1)', async () => {
    const own = await openSandbox();
    const session = await own.stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/',
      line_items: [item(1000)],
    });
    await own.control('POST', 'clock', { advanceSeconds: 24 * 3600 + 1 });
    expect((await own.stripe.checkout.sessions.retrieve(session.id)).status).toBe('expired');
    expect((await own.stripe.events.list()).data[0]?.type).toBe('checkout.session.expired');
    await own.sandbox.close();
  });
});

describe('the bank’s page', () => {
  const answer = (address: string) =>
    fetch(address, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }), redirect: 'manual' });
  const destinations = async (address: string) => {
    const answers = [await answer(address), await answer(address), await fetch(address, { redirect: 'manual' })];
    return answers.map(({ headers }) => headers.get('location'));
  };

  test('answered twice, or looked at again, leads where the first answer led', async () => {
    const session = await create();
    const asked = await submit(pageOf(session), { ...CARD, cardNumber: '4000002760003184' });
    const back = `${pageOf(session)}/return`;
    expect(await destinations(asked.headers.get('location')!)).toEqual([back, back, back]);
  });

  test('of a payment outside Checkout too (docs: redirect_status)', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 5000,
      currency: 'eur',
      confirm: true,
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/done',
    });
    const [first, ...others] = await destinations(intent.next_action!.redirect_to_url!.url!);
    expect(first).toContain('https://shop.example/done?payment_intent=');
    expect(first).toContain('redirect_status=succeeded');
    expect(others).toEqual([first, first]);
  });
});

test('a saved card that was removed in another tab is not asked for as if none had been chosen', async () => {
  const { id: customer } = await stripe.customers.create();
  const cards = [];
  for (const token of ['pm_card_visa', 'pm_card_mastercard']) {
    const { id } = await stripe.paymentMethods.attach(token, { customer });
    cards.push(await stripe.paymentMethods.update(id, { allow_redisplay: 'always' }));
  }
  const session = await create({ customer });
  await stripe.paymentMethods.detach(cards[1]!.id);
  const page = await (await submit(pageOf(session), { paymentMethod: cards[1]!.id })).text();
  expect(page).toContain('This card has been removed. Choose another one.');
  expect(page).not.toContain('Enter your card number.');
  expect(page).toMatch(/value="new"\s+checked/);
  expect((await stripe.checkout.sessions.retrieve(session.id)).payment_intent).toBeNull();
});
