import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type Stripe from 'stripe';
import { describeInBrowser, openBrowser, openPage } from '../support/browser.js';
import { openSandbox, type Fixture } from '../sandbox/sandbox.fixture.js';
import { servePages } from './stripe-js.pages.js';

/** The pages of Stripe's documentation that the other file does not have: quick-start, saving, deferred intents. */
let f: Fixture;
let pages: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
let page: Page;

interface Intent {
  readonly id: string;
  readonly client_secret: string | null;
}

const create = (params: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  f.stripe.paymentIntents.create({ amount: 2500, currency: 'eur', capture_method: 'manual', ...params });

async function open(path: string, intent: Intent | null, query: Record<string, string> = {}): Promise<void> {
  const search = new URLSearchParams({ secret: intent?.client_secret ?? '', ...query });
  await page.goto(`${pages.url}${path}?${search.toString()}`);
}

async function fill(number: string): Promise<void> {
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiration date').fill('1234');
  await page.getByLabel('Security code').fill('123');
}

const submit = () => page.getByRole('button', { name: 'Pay' }).click();
const challenge = () => page.getByTestId('challenge').locator('iframe').contentFrame();
const data = (name: string) => page.evaluate(`document.body.dataset.${name}`);

interface Result {
  readonly paymentIntent?: Record<string, unknown>;
  readonly setupIntent?: Record<string, unknown>;
  readonly paymentMethod?: Record<string, unknown>;
  readonly error?: Record<string, unknown>;
  readonly thrown?: string;
}

async function result(): Promise<Result> {
  await page.waitForFunction("document.querySelector('#result').textContent !== ''");
  return JSON.parse((await page.locator('#result').textContent()) ?? '') as Result;
}

describeInBrowser('pages as Stripe documents them', () => {
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

  describe('the quick-start', () => {
    test('with an e-mail address, an appearance, fonts, events, and wallets that nobody has', async () => {
      const intent = await create();
      await open('/quickstart', intent);
      await page.getByLabel('Email').fill('jenny@example.com');
      await fill('4242424242424242');
      await page.getByLabel('Security code').press('Escape');
      expect(await data('email')).toBe('jenny@example.com');
      expect(await data('wallets')).toBe('undefined');
      expect(await data('seen')).toMatch(/^loaderstart:payment ready:payment focus:payment .*escape:payment/);
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ id: intent.id, status: 'requires_capture' });
      const paid = await f.stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
      expect(paid.receipt_email).toBe('jenny@example.com');
      expect((paid.latest_charge as Stripe.Charge).billing_details.email).toBe('jenny@example.com');
    });

    test('a wrong address is said beside its field, and nothing is sent', async () => {
      const intent = await create();
      await open('/quickstart', intent, { email: 'jenny' });
      await fill('4242424242424242');
      await submit();
      expect((await result()).error).toMatchObject({ type: 'validation_error', code: 'invalid_email' });
      expect(await page.getByTestId('email-error').textContent()).toBe('Your email address is invalid.');
      expect((await f.stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_payment_method');
    });

    test('the appearance reaches the fields', async () => {
      await open('/quickstart', await create());
      const style = await page.evaluate(`(() => {
        const input = document.querySelector('#payment > div').shadowRoot.querySelector('input');
        const { backgroundColor, color, borderRadius } = getComputedStyle(input);
        return { backgroundColor, color, borderRadius };
      })()`);
      expect(style).toEqual({ backgroundColor: 'rgb(34, 37, 47)', color: 'rgb(244, 245, 248)', borderRadius: '0px' });
    });
  });

  describe('a bank that takes its time', () => {
    test('is processing, not an error; the return address says pending', async () => {
      const intent = await create();
      await open('/payment', intent);
      await fill('4000000000006009');
      await submit();
      await page.waitForURL(`${pages.url}/return?*`);
      expect(new URL(page.url()).searchParams.get('redirect_status')).toBe('pending');
      const waiting = await create();
      await open('/payment', waiting, { stay: '' });
      await fill('4000000000006009');
      await submit();
      expect((await result()).paymentIntent).toMatchObject({ id: waiting.id, status: 'processing' });
    });
  });

  describe('saving a card without a payment', () => {
    const setup = async () => {
      const { id: customer } = await f.stripe.customers.create();
      return { customer, intent: await f.stripe.setupIntents.create({ customer, metadata: { secret: 'ours' } }) };
    };
    const saved = async (customer: string) => (await f.stripe.customers.listPaymentMethods(customer)).data.length;

    test('the payment element: confirmSetup, and back at the return address', async () => {
      const { customer, intent } = await setup();
      await open('/setup', intent);
      await fill('4242424242424242');
      await submit();
      await page.waitForURL(`${pages.url}/return?*`);
      const { searchParams } = new URL(page.url());
      expect(searchParams.get('setup_intent')).toBe(intent.id);
      expect(searchParams.get('redirect_status')).toBe('succeeded');
      expect(await saved(customer)).toBe(1);
    });

    test.each(['complete', 'fail'])('3-D Secure over the page: %s', async (outcome) => {
      const { customer, intent } = await setup();
      await open('/setup', intent, { stay: '' });
      await fill('4000002500003155');
      await submit();
      await challenge().getByTestId(`challenge-${outcome}`).click();
      const { setupIntent, error } = await result();
      if (outcome === 'complete') expect(setupIntent).toMatchObject({ id: intent.id, status: 'succeeded' });
      else
        expect(error).toMatchObject({ code: 'setup_intent_authentication_failure', setup_intent: { id: intent.id } });
      expect(await saved(customer)).toBe(outcome === 'complete' ? 1 : 0);
    });

    test('the card element: confirmCardSetup, after a decline that shows nothing of the customer', async () => {
      const { customer, intent } = await setup();
      const automatic = await f.stripe.setupIntents.create({
        customer,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { secret: 'ours' },
      });
      await open('/setup', automatic, { card: '' });
      await fill('4000000000000002');
      await submit();
      const refused = await result();
      expect(refused.error).toMatchObject({ code: 'card_declined', setup_intent: { id: automatic.id } });
      expect(JSON.stringify(refused)).not.toMatch(/ours|cus_|fingerprint/);
      await fill('4242424242424242');
      await submit();
      expect((await result()).setupIntent).toMatchObject({ id: automatic.id, status: 'succeeded' });
      expect(await saved(customer)).toBe(1);
      const { setupIntent } = await page.evaluate<Result>(
        `stripe.retrieveSetupIntent('${intent.client_secret ?? ''}')`,
      );
      expect(setupIntent).toMatchObject({ id: intent.id, status: 'requires_payment_method' });
      expect(setupIntent).not.toHaveProperty('customer');
    });
  });

  describe('the intent comes last', () => {
    test('a payment method of the elements, confirmed on the server', async () => {
      await open('/deferred-server', null);
      await fill('4242424242424242');
      await submit();
      const { paymentMethod } = await result();
      expect(paymentMethod).toMatchObject({ type: 'card', billing_details: { name: 'Jenny Rosen' } });
      const confirmed = await create({
        confirm: true,
        payment_method: String(paymentMethod?.['id']),
        return_url: `${pages.url}/return`,
      });
      expect(confirmed.status).toBe('requires_capture');
    });

    test('not before submit()', async () => {
      await open('/deferred-server', null, { unsubmitted: '' });
      await fill('4242424242424242');
      await submit();
      expect((await result()).thrown).toContain('elements.submit() must be called');
    });
  });

  describe('what is not built says so', () => {
    const call = (expression: string) => page.evaluate(expression);
    beforeEach(async () => {
      await open('/card', await create());
    });

    test.each([
      'createToken(card)',
      'createSource(card)',
      'confirmIdealPayment(clientSecret)',
      'createConfirmationToken({})',
    ])('stripe.%s answers with an error that names it', async (expression) => {
      const answer = (await call(`stripe.${expression}`)) as Result;
      expect(answer.error?.['message']).toContain(`stripe.${expression.split('(')[0]}() is not built in this sandbox`);
    });

    test('embedded Checkout throws, as there is nothing to mount', async () => {
      const message = await call('(async () => stripe.initEmbeddedCheckout({}))().catch((error) => error.message)');
      expect(message).toContain('stripe.initEmbeddedCheckout() is not built');
    });

    test('wallets are asked for, and are not there', async () => {
      const asked = `(async () => {
        const request = stripe.paymentRequest({ country: 'DE', currency: 'eur', total: { label: 'Tour', amount: 2500 } });
        request.on('paymentmethod', () => {});
        stripe.elements().create('paymentRequestButton', { paymentRequest: request }).mount('#card');
        return request.canMakePayment();
      })()`;
      expect(await call(asked)).toBeNull();
    });

    test('removed options throw (facts §1.18)', async () => {
      const options = "{ mode: 'payment', amount: 100, currency: 'eur', paymentMethodTypes: ['card'] }";
      expect(await call(`(async () => stripe.elements(${options}))().catch((error) => error.message)`)).toContain(
        'Use allowedPaymentMethodTypes',
      );
    });

    test('what the wrapper for React looks for is there', async () => {
      const names = [
        'elements',
        'createToken',
        'createPaymentMethod',
        'confirmCardPayment',
        'registerAppInfo',
        '_registerWrapper',
      ];
      const kinds = await call(`${JSON.stringify(names)}.map((name) => typeof stripe[name])`);
      expect(new Set(kinds as string[])).toEqual(new Set(['function']));
    });

    test('the payment method of old: createPaymentMethod("card", element, data)', async () => {
      await fill('4242424242424242');
      const made = (await call(
        "stripe.createPaymentMethod('card', card, { billing_details: { name: 'Ada' } })",
      )) as Result;
      expect(made.paymentMethod).toMatchObject({ type: 'card', billing_details: { name: 'Ada' } });
    });
  });
});
