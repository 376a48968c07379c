import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, createDataSource, Database, readConfig } from '#platform';
import { StripeGateway } from '#stripe';
import { HANDLED_EVENTS } from '#webhooks';
import { runCommand } from '../../apps/stripe/command.js';
import { registerWebhook, RegistrationFailed } from '../../apps/stripe/register-webhook.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

const PINNED_VERSION = '2026-10-28.endive';
const ADDRESS = 'https://holdfast.example/webhooks/stripe';

describe('registering the webhook', () => {
  let holdfast: Holdfast;
  let gateway: StripeGateway;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    gateway = new StripeGateway(holdfast.config, new Database(createDataSource(holdfast.config)));
  });
  afterAll(() => holdfast.stop());

  it('registers exactly the handled events, in the pinned version, on a key of its own (S53)', async () => {
    const { id, secret, note } = await registerWebhook(gateway, 'sandbox', ADDRESS);

    expect(secret).toMatch(/^whsec_/);
    expect(note).toBeUndefined();
    const endpoint = await holdfast.stripe.webhookEndpoints.retrieve(id);
    expect(endpoint).toMatchObject({ url: ADDRESS, api_version: PINNED_VERSION, status: 'enabled' });
    expect([...endpoint.enabled_events].sort()).toEqual([...HANDLED_EVENTS].sort());
    expect(await holdfast.controls.writes('webhook_endpoints')).toMatchObject([
      { idempotencyKey: expect.stringMatching(/^webhook-\w{20}:register:1$/) },
    ]);
  });

  it('says which endpoints have the same address already', async () => {
    const address = 'https://holdfast.example/twice';
    const first = await registerWebhook(gateway, 'sandbox', address);
    const second = await registerWebhook(gateway, 'sandbox', address);
    expect(second.id).not.toBe(first.id);
    expect(second.note).toContain(first.id);
  });

  it('the events that are subscribed to are the ones that are needed, and none is ignored (S53)', async () => {
    const { api, controls, stripe } = holdfast;
    const { id } = await registerWebhook(gateway, 'sandbox', 'https://holdfast.example/contract');
    const subscribed = (await stripe.webhookEndpoints.retrieve(id)).enabled_events;
    const ours = (await stripe.webhookEndpoints.list()).data.find(({ url }) => url.startsWith(api.url))!;
    // From here on the service hears what a registered endpoint hears, and no more.
    await stripe.webhookEndpoints.update(ours.id, { enabled_events: subscribed as ['*'] });

    const byIntent = await api.placeOrder();
    const secret = (await api.init(byIntent)).body.initPaymentData.clientSecret as string;
    await controls.confirm(secret, 'pm_card_visa_chargeDeclined');
    const declined = (order: { payment: { declineCode?: string } }) => order.payment.declineCode !== undefined;
    await eventually(() => api.order(byIntent), declined);
    await controls.confirm(secret);
    const byCheckout = await api.placeOrder();
    const pages = { successUrl: 'https://shop.example/paid', errorUrl: 'https://shop.example/cart' };
    const init = await api.init(byCheckout, { createCheckoutSession: true, ...pages });
    await controls.payHostedPage(init.body.initPaymentData.checkoutUrl as string);
    const expiring = await api.placeOrder();
    await api.init(expiring, { createCheckoutSession: true, ...pages });

    await api.orderIn(byIntent, 'Fulfilled');
    await api.orderIn(byCheckout, 'Fulfilled');
    await controls.advance(25 * 3600);
    await api.orderIn(expiring, 'Placed');
    const results = String((await api.get('/metrics')).body).match(/^holdfast_stripe_webhooks_total.*$/gm) ?? [];
    expect(results.filter((line) => line.includes('result="processed"')).length).toBeGreaterThan(3);
    expect(results.filter((line) => line.includes('result="ignored"'))).toEqual([]);
  });

  it.each(['holdfast.example/webhooks', 'ftp://holdfast.example/', 'https://me:secret@holdfast.example/', ''])(
    'refuses the address %p before Stripe is asked',
    async (address) => {
      const before = await holdfast.controls.writes();
      await expect(registerWebhook(gateway, 'sandbox', address)).rejects.toThrow(RegistrationFailed);
      expect(await holdfast.controls.writes()).toEqual(before);
    },
  );

  it('takes https alone outside sandbox mode', async () => {
    await expect(registerWebhook(gateway, 'test', 'http://holdfast.example/')).rejects.toThrow(
      'absolute https address',
    );
  });

  it('says what to do when Stripe does not answer, and when it refuses', async () => {
    await holdfast.controls.fault({ method: 'POST', path: '/v1/webhook_endpoints', kind: 'drop_after', times: 2 });
    await expect(registerWebhook(gateway, 'sandbox', ADDRESS)).rejects.toThrow('its secret is lost');
    await holdfast.controls.clearFaults();
    await holdfast.controls.fault({ method: 'POST', path: '/v1/webhook_endpoints', kind: 'error', status: 400 });
    await expect(registerWebhook(gateway, 'sandbox', ADDRESS)).rejects.toThrow('Stripe refused: ');
  });

  it('prints id and secret of what it registered', async () => {
    const { code, out } = await command('register-webhook', '--url', 'https://holdfast.example/printed', '--json');
    expect(code).toBe(0);
    const { id, secret } = JSON.parse(out) as { id: string; secret: string };
    expect(await holdfast.stripe.webhookEndpoints.retrieve(id)).toMatchObject({
      url: 'https://holdfast.example/printed',
    });
    expect(secret).toMatch(/^whsec_/);
  });

  it.each(['', 'register-webhook', 'register-webhook --url', `remove --url ${ADDRESS}`, '--what'])(
    'answers "%s" with its usage and exit code 1',
    async (line) => {
      const before = await holdfast.controls.writes();
      const { code, errors } = await command(...line.split(' ').filter((argument) => argument !== ''));
      expect(code).toBe(1);
      expect(errors).toContain('npm run stripe -- register-webhook --url URL');
      expect(await holdfast.controls.writes()).toEqual(before);
    },
  );

  it('needs no signing secret in its environment, which the service does', () => {
    const environment = {
      STRIPE_SECRET_KEY: 'sk_test_abc',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_abc',
      OPERATOR_KEY: 'operator',
      HOLDFAST_SECRETS: `a:${Buffer.alloc(32).toString('base64')}`,
    };
    expect(readConfig(environment, ['STRIPE_WEBHOOK_SECRET']).stripe.secretKey).toBe('sk_test_abc');
    expect(() => readConfig(environment)).toThrow(ConfigError);
    expect(() => readConfig(environment)).toThrow('STRIPE_WEBHOOK_SECRET is required in test mode');
  });

  async function command(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
    const said = { out: '', errors: '' };
    const terminal = { log: (text: string) => (said.out += text), error: (text: string) => (said.errors += text) };
    return { code: await runCommand(args, () => holdfast.config, terminal), ...said };
  }
});
