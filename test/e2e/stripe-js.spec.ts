import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type Stripe from 'stripe';
import { describeInBrowser, openBrowser, openPage } from '../support/browser.js';
import { openSandbox, type Fixture } from '../sandbox/sandbox.fixture.js';
import { servePages } from './stripe-js.pages.js';

let f: Fixture;
let pages: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;

type Params = Partial<Stripe.PaymentIntentCreateParams>;

const create = (params: Params = {}): Promise<Stripe.PaymentIntent> =>
  f.stripe.paymentIntents.create({
    amount: 2500,
    currency: 'eur',
    capture_method: 'manual',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...params,
  });

/** Opens a partner's page for an intent. */
async function open(path: string, intent: Stripe.PaymentIntent, query: Record<string, string> = {}): Promise<void> {
  const search = new URLSearchParams({ secret: intent.client_secret ?? '', ...query });
  await page.goto(`${pages.url}${path}?${search.toString()}`);
}

async function fill(number: string, { expiry = '1234', cvc = '123' } = {}): Promise<void> {
  await page.getByLabel('Card number').fill('');
  await page.getByLabel('Card number').pressSequentially(number);
  await page.getByLabel('Expiration date').fill(expiry);
  await page.getByLabel('Security code').fill(cvc);
}

const submit = () => page.getByRole('button', { name: 'Pay' }).click();
const answer = () => page.getByTestId('challenge').locator('iframe').contentFrame();

interface Result {
  paymentIntent?: Record<string, unknown>;
  paymentMethod?: Record<string, unknown>;
  error?: Record<string, unknown> & { payment_intent?: Record<string, unknown> };
  thrown?: string;
}

/** What Stripe.js answered, once it has. */
async function result(): Promise<Result> {
  await page.waitForFunction("document.querySelector('#result').textContent !== ''");
  return JSON.parse((await page.locator('#result').textContent()) ?? '') as Result;
}

async function confirmations(): Promise<unknown[]> {
  const { data } = await f.control<{ data: { path: string }[] }>('GET', 'requests');
  return data.filter(({ path }) => path.endsWith('/confirm'));
}

const statusOf = async (intent: Stripe.PaymentIntent) => (await f.stripe.paymentIntents.retrieve(intent.id)).status;

describeInBrowser('Stripe.js of the sandbox', () => {
  beforeAll(async () => {
    f = await openSandbox();
    pages = await servePages(`${f.sandbox.url}/v3/stripe.js`);
    browser = await openBrowser();
  });
  beforeEach(async () => {
    page = await openPage(browser);
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await Promise.all([f.sandbox.close(), pages.close()]);
  });

  describe('the card element', () => {
    test('reserves with the card that was typed in', async () => {
      const intent = await create();
      await open('/card', intent);
      await page.waitForFunction("document.body.dataset.ready === 'yes'");
      await fill('4242424242424242');
      expect(await page.getByLabel('Card number').inputValue()).toBe('4242 4242 4242 4242');
      expect(await page.getByLabel('Expiration date').inputValue()).toBe('12 / 34');
      expect(await page.evaluate('({...document.body.dataset})')).toMatchObject({ complete: 'true', brand: 'visa' });
      await submit();

      expect(await result()).toMatchObject({ paymentIntent: { id: intent.id, status: 'requires_capture' } });
      const paid = await f.stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
      expect((paid.latest_charge as Stripe.Charge).billing_details.name).toBe('Jenny Rosen');
    });

    test('what a publishable key is not shown is not in the answer', async () => {
      const intent = await create({ metadata: { orderNumber: '26-100000' } });
      await open('/card', intent);
      await fill('4242424242424242');
      await submit();
      expect(Object.keys((await result()).paymentIntent ?? {})).not.toContain('metadata');
    });

    test('shows a wrong number beside its field, and sends nothing', async () => {
      const intent = await create();
      await open('/card', intent);
      const before = await confirmations();
      await fill('4242424242424241');
      const error = page.getByTestId('number-error');
      expect(await error.textContent()).toBe('Your card number is invalid.');
      expect(await page.getByLabel('Card number').getAttribute('aria-invalid')).toBe('true');
      expect(await page.getByLabel('Card number').getAttribute('aria-describedby')).toBe(
        await error.getAttribute('id'),
      );
      expect(await page.locator('#card-errors').textContent()).toBe('invalid_number');
      await submit();

      expect((await result()).error).toMatchObject({ type: 'validation_error', code: 'invalid_number' });
      expect(await confirmations()).toEqual(before);
    });

    test.each([
      ['4242', {}, 'number-error', 'incomplete_number'],
      ['4242424242424242', { expiry: '12' }, 'expiry-error', 'incomplete_expiry'],
      ['4242424242424242', { expiry: '1320' }, 'expiry-error', 'invalid_expiry_month'],
      ['4242424242424242', { expiry: '1220' }, 'expiry-error', 'invalid_expiry_year_past'],
      ['4242424242424242', { cvc: '12' }, 'cvc-error', 'incomplete_cvc'],
    ])('%s %j is not sent', async (number, rest, field, code) => {
      await open('/card', await create());
      await fill(number, rest);
      await submit();
      expect((await result()).error).toMatchObject({ type: 'validation_error', code });
      expect(await page.getByTestId(field).textContent()).not.toBe('');
    });

    test('a declined card can be followed by another on the same intent', async () => {
      const intent = await create();
      await open('/card', intent);
      await fill('4000000000009995');
      await submit();
      expect((await result()).error).toMatchObject({
        type: 'card_error',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        message: 'Your card has insufficient funds.',
        payment_intent: { id: intent.id, status: 'requires_payment_method' },
      });
      await fill('4242424242424242');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });

    test('saves the card when the page asks for it', async () => {
      const customer = await f.stripe.customers.create({});
      await open('/card', await create({ customer: customer.id }), { save: '' });
      await fill('4242424242424242');
      await submit();
      await result();
      const { data } = await f.stripe.customers.listPaymentMethods(customer.id);
      expect(data.map(({ card }) => card?.last4)).toEqual(['4242']);
    });

    test('Enter in a field submits the form of the page', async () => {
      await open('/card', await create());
      await fill('4242424242424242');
      await page.getByLabel('Security code').press('Enter');
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });

    test('the page sees no card: the fields are no part of its document', async () => {
      await open('/card', await create());
      await fill('4242424242424242');
      expect(await page.evaluate("document.querySelectorAll('form input').length")).toBe(0);
      expect(await page.evaluate('document.forms[0].elements.length')).toBe(1);
    });

    test('works in three elements, too', async () => {
      await open('/split', await create());
      await fill('378282246310005', { cvc: '1234' });
      expect(await page.getByLabel('Card number').inputValue()).toBe('3782 822463 10005');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });
  });

  describe('3-D Secure', () => {
    test('is asked over the page, and reserves when it is completed', async () => {
      const intent = await create();
      await open('/card', intent);
      await fill('4000002760003184');
      await submit();
      await answer().getByTestId('challenge-complete').click();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture', next_action: null });
      expect(await page.getByTestId('challenge').count()).toBe(0);
    });

    test('that failed is an error with the intent, which can be tried again', async () => {
      const intent = await create();
      await open('/card', intent);
      await fill('4000002760003184');
      await submit();
      await answer().getByTestId('challenge-fail').click();
      expect((await result()).error).toMatchObject({
        code: 'payment_intent_authentication_failure',
        payment_intent: { id: intent.id, status: 'requires_payment_method' },
      });
      await fill('4242424242424242');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });

    test('completed with a card that is then declined is an error', async () => {
      await open('/card', await create());
      await fill('4000008260003178');
      await submit();
      await answer().getByTestId('challenge-complete').click();
      expect((await result()).error).toMatchObject({ type: 'card_error', decline_code: 'insufficient_funds' });
    });

    test('cannot be closed half-way, nor ended by a message of the page', async () => {
      const intent = await create();
      await open('/card', intent);
      await fill('4000002760003184');
      await submit();
      await answer().getByTestId('challenge-complete').waitFor();
      await page.keyboard.press('Escape');
      await page.evaluate(`window.postMessage({ type: 'challenge-ended', intent: '${intent.id}' }, '*')`);
      await answer().getByTestId('challenge-complete').click();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });
  });

  describe('the payment element', () => {
    test('goes to the return_url, with what Stripe appends', async () => {
      const intent = await create({ automatic_payment_methods: { enabled: true } });
      await open('/payment', intent);
      await fill('4242424242424242');
      await submit();
      await page.waitForURL(`${pages.url}/return?*`);
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
        order: '7',
        payment_intent: intent.id,
        payment_intent_client_secret: intent.client_secret,
        redirect_status: 'succeeded',
      });
    });

    test('keeps the return_url out of the frame of 3-D Secure', async () => {
      const intent = await create({ automatic_payment_methods: { enabled: true } });
      await open('/payment', intent);
      await fill('4000002760003184');
      await submit();
      await answer().getByTestId('challenge-complete').click();
      await page.waitForURL(`${pages.url}/return?*`);
      expect(await statusOf(intent)).toBe('requires_capture');
    });

    test('stays when a redirect is not required', async () => {
      await open('/payment', await create(), { stay: '' });
      await fill('4242424242424242');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
      expect(page.url()).toContain('/payment');
    });

    test('stays on a decline, and shows it beside the field', async () => {
      await open('/payment', await create());
      await fill('4000000000000002');
      await submit();
      expect((await result()).error).toMatchObject({ code: 'card_declined', decline_code: 'generic_decline' });
      expect(await page.getByTestId('number-error').textContent()).toBe('Your card was declined.');
      await fill('4000000000000127');
      await submit();
      expect((await result()).error).toMatchObject({ code: 'incorrect_cvc' });
      expect(await page.getByTestId('cvc-error').textContent()).toBe("Your card's security code is incorrect.");
    });

    test('without an intent at first: submit, then confirm', async () => {
      await open('/deferred', await create(), { amount: '2500', submit: '' });
      await fill('4242424242424242');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ status: 'requires_capture' });
    });

    test.each([
      [{ amount: '2500' }, { thrown: expect.stringContaining('elements.submit() must be called') }],
      [{ amount: '2400', submit: '' }, { error: expect.objectContaining({ type: 'invalid_request_error' }) }],
    ])('without an intent at first: %j is refused', async (query, refused) => {
      const intent = await create();
      await open('/deferred', intent, query);
      await fill('4242424242424242');
      await submit();
      expect(await result()).toEqual(refused);
      expect(await statusOf(intent)).toBe('requires_payment_method');
    });
  });

  describe('confirmed on the server', () => {
    test('with a payment method that the page made', async () => {
      await open('/action', await create(), { method: '' });
      await fill('4242424242424242');
      await submit();
      const { paymentMethod } = await result();
      expect(paymentMethod).toMatchObject({ type: 'card', card: { last4: '4242' } });
      const intent = await create({ payment_method: String(paymentMethod?.id), confirm: true });
      expect(intent.status).toBe('requires_capture');
    });

    const asking = { payment_method: 'pm_card_authenticationRequired', confirm: true } as const;

    test('what is left to do is shown over the page', async () => {
      const intent = await create({ ...asking, use_stripe_sdk: true });
      await open('/action', intent);
      await submit();
      await answer().getByTestId('challenge-complete').click();
      expect((await result()).paymentIntent).toMatchObject({ id: intent.id, status: 'requires_capture' });
    });

    test('or at the bank, and back', async () => {
      const intent = await create({ ...asking, return_url: `${pages.url}/return` });
      await open('/action', intent);
      await submit();
      await page.getByTestId('challenge-complete').click();
      await page.waitForURL(`${pages.url}/return?*`);
      expect(await statusOf(intent)).toBe('requires_capture');
    });

    test('nothing to do is an error', async () => {
      await open('/action', await create());
      await submit();
      expect((await result()).error).toMatchObject({ code: 'payment_intent_unexpected_state' });
    });
  });

  describe('the rest', () => {
    const call = async (expression: string): Promise<Result> => page.evaluate(expression);

    test('a named card, and the intent as it stands', async () => {
      const intent = await create();
      await open('/card', intent);
      await call("stripe.confirmCardPayment(clientSecret, { payment_method: 'pm_card_visa' })");
      const { paymentIntent } = await call('stripe.retrievePaymentIntent(clientSecret)');
      expect(paymentIntent).toMatchObject({ id: intent.id, status: 'requires_capture' });
    });

    test('a wrong secret is an error, not a rejection', async () => {
      await open('/card', await create());
      const { error } = await call("stripe.retrievePaymentIntent(clientSecret + 'x')");
      expect(error).toMatchObject({ type: 'invalid_request_error' });
    });

    test('a sandbox that is gone is an error, not a rejection', async () => {
      await open('/card', await create());
      await page.route('**/v1/**', (route) => route.abort());
      const { error } = await call('stripe.retrievePaymentIntent(clientSecret)');
      expect(error).toMatchObject({ type: 'api_connection_error' });
    });

    test('redirectToCheckout leads to the page of the session', async () => {
      const session = await f.stripe.checkout.sessions.create({
        mode: 'payment',
        success_url: `${pages.url}/return`,
        line_items: [
          { quantity: 1, price_data: { currency: 'eur', unit_amount: 900, product_data: { name: 'Tour' } } },
        ],
      });
      await open('/card', await create());
      await page.evaluate(`void stripe.redirectToCheckout({ sessionId: '${session.id}' })`);
      await page.waitForURL(`${f.sandbox.url}/c/pay/${session.id}`);
    });

    test.each([
      "Stripe('sk_test_holdfast')",
      "Stripe('')",
      "stripe.elements().create('iban')",
      "stripe.elements().create('payment')",
      "stripe.elements().create('card').mount('#nowhere')",
      "stripe.confirmCardPayment('pi_1')",
      'stripe.confirmPayment({ clientSecret })',
      "stripe.confirmCardPayment(clientSecret, { payment_method: { card: stripe.elements().create('card') } })",
    ])('%s is an error of the programmer', async (expression) => {
      await open('/card', await create());
      const name = await page.evaluate(`(async () => ${expression})().then(() => 'nothing', (error) => error.name)`);
      expect(name).toBe('IntegrationError');
    });

    test('a publishable key may not do what is for servers, also from a page', async () => {
      await open('/card', await create());
      const init = "{ method: 'POST', headers: { Authorization: 'Bearer pk_test_holdfast' } }";
      const url = `${f.sandbox.url}/v1/payment_intents`;
      expect(await page.evaluate(`fetch('${url}', ${init}).then(({ status }) => status)`)).toBe(403);
    });

    test('the script leaves one name behind', async () => {
      await page.goto(`${pages.url}/return`);
      const names = await page.evaluate(
        "Object.keys(window).filter((name) => ['Stripe', 'Elements', 'Api', 'CARD_FIELDS', 'SANDBOX'].includes(name))",
      );
      expect(names).toEqual(['Stripe']);
    });
  });
});
