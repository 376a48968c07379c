import { startSandbox } from '../../apps/stripe-sandbox/index.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCheckedSandbox, TypeWatch } from '../support/stripe-types/checked-sandbox.js';
import { StripeTypes } from '../support/stripe-types/stripe-types.js';
import { clientOf, openReceiver, openSandbox, type Fixture } from './sandbox.fixture.js';

/**
 * The controls of the check that every test of the sandbox runs under: it has to reject. What is broken here is written
 * down by hand, from Stripe's reference, so that the schemas do not vouch for themselves.
 */
let types: StripeTypes;
let f: Fixture;
const objects: Record<string, Record<string, unknown>> = {};

beforeAll(async () => {
  types = await StripeTypes.load();
  f = await openSandbox();
  const { stripe } = f;
  const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
  const intent = await stripe.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    customer,
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    setup_future_usage: 'on_session',
  });
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100, reason: 'duplicate' });
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Ticket' } } }],
  });
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/',
    enabled_events: ['charge.expired'],
  });
  const dispute = await f.control<{ id: string }>('POST', 'disputes', { payment_intent: intent.id });
  const setup = await stripe.setupIntents.create({ customer });
  const gone = await stripe.customers.create();
  await stripe.customers.del(gone.id);
  const read = async (path: string) => {
    const response = await fetch(`${f.sandbox.url}/v1/${path}`, {
      headers: { authorization: 'Bearer sk_test_holdfast' },
    });
    return (await response.json()) as Record<string, unknown>;
  };
  Object.assign(objects, {
    account: await read('account'),
    charge: await read(`charges/${intent.latest_charge as string}`),
    'checkout.session': await read(`checkout/sessions/${session.id}`),
    customer: await read(`customers/${customer}`),
    'deleted customer': await read(`customers/${gone.id}`),
    dispute: await read(`disputes/${dispute.id}`),
    event: ((await read('events?type=payment_intent.succeeded'))['data'] as unknown[])[0],
    item: ((await read(`checkout/sessions/${session.id}/line_items`))['data'] as unknown[])[0],
    payment_intent: await read(`payment_intents/${intent.id}`),
    payment_method: await read(`payment_methods/${intent.payment_method as string}`),
    refund: await read(`refunds/${refund.id}`),
    setup_intent: await read(`setup_intents/${setup.id}`),
    webhook_endpoint: await read(`webhook_endpoints/${endpoint.id}`),
  });
});
afterAll(() => f.sandbox.close());

/** The object with one member changed; `undefined` takes it away. */
function broken(name: string, path: string, value: unknown): object {
  const copy = structuredClone(objects[name] ?? {});
  const names = path.split('.');
  const last = names.pop() ?? '';
  const owner = names.reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, copy);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return copy;
}

/** Per object: a required member, one of a type, one whose literals are listed, one that is never null. */
const CONTROLS: [name: string, required: string, typed: string, literal: string, neverNull: string][] = [
  ['account', 'charges_enabled', 'payouts_enabled', 'object', 'id'],
  ['charge', 'captured', 'amount_captured', 'status', 'billing_details'],
  ['checkout.session', 'payment_intent', 'amount_total', 'payment_status', 'created'],
  ['customer', 'email', 'created', 'tax_exempt', 'metadata'],
  ['deleted customer', 'id', 'id', 'object', 'id'],
  ['dispute', 'reason', 'amount', 'status', 'evidence'],
  ['event', 'pending_webhooks', 'created', 'type', 'data'],
  ['item', 'quantity', 'amount_total', 'object', 'currency'],
  ['payment_intent', 'client_secret', 'amount', 'status', 'currency'],
  ['payment_method', 'billing_details', 'created', 'type', 'livemode'],
  ['refund', 'payment_intent', 'amount', 'reason', 'currency'],
  ['setup_intent', 'client_secret', 'created', 'status', 'payment_method_types'],
  ['webhook_endpoint', 'url', 'created', 'object', 'enabled_events'],
];

describe.each(CONTROLS)('%s', (name, required, typed, literal, neverNull) => {
  test('is accepted as the sandbox answers it', () => {
    expect(types.ofObject(objects[name])).toEqual([]);
  });

  test.each([
    [`without ${required}`, required, undefined],
    [`with an object as ${typed}`, typed, { is: 'wrong' }],
    ['with an unknown member', 'colour', 'red'],
    [`with another literal as ${literal}`, literal, 'something_else'],
    [`with null as ${neverNull}`, neverNull, null],
  ])('is rejected %s', (_title, path, value) => {
    const violations = types.ofObject(broken(name, path, value));
    expect(violations).not.toEqual([]);
    // These two say what kind of thing it is: it is none, or all of it is wrong.
    if (path !== 'object' && path !== 'type')
      expect(violations.map((violation) => violation.path).join()).toContain(path);
  });
});

describe('what is inside', () => {
  test.each([
    ['payment_intent', 'automatic_payment_methods.allow_redirects', 'sometimes'],
    ['payment_intent', 'metadata.count', 7],
    ['charge', 'payment_method_details.card.capture_before', 'tomorrow'],
    ['charge', 'outcome.colour', 'red'],
    ['payment_method', 'card.brand', undefined],
    ['event', 'data.object.status', 'paid'],
    ['event', 'data.object.amount', undefined],
    ['event', 'data.object', { id: 'cus_1', object: 'customer', deleted: true }],
    ['item', 'price.unit_amount_decimal', 5],
    ['customer', 'deleted', false],
  ])('of a %s is looked at: %s', (name, path, value) => {
    expect(types.ofObject(objects[name])).toEqual([]);
    expect(types.ofObject(broken(name, path, value))).not.toEqual([]);
  });

  test.each([
    ['a list without has_more', 200, { object: 'list', data: [], url: '/v1/refunds' }],
    ['a list of something else', 200, { object: 'list', data: [{ object: 'account' }], has_more: false, url: '/' }],
    ['an error of no known type', 400, { error: { type: 'bad_request', message: 'no' } }],
    ['an error that says nothing', 400, { error: { type: 'invalid_request_error' } }],
    ['another kind than the endpoint has', 200, { id: 'cus_1', object: 'customer', deleted: true }],
    ['a kind that Stripe does not have', 200, { id: 'x', object: 'basket' }],
  ])('an answer is rejected: %s', (_title, status, body) => {
    const answer = { status, body: JSON.stringify(body), key: 'secret', answers: 'refund' } as const;
    expect(types.ofAnswer(answer)).not.toEqual([]);
  });
});

test('a sandbox that answers otherwise fails when it is closed, and says where', async () => {
  const sandbox = await startCheckedSandbox({
    webhookEndpoints: [
      { url: 'http://127.0.0.1:9/', secret: 'whsec_x', enabledEvents: ['charge.*', 7 as unknown as string] },
    ],
  });
  await fetch(`${sandbox.url}/v1/webhook_endpoints`, { headers: { authorization: 'Bearer sk_test_holdfast' } });
  await expect(sandbox.close()).rejects.toThrow(
    /GET \/v1\/webhook_endpoints: list\.data\[0\]\.enabled_events\[1\] is 7, /,
  );
});

test('what goes to webhook endpoints is looked at as it is sent, and fails alike', async () => {
  const delivered: string[] = [];
  const receiver = await openReceiver();
  const sandbox = await startSandbox({
    webhookEndpoints: [{ url: receiver.url, secret: 'whsec_x' }],
    observer: { answered: () => undefined, delivered: (body) => delivered.push(body) },
  });
  await clientOf(sandbox, 'sk_test_holdfast').customers.create();
  await receiver.until(1);
  expect(delivered).toEqual(receiver.received.map(({ body }) => body));
  await sandbox.close();
  await receiver.close();

  const watch = new TypeWatch(types);
  watch.delivered(delivered[0] ?? '');
  watch.expectNothing();
  watch.delivered((delivered[0] ?? '').replace('"email": null', '"email": 7'));
  expect(() => watch.expectNothing()).toThrow('webhook: event.data.object.email is 7');
});
