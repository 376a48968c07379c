import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, EVERY_TRY, intentIdOf, pageOf, secretOf } from '../support/payment-steps.js';

const EMAIL = 'ada@example.com';

interface Card {
  readonly id: string;
  readonly card: { brand: string; last4: string; expMonth: number; expYear: number };
}

let holdfast: Holdfast;
beforeAll(async () => {
  holdfast = await Holdfast.start();
});
afterAll(() => holdfast.stop());
afterEach(() => holdfast.controls.heal());

async function account(api: ApiClient = holdfast.api, body: object = {}): Promise<string> {
  return (await api.post('/v1/accounts', body)).body.accountId as string;
}

/** Pays an order with a card that is saved. */
async function save(accountId: string, api: ApiClient = holdfast.api, card = 'pm_card_visa'): Promise<void> {
  const number = await api.placeOrder({ accountId });
  await holdfast.controls.confirm(secretOf(await api.init(number, { savePaymentMethod: true })), card);
  await api.orderIn(number, 'Fulfilled');
  await holdfast.settled();
}

async function cards(accountId: string, api: ApiClient = holdfast.api): Promise<Card[]> {
  return (await api.get(`/v1/accounts/${accountId}/payment-methods`)).body.data as Card[];
}

/** The customers at Stripe that an account has, the deleted ones not. */
async function customersOf(accountId: string): Promise<string[]> {
  const { data } = await holdfast.stripe.customers.list({ limit: 100 });
  return data.filter(({ metadata }) => metadata.accountId === accountId).map(({ id }) => id);
}

async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = (await holdfast.controls.requests()).length;
  await work();
  return (await holdfast.controls.requests())
    .slice(before)
    .map(({ method, path, params }) => `${method} ${path}${'email' in params ? ' by e-mail' : ''}`);
}

describe('an account’s customer at Stripe is bound by our id and never by an e-mail address (S56)', () => {
  it('two accounts of one partner, and one of another’s, with the same address share no customer and no card', async () => {
    const other = holdfast.api.as((await holdfast.createPartner()).key);
    const [mine, twin] = [await account(holdfast.api, { email: EMAIL }), await account(holdfast.api, { email: EMAIL })];
    const theirs = await account(other, { email: EMAIL });
    await save(mine);
    for (const [accountId, api] of [
      [twin, holdfast.api],
      [theirs, other],
    ] as const) {
      expect(await cards(accountId, api)).toEqual([]);
      await api.init(await api.placeOrder({ accountId }));
      expect(await cards(accountId, api)).toEqual([]);
    }
    const customers = await Promise.all([mine, twin, theirs].map(customersOf));
    expect(customers.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(new Set(customers.flat()).size).toBe(3);
    expect(await cards(mine)).toHaveLength(1);
  });

  it('a customer that Stripe already has under the address is not touched, and its card pays nothing here', async () => {
    const { stripe, api } = holdfast;
    const known = await stripe.customers.create({ email: EMAIL, name: 'Ada' });
    const card = await stripe.paymentMethods.attach('pm_card_amex', { customer: known.id });
    const accountId = await account(api, { email: EMAIL, name: 'Ada' });
    const number = await api.placeOrder({ accountId });
    const asked = await requestsOf(async () => {
      expect((await api.init(number, { paymentMethodId: card.id })).status).toBe(404);
      await api.init(number);
      expect(await cards(accountId)).toEqual([]);
      expect((await api.delete(`/v1/accounts/${accountId}/payment-methods/${card.id}`)).status).toBe(404);
    });
    const [own = ''] = await customersOf(accountId);
    expect(own).not.toBe(known.id);
    // Nobody is looked for: neither by a search nor by a list, and no address is sent.
    expect(asked.filter((request) => /search|by e-mail|GET \/v1\/customers$/.test(request))).toEqual([]);
    expect(asked.filter((request) => request.includes(known.id))).toEqual([]);
    expect((await stripe.customers.listPaymentMethods(known.id)).data).toHaveLength(1);
  });

  it('metadata that names another account makes a stranger’s customer nobody’s', async () => {
    const accountId = await account();
    const planted = await holdfast.stripe.customers.create({ email: EMAIL, metadata: { accountId } });
    await holdfast.stripe.paymentMethods.attach('pm_card_amex', { customer: planted.id });
    await holdfast.settled();
    expect(await cards(accountId)).toEqual([]);
    await save(accountId);
    expect((await cards(accountId)).map(({ card }) => card.brand)).toEqual(['visa']);
  });

  it('however many first payments start at once, of whatever kind, and with answers lost: one customer', async () => {
    const { api, controls } = holdfast;
    const accountId = await account(api, { email: EMAIL });
    const numbers = await Promise.all(Array.from({ length: 12 }, () => api.placeOrder({ accountId })));
    await controls.fault({ kind: 'drop_after', method: 'POST', path: '/v1/customers', times: 1 });
    const answers = await Promise.all(
      numbers.flatMap((number, n) => [1, 2, 3].map(() => api.init(number, n % 2 === 0 ? {} : CHECKOUT))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await customersOf(accountId)).toHaveLength(1);
    const [customer = ''] = await customersOf(accountId);
    expect((await holdfast.stripe.paymentIntents.list({ customer, limit: 100 })).data).toHaveLength(6);
    expect((await holdfast.stripe.checkout.sessions.list({ customer, limit: 100 })).data).toHaveLength(6);
  });
});

describe('a customer that vanished at Stripe', () => {
  it('has no cards: they are no longer listed, cannot be removed or used, and nothing fails', async () => {
    const { api, stripe } = holdfast;
    const accountId = await account();
    await save(accountId);
    const [card] = await cards(accountId);
    await stripe.customers.del((await customersOf(accountId))[0] ?? '');
    await holdfast.settled();
    expect(await cards(accountId)).toEqual([]);
    expect((await api.delete(`/v1/accounts/${accountId}/payment-methods/${card?.id}`)).status).toBe(404);
    const number = await api.placeOrder({ accountId });
    expect((await api.init(number, { paymentMethodId: card?.id })).status).toBe(404);
    expect((await api.init(number)).status).toBe(200);
    expect(await customersOf(accountId)).toHaveLength(1);
  });

  it('is made anew once, however many payments find it gone at once, by any procedure', async () => {
    const { api, stripe, controls } = holdfast;
    const accountId = await account();
    await save(accountId);
    await controls.webhooks({ mode: 'hold' });
    await stripe.customers.del((await customersOf(accountId))[0] ?? '');
    const numbers = await Promise.all(Array.from({ length: 8 }, () => api.placeOrder({ accountId })));
    const made = async () =>
      (await controls.writes()).filter(({ path, replayed }) => path === '/v1/customers' && !replayed);
    const before = (await made()).length;
    const answers = await Promise.all(numbers.map((number, n) => api.init(number, n % 2 === 0 ? {} : CHECKOUT)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await customersOf(accountId)).toHaveLength(1);
    expect((await made()).slice(before).filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await cards(accountId)).toEqual([]);
  });

  it('under a one-click payment is made anew, and the lost card is not found', async () => {
    const { api, stripe, controls } = holdfast;
    const accountId = await account();
    await save(accountId);
    const [card] = await cards(accountId);
    await controls.webhooks({ mode: 'hold' });
    await stripe.customers.del((await customersOf(accountId))[0] ?? '');
    const number = await api.placeOrder({ accountId });
    const answer = await api.init(number, { paymentMethodId: card?.id });
    expect([answer.status, answer.body.code]).toEqual([404, 'payment-method-not-found']);
    expect((await api.order(number)).orderStatus).toBe('Placed');
    expect((await api.init(number)).status).toBe(200);
    expect(await customersOf(accountId)).toHaveLength(1);
    expect(await cards(accountId)).toEqual([]);
  });
});

describe('a customer that vanishes while the answer about a payment is unknown', () => {
  const PROCEDURES = [
    ['an intent', {}, '/v1/payment_intents'],
    ['a hosted page', CHECKOUT, '/v1/checkout/sessions'],
  ] as const;

  /** An order whose call was carried out, but not answered, for a customer whom Stripe and this service have forgotten. */
  async function unanswered(body: (card: Card) => object, path: string): Promise<string> {
    const { api, stripe, controls } = holdfast;
    const accountId = await account();
    await save(accountId);
    const [card] = await cards(accountId);
    await controls.webhooks({ mode: 'hold' });
    const number = await api.placeOrder({ accountId });
    await controls.fault({ kind: 'drop_after', method: 'POST', path, times: EVERY_TRY });
    expect((await api.init(number, body(card as Card))).status).toBe(503);
    await controls.clearFaults();
    await stripe.customers.del((await customersOf(accountId))[0] ?? '');
    expect((await api.init(await api.placeOrder({ accountId }))).status).toBe(200);
    // The key now comes with another customer: Stripe says so, and what it made is looked for before another is used.
    expect((await api.init(number, body(card as Card))).status).toBe(503);
    return number;
  }

  it.each(PROCEDURES)(
    'after a failure that Stripe keeps: the next init gives %s of a new one',
    async (_, body, path) => {
      const { api, stripe, controls } = holdfast;
      const accountId = await account();
      await save(accountId);
      const [gone] = await customersOf(accountId);
      const number = await api.placeOrder({ accountId });
      await controls.fault({ kind: 'error', status: 500, method: 'POST', path });
      expect((await api.init(number, body)).status).toBe(503);
      await controls.webhooks({ mode: 'hold' });
      await stripe.customers.del(gone ?? '');
      // Whether Stripe still lists what such a customer has or no longer knows of it, the init ends.
      await controls.fault({ kind: 'error', status: 404, code: 'resource_missing', method: 'GET', path });

      expect((await api.init(number, body)).status).toBe(200);
      expect(await customersOf(accountId)).toEqual([expect.not.stringMatching(gone ?? '')]);
    },
  );

  it('a one-click reservation for the lost customer is found and is the order’s: one, and it is charged', async () => {
    const number = await unanswered((card) => ({ paymentMethodId: card.id }), '/v1/payment_intents');
    const { api, controls } = holdfast;
    const answer = await api.init(number);
    expect([answer.status, answer.body.initPaymentData?.result]).toEqual([200, true]);
    await api.orderIn(number, 'Fulfilled');
    await controls.webhooks({ mode: 'deliver' });
    await controls.flush();
    await holdfast.settled();
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
    expect(await holdfast.rows('SELECT * FROM operator_cases')).toEqual([]);
  });

  it.each(PROCEDURES)(
    'and the order is cancelled: %s that was never made is not made to be given back',
    async (...given) => {
      const [, body, path] = given;
      const { api, stripe, controls } = holdfast;
      const accountId = await account();
      await save(accountId);
      const number = await api.placeOrder({ accountId });
      await controls.fault({ kind: 'drop_before', method: 'POST', path, times: EVERY_TRY });
      expect((await api.init(number, body)).status).toBe(503);
      await controls.clearFaults();
      await controls.webhooks({ mode: 'hold' });
      await stripe.customers.del((await customersOf(accountId))[0] ?? '');

      expect((await api.post(`/v1/orders/${number}/cancel`, {})).body.order.orderStatus).toBe('Canceled');
      const { data: pages } = await stripe.checkout.sessions.list({ limit: 100 });
      expect(pages.filter(({ metadata }) => metadata?.orderNumber === number)).toEqual([]);
      expect(await controls.ledger(number)).toEqual([]);
    },
  );

  it('a hosted page for the lost customer is found, and no other is opened', async () => {
    const number = await unanswered(() => CHECKOUT, '/v1/checkout/sessions');
    const answer = await holdfast.api.init(number, CHECKOUT);
    expect(answer.status).toBe(200);
    const { data } = await holdfast.stripe.checkout.sessions.list({ limit: 100 });
    const pages = data.filter(({ metadata }) => metadata?.orderNumber === number);
    expect(pages.map(({ id }) => id)).toEqual([answer.body.initPaymentData.sessionId]);
  });
});

describe('the view of the saved cards', () => {
  it('costs no call while nothing changed, one after something did, and follows changes made elsewhere', async () => {
    const accountId = await account();
    expect(await requestsOf(() => cards(accountId))).toEqual([]);
    await save(accountId);
    const customer = (await customersOf(accountId))[0] ?? '';
    const read = [`GET /v1/customers/${customer}/payment_methods`];
    const look = async () => ({
      first: await requestsOf(() => cards(accountId)),
      again: await requestsOf(() => cards(accountId)),
    });
    expect(await look()).toEqual({ first: read, again: [] });
    const [card] = await cards(accountId);

    await holdfast.stripe.paymentMethods.update(card?.id ?? '', { card: { exp_month: 11, exp_year: 2044 } });
    await holdfast.settled();
    expect(await look()).toEqual({ first: read, again: [] });
    expect(await cards(accountId)).toMatchObject([{ id: card?.id, card: { expMonth: 11, expYear: 2044 } }]);

    await holdfast.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await holdfast.settled();
    expect(await look()).toEqual({ first: read, again: [] });
    // Stripe counts seconds: of two cards of the same one either may be the newer.
    expect((await cards(accountId)).map((one) => one.card.brand).sort()).toEqual(['mastercard', 'visa']);

    await holdfast.stripe.paymentMethods.detach(card?.id ?? '');
    await holdfast.settled();
    expect((await cards(accountId)).map((one) => one.card.brand)).toEqual(['mastercard']);
  });
});

describe('who decides that a card is saved', () => {
  it.each([
    ['ticks the box', true, undefined, 1],
    ['leaves the box alone', false, undefined, 0],
    ['has no say where the partner asked for it', false, true, 1],
    ['has no box where the partner said no', true, false, 0],
  ])('on the hosted page the customer %s', async (_, ticked, savePaymentMethod, saved) => {
    const { api, controls } = holdfast;
    const accountId = await account();
    const number = await api.placeOrder({ accountId });
    const page = pageOf(
      await api.init(number, { ...CHECKOUT, ...(savePaymentMethod !== undefined && { savePaymentMethod }) }),
    );
    expect((await controls.payHostedPage(page, '4242424242424242', ticked)).status).toBe(303);
    await api.orderIn(number, 'Fulfilled');
    await holdfast.settled();
    expect(await cards(accountId)).toHaveLength(saved);
    // What is listed can be used in one click; what is not was never kept.
    const [card] = await cards(accountId);
    if (!card) return;
    const again = await api.placeOrder({ accountId });
    expect((await api.init(again, { paymentMethodId: card.id })).body.initPaymentData.result).toBe(true);
  });

  it.each([
    ['at init', true, [], 1],
    ['at init, and takes it back', true, ['DELETE'], 0],
    ['not at init, and sets it', false, ['PUT'], 1],
    ['sets it, takes it back, sets it', false, ['PUT', 'DELETE', 'PUT'], 1],
    ['sets it and takes it back', undefined, ['PUT', 'DELETE'], 0],
  ])('on the intent the account itself: %s', async (_, savePaymentMethod, wishes, saved) => {
    const { api, controls } = holdfast;
    const accountId = await account();
    const own = api.as((await api.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string);
    const number = await api.placeOrder({ accountId });
    const answer = await own.init(number, { ...(savePaymentMethod !== undefined && { savePaymentMethod }) });
    for (const method of wishes) {
      expect((await own.call(`/v1/orders/${number}/payment/save-payment-method`, { method })).status).toBe(200);
    }
    await controls.confirm(secretOf(answer));
    await api.orderIn(number, 'Fulfilled');
    await holdfast.settled();
    expect(await cards(accountId, own)).toHaveLength(saved);
    const { setup_future_usage } = await holdfast.stripe.paymentIntents.retrieve(intentIdOf(answer));
    expect(setup_future_usage).toBe(saved === 1 ? 'on_session' : null);
  });
});

// Last: the event that is dropped here stays pending at Stripe.
describe('the view of the saved cards, without a webhook', () => {
  it('is right again within an hour of an event that never came', async () => {
    const accountId = await account();
    await save(accountId);
    const [card] = await cards(accountId);
    await holdfast.controls.webhooks({ drop: ['payment_method.detached'] });
    await holdfast.stripe.paymentMethods.detach(card?.id ?? '');
    await holdfast.controls.webhooks({ mode: 'deliver' });
    expect(await cards(accountId)).toHaveLength(1);
    await holdfast.passTime(3601);
    await eventually(
      () => cards(accountId),
      (list) => list.length === 0,
    );
  });
});
