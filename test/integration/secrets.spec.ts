import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import Stripe from 'stripe';
import type { Sandbox } from '../../apps/stripe-sandbox/index.js';
import { build, type Build } from '../e2e/started.js';
import { ApiClient, type Answer } from '../support/api-client.js';
import { createTestDatabase } from '../support/database.js';
import { freePort } from '../support/free-ports.js';
import { EVERY_TRY, secretOf } from '../support/payment-steps.js';
import { Programs } from '../support/programs.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { SecretSearch } from '../support/secret-search.js';
import { startCheckedSandbox } from '../support/stripe-types/checked-sandbox.js';

const CARD = '4242424242424242';
const random = () => randomBytes(18).toString('base64url').replaceAll(/[-_]/g, 'x');

/** Each is found nowhere else on earth. */
const SECRETS = {
  STRIPE_SECRET_KEY: `sk_test_${random()}`,
  STRIPE_WEBHOOK_SECRET: `whsec_${random()}`,
  OPERATOR_KEY: `operator-${random()}`,
  HOLDFAST_SECRETS: `first:${randomBytes(32).toString('base64')}`,
  'the database’s password': `password${random()}`,
};
/** Not secret, and written where it should be found: in the log, in the database, in an answer. */
const MARKER = `marker-${random()}`;

let house: Build;
let sandbox: Sandbox;
let controls: SandboxControls;
let database: pg.Pool;
let programs: Programs;
let api: ApiClient;
let dropDatabase: () => Promise<void>;
let metrics = '';
/** The bodies of everything that was refused. */
let refusals = '';
const secrets = new SecretSearch();

beforeAll(async () => {
  house = await build();
  const { url, drop } = await createTestDatabase();
  dropDatabase = drop;
  database = new pg.Pool({ connectionString: url, max: 4 });
  database.on('error', () => undefined);
  const port = await freePort();
  const endpoint = { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret: SECRETS.STRIPE_WEBHOOK_SECRET };
  sandbox = await startCheckedSandbox({
    ...{ webhookEndpoints: [endpoint], secretKey: SECRETS.STRIPE_SECRET_KEY, publishableKey: 'pk_test_holdfast' },
  });
  controls = new SandboxControls(sandbox.url);
  programs = new Programs(house.folder, {
    DATABASE_URL: url.replace('holdfast@', `holdfast:${SECRETS['the database’s password']}@`),
    ...{ PORT: String(port), STRIPE_API_BASE: sandbox.url, STRIPE_PUBLISHABLE_KEY: 'pk_test_holdfast' },
    ...{ STRIPE_SECRET_KEY: SECRETS.STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET: SECRETS.STRIPE_WEBHOOK_SECRET },
    ...{ OPERATOR_KEY: SECRETS.OPERATOR_KEY, HOLDFAST_SECRETS: SECRETS.HOLDFAST_SECRETS, LOG_LEVEL: 'trace' },
  });
  await programs.start('api');
  await programs.start('worker');
  for (const [name, secret] of Object.entries(SECRETS)) secrets.learn(name, secret.replace('first:', ''));
  secrets.learn('a card’s number', CARD);
  api = new ApiClient(`http://127.0.0.1:${port}`, await newPartner());
  await journey();
  metrics = (await api.as(SECRETS.OPERATOR_KEY).get('/metrics')).text;
  await programs.said(`${MARKER}-last`);
  await programs.stop();
});
afterAll(async () => {
  await programs.stop();
  await database.end();
  await dropDatabase();
  house.remove();
  await sandbox.close();
});

/** What the command prints is for its caller, and is the one place where a key is shown. */
async function newPartner(): Promise<string> {
  const { stdout } = await programs.run('partners', ['create', '--name', MARKER, '--json']);
  const { partnerId, key } = JSON.parse(stdout) as { partnerId: string; key: string };
  secrets.learn('a partner key', key);
  await programs.run('partners', ['set', partnerId, '--return-host', 'shop.example']);
  return key;
}

/** Keeps what was refused, and learns what is secret in what was not. */
function heard(where: string, answer: Answer): Answer {
  if (answer.status >= 400) refusals += answer.text;
  else secrets.learnFrom(where, answer.body);
  return answer;
}

async function journey(): Promise<void> {
  const accountId = await api.createAccount(MARKER);
  const minted = heard(
    'a token',
    await api.post(`/v1/accounts/${accountId}/tokens`, {}, { 'Idempotency-Key': 'mint' }),
  );
  heard('its replay', await api.post(`/v1/accounts/${accountId}/tokens`, {}, { 'Idempotency-Key': 'mint' }));
  const token = api.as(minted.body.token as string);
  await paid(accountId);
  await oneClick(accountId, token);
  await refused(accountId, token);
  await misplaced(minted.body.token as string);
  await planted(accountId);
  await faults(accountId);
  await broken(accountId);
  await webhooks();
  await everyExample();
  await api.get(`/v1/orders/${MARKER}-last`);
}

/** Both procedures, to the end. */
async function paid(accountId: string): Promise<void> {
  const number = await api.placeOrder({ accountId, metadata: { note: MARKER } });
  const answer = heard('init', await api.init(number, { savePaymentMethod: true }));
  await controls.confirm(secretOf(answer));
  await api.orderIn(number, 'Fulfilled');
  const page = await api.placeOrder({ accountId, items: [{}, { fulfiller: 'manual' }] });
  const urls = { successUrl: 'https://shop.example/ok', errorUrl: 'https://shop.example/no' };
  const { body } = heard('the hosted page', await api.init(page, { createCheckoutSession: true, ...urls }));
  await controls.payHostedPage(body.initPaymentData.checkoutUrl as string, CARD);
  await api.orderIn(page, 'InTransit');
  await api.put(`/v1/orders/${page}/items/${page}-2/fulfillment`, { outcome: 'Failed' });
  await api.orderIn(page, 'PartiallyFulfilled');
}

async function oneClick(accountId: string, token: ApiClient): Promise<void> {
  const { body } = await token.get('/v1/accounts/me/payment-methods');
  const [card] = body.data as { id: string }[];
  const confirmed = await api.placeOrder({ accountId });
  heard('one click', await token.init(confirmed, { paymentMethodId: card?.id }));
  // Not the capture of the order before, which may be under way.
  const path = '^/v1/payment_intents(/[^/]+/confirm)?$';
  await controls.fault({ kind: 'decline', code: 'insufficient_funds', path });
  const declined = heard(
    'a declined click',
    await api.init(await api.placeOrder({ accountId }), { paymentMethodId: card?.id }),
  );
  if (declined.body.initPaymentData.result !== false) throw new Error('the card was not declined');
  await token.delete(`/v1/accounts/me/payment-methods/${card?.id}`);
}

async function refused(accountId: string, token: ApiClient): Promise<void> {
  const number = await api.placeOrder({ accountId });
  heard('403', await token.post(`/v1/orders/${number}/cancel`, {}));
  heard('404', await token.get('/v1/orders/26-1'));
  heard(
    '400',
    await api.post('/v1/orders', { accountId, currency: 'EUR', items: [{ sku: 7 }] }, { 'Idempotency-Key': 'k' }),
  );
  heard('409', await api.delete(`/v1/orders/${number}/payment/save-payment-method`));
  const other = new ApiClient(api.url, await newPartner());
  heard('another’s', await other.get(`/v1/orders/${number}`));
  // Almost a secret, as somebody mistypes it.
  heard('401', await api.get('/metrics'));
  heard('401', await api.as(`${SECRETS.OPERATOR_KEY}x`).get('/v1/orders'));
}

/** Secrets where they do not belong: whoever put them there must not find them in our log as well. */
async function misplaced(token: string): Promise<void> {
  const key = await newPartner();
  for (const secret of [key, token, SECRETS.STRIPE_SECRET_KEY, SECRETS.STRIPE_WEBHOOK_SECRET, CARD]) {
    await api.get(`/v1/orders?access_token=${secret}`);
    await api.get(`/v1/orders/${secret}`);
    await api.get(`/${secret}`);
    await api.call('/v1/orders', { headers: { 'X-Request-Id': secret.slice(0, 128) } });
    await api.call('/v1/orders', {
      headers: { Authorization: `Basic ${secret}`, Cookie: secret, 'User-Agent': secret },
    });
  }
}

/** What would be a line of its own if anything were written as it came. */
async function planted(accountId: string): Promise<void> {
  const line = '\r\n{"level":60,"time":1,"planted":true}\r\n';
  await api.get(`/v1/orders/${encodeURIComponent(line)}`);
  await api.get(`/${encodeURIComponent(line)}?${encodeURIComponent(line)}=${encodeURIComponent(line)}`);
  await api.placeOrder({ accountId, metadata: { [line]: line } });
  await api.post('/v1/accounts', { name: line, [line]: line });
  await api.as(encodeURIComponent(line)).get('/v1/orders');
}

async function faults(accountId: string): Promise<void> {
  for (const fault of [
    { kind: 'error', status: 500 },
    { kind: 'error', status: 401 },
    { kind: 'error', status: 403 },
    { kind: 'error', status: 400, code: 'parameter_invalid' },
    { kind: 'garbage' },
    { kind: 'drop_after' },
    { kind: 'rate_limit' },
  ]) {
    const number = await api.placeOrder({ accountId });
    await controls.fault({ ...fault, method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY });
    heard(`init with ${fault.kind}`, await api.init(number));
    await controls.clearFaults();
    heard(`init after ${fault.kind}`, await api.init(number));
    await controls.fault({ ...fault, times: EVERY_TRY });
    heard(`abandon with ${fault.kind}`, await api.delete(`/v1/orders/${number}/payment`));
    heard(`cancel with ${fault.kind}`, await api.post(`/v1/orders/${number}/cancel`, {}));
    await controls.clearFaults();
  }
}

/** A database that refuses what was to be written, and says what that was. */
async function broken(accountId: string): Promise<void> {
  const number = await api.placeOrder({ accountId });
  await database.query(`ALTER TABLE payments ADD CONSTRAINT planted CHECK (response IS NULL) NOT VALID`);
  await database.query(`ALTER TABLE accounts ADD CONSTRAINT planted CHECK (reference <> 'planted') NOT VALID`);
  await database.query(`ALTER TABLE partner_keys ADD CONSTRAINT planted CHECK (hint = '') NOT VALID`);
  await database.query(`ALTER TABLE idempotency_keys ADD CONSTRAINT planted CHECK (key <> 'planted') NOT VALID`);
  expect(heard('a broken init', await api.init(number)).status).toBe(500);
  expect(heard('a broken account', await api.post('/v1/accounts', { reference: 'planted' })).status).toBe(500);
  const mint = api.post(`/v1/accounts/${accountId}/tokens`, {}, { 'Idempotency-Key': 'planted' });
  expect(heard('a broken token', await mint).status).toBe(500);
  expect((await programs.run('partners', ['create', '--name', 'broken', '--json'])).code).toBe(1);
  for (const table of ['payments', 'accounts', 'partner_keys', 'idempotency_keys'])
    await database.query(`ALTER TABLE ${table} DROP CONSTRAINT planted`);
}

/** Events hold client secrets; signatures are secrets for as long as they are fresh. */
async function webhooks(): Promise<void> {
  const stripe = new Stripe(SECRETS.STRIPE_SECRET_KEY, { host: '127.0.0.1', port: sandbox.port, protocol: 'http' });
  const [event] = (await stripe.events.list({ type: 'payment_intent.created', limit: 1 })).data;
  const payload = JSON.stringify({ ...event, type: 'payment_intent.processing' });
  secrets.learnFrom('an event', event);
  for (const secret of [SECRETS.STRIPE_WEBHOOK_SECRET, `whsec_${random()}`]) {
    const signature = stripe.webhooks.generateTestHeaderString({ payload, secret });
    secrets.learn('a signature', /v1=(\w+)/.exec(signature)?.[1] ?? '');
    for (const body of [payload, `${payload} `, payload.slice(0, 100)]) {
      const sent = { method: 'POST', raw: body, headers: { 'Stripe-Signature': signature }, credential: null };
      heard('a webhook', await api.call('/webhooks/stripe', sent));
    }
  }
}

/** Every call that the document describes, with its own examples: what is built tomorrow is covered as well. */
async function everyExample(): Promise<void> {
  const { paths } = (await api.get('/openapi.json')).body as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: Record<string, { examples: Record<string, { value: unknown }> }> } }>
    >;
  };
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const examples = Object.values(
        requestBody?.content['application/json']?.examples ?? { none: { value: undefined } },
      );
      for (const { value: body } of examples) {
        const address = path.replaceAll(/\{\w+\}/g, '26-1');
        heard(
          `${method} ${path}`,
          await api.call(address, { method: method.toUpperCase(), ...(body !== undefined && { body }) }),
        );
      }
    }
  }
}

describe('secrets', () => {
  it('occurred: keys, tokens, client secrets, signatures, and those of the environment', () => {
    const kinds = [
      'a partner key',
      'token of a token',
      'clientSecret of init',
      'clientSecret of one click',
      'a signature',
    ];
    expect(secrets.names).toEqual(
      expect.arrayContaining([...kinds, ...Object.keys(SECRETS), 'client_secret of an event']),
    );
  });

  it('are in no line of the log of any program, at the most talkative level', () => {
    expect(/"level":20,.*"url":"\/v1\/orders\?access_token"/.test(programs.output)).toBe(true);
    expect(secrets.in('log', programs.output)).toEqual([]);
  });

  it('are in no answer that refuses something', () => {
    expect(refusals).toContain('internal-error');
    expect(secrets.in('refusals', refusals)).toEqual([]);
  });

  it('are in no metric', () => {
    expect(metrics).toContain('holdfast_http_request_duration_seconds');
    expect(secrets.in('metrics', metrics)).toEqual([]);
  });

  it('are in no column of any table, the jobs’ included', async () => {
    expect(await secrets.inDatabase(database)).toEqual([]);
  });

  it('would be found: what is not secret is, in the log, in every schema, and in whatever form (control)', async () => {
    const control = new SecretSearch();
    control.learn('the marker', MARKER);
    expect(control.in('log', programs.output)).not.toEqual([]);
    const tables = (await control.inDatabase(database)).map((found) => found.split(':')[0]);
    expect(tables).toEqual(expect.arrayContaining(['public.accounts', 'public.orders', 'public.partners']));
    const forms = [MARKER, encodeURIComponent(MARKER), Buffer.from(MARKER).toString('hex'), `{"a":"${MARKER}"}`];
    const inBase64 = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${MARKER}${MARKER}`).toString('base64'));
    for (const form of [...forms, ...inBase64]) expect(control.in('planted', `x${form}x`)).not.toEqual([]);
    await database.query(`UPDATE pgboss.job SET output = $1 WHERE id = (SELECT id FROM pgboss.job LIMIT 1)`, [
      JSON.stringify({ planted: `…${MARKER}…` }),
    ]);
    expect((await control.inDatabase(database)).filter((found) => found.startsWith('pgboss.'))).not.toEqual([]);
  });

  it('and the log is one JSON object a line, whatever was sent', () => {
    const lines = programs.output.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
      expect(JSON.parse(line)).not.toHaveProperty('planted');
    }
  });
});
