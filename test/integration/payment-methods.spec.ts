import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

interface Listed {
  id: string;
  card: { brand: string; last4: string };
}

describe('saved payment methods', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  /** Pays an order with a card and has it saved. */
  async function save(accountId: string, card = 'pm_card_visa'): Promise<void> {
    const number = await holdfast.api.placeOrder({ accountId });
    const { body } = await holdfast.api.init(number, { savePaymentMethod: true });
    await holdfast.controls.confirm(
      (body as { initPaymentData: { clientSecret: string } }).initPaymentData.clientSecret,
      card,
    );
    await holdfast.api.orderIn(number, 'Fulfilled');
  }

  async function list(accountId: string): Promise<Listed[]> {
    const answer = await holdfast.api.get(`/v1/accounts/${accountId}/payment-methods`);
    expect(answer.status).toBe(200);
    return (answer.body as { data: Listed[] }).data;
  }

  async function stripeReads(): Promise<number> {
    return (await holdfast.controls.requests()).filter(
      ({ method, path }) => method === 'GET' && path.includes('payment_methods'),
    ).length;
  }

  const remove = (accountId: string, id: string) =>
    holdfast.api.delete(`/v1/accounts/${accountId}/payment-methods/${id}`);

  it('lists a saved card, and costs no Stripe call while nothing changed', async () => {
    const accountId = await holdfast.api.createAccount();
    expect(await list(accountId)).toEqual([]);
    await save(accountId);
    expect(
      await eventually(
        () => list(accountId),
        (cards) => cards.length === 1,
      ),
    ).toMatchObject([{ type: 'card', card: { brand: 'visa', last4: '4242', funding: 'credit' } }]);
    await holdfast.settled();
    await list(accountId);
    const before = await stripeReads();
    await list(accountId);
    await list(accountId);
    expect(await stripeReads()).toBe(before);
  });

  it('lists a card that was saved twice once, and removes it wholly', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    await save(accountId);
    await save(accountId, 'pm_card_mastercard');
    await holdfast.settled();
    const cards = await list(accountId);
    expect(cards.map(({ card }) => card.brand).sort()).toEqual(['mastercard', 'visa']);
    const page = async (query: string) =>
      (await holdfast.api.get(`/v1/accounts/${accountId}/payment-methods?${query}`)).body as {
        data: Listed[];
        nextCursor: string | null;
      };
    const first = await page('limit=1');
    expect(first.data).toEqual(cards.slice(0, 1));
    expect(await page(`limit=1&cursor=${first.nextCursor}`)).toEqual({ data: cards.slice(1), nextCursor: null });
    expect(await page('limit=0')).toMatchObject({ status: 400 });
    expect(await page('cursor=x')).toMatchObject({ status: 400 });
    const visa = cards.find(({ card }) => card.brand === 'visa')?.id ?? '';

    expect((await remove(accountId, visa)).status).toBe(204);

    expect((await list(accountId)).map(({ card }) => card.brand)).toEqual(['mastercard']);
    const [row] = await holdfast.rows<{ id: string }>(
      'SELECT stripe_customer_id AS id FROM stripe_customers WHERE account_id = $1',
      [accountId],
    );
    const left = await holdfast.stripe.customers.listPaymentMethods(row?.id ?? '');
    expect(left.data.map(({ card }) => card?.brand)).toEqual(['mastercard']);
    expect((await remove(accountId, visa)).status).toBe(404);
  });

  it('S55 answers 404 for another account’s card and changes nothing at Stripe', async () => {
    const [owner, stranger] = [await holdfast.api.createAccount(), await holdfast.api.createAccount()];
    await save(owner);
    await save(stranger);
    await holdfast.settled();
    const [card] = await list(owner);
    const known = await holdfast.controls.requests();

    const answer = await remove(stranger, card?.id ?? '');
    const unknown = await remove(stranger, 'pm_unknown');

    expect(answer.status).toBe(404);
    expect({ ...answer.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    expect(await list(owner)).toHaveLength(1);
    const asked = (await holdfast.controls.requests()).slice(known.length);
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(asked.filter(({ path }) => path.includes(card?.id ?? 'none'))).toEqual([]);
  });

  it('answers 404 for an id that no card can have', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    for (const id of ['zz', '%00', 'pm_%00', '%F0%9F%98%80', "'--", '%25', '..%2F..', 'x'.repeat(3000)]) {
      const answer = await remove(accountId, id);
      expect([answer.status, answer.body.code]).toEqual([404, 'payment-method-not-found']);
    }
    expect(await list(accountId)).toHaveLength(1);
  });

  it('follows a card that is attached or detached elsewhere', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    await holdfast.settled();
    const [card] = await list(accountId);
    await holdfast.stripe.paymentMethods.detach(card?.id ?? '');
    expect(
      await eventually(
        () => list(accountId),
        (cards) => cards.length === 0,
      ),
    ).toEqual([]);
    const [row] = await holdfast.rows<{ id: string }>(
      'SELECT stripe_customer_id AS id FROM stripe_customers WHERE account_id = $1',
      [accountId],
    );
    await holdfast.stripe.paymentMethods.attach('pm_card_amex', { customer: row?.id ?? '' });
    expect(
      await eventually(
        () => list(accountId),
        (cards) => cards.length === 1,
      ),
    ).toMatchObject([{ card: { brand: 'amex' } }]);
  });

  it('answers 503 while Stripe does not, and removes the card with the next call', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    await holdfast.settled();
    const [card] = await list(accountId);
    await holdfast.controls.fault({
      method: 'POST',
      path: `/v1/payment_methods/${card?.id}/detach`,
      kind: 'error',
      status: 500,
      times: 2,
    });
    expect((await remove(accountId, card?.id ?? '')).status).toBe(503);
    await holdfast.controls.clearFaults();
    expect((await remove(accountId, card?.id ?? '')).status).toBe(204);
    expect(await list(accountId)).toEqual([]);
  });

  const customerOf = async (accountId: string): Promise<string> => {
    const rows = await holdfast.rows<{ id: string }>(
      'SELECT stripe_customer_id AS id FROM stripe_customers WHERE account_id = $1',
      [accountId],
    );
    return rows[0]?.id ?? '';
  };

  it('pays in one click with a saved card; another’s costs no call, and the order stays Placed', async () => {
    const [owner, stranger] = [await holdfast.api.createAccount(), await holdfast.api.createAccount()];
    await save(owner);
    await save(stranger);
    await holdfast.settled();
    const [card] = await list(owner);

    const paid = await holdfast.api.placeOrder({ accountId: owner });
    expect((await holdfast.api.init(paid, { paymentMethodId: card?.id })).body).toMatchObject({
      initPaymentData: { result: true },
    });
    expect(['Paid', 'InTransit', 'Delivered', 'Fulfilled']).toContain((await holdfast.api.order(paid)).orderStatus);

    const foreign = await holdfast.api.placeOrder({ accountId: stranger });
    const before = (await holdfast.controls.requests()).length;
    const answer = await holdfast.api.init(foreign, { paymentMethodId: card?.id });
    expect([answer.status, answer.body.code]).toEqual([404, 'payment-method-not-found']);
    expect(
      (await holdfast.controls.requests()).slice(before).filter(({ path }) => path.includes(card?.id ?? 'none')),
    ).toEqual([]);
    expect((await holdfast.api.order(foreign)).orderStatus).toBe('Placed');
  });

  it('makes a customer that vanished at Stripe anew once, and its cards are no longer listed', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    const vanished = await customerOf(accountId);
    await holdfast.stripe.customers.del(vanished);

    const numbers = await Promise.all([1, 2, 3].map(() => holdfast.api.placeOrder({ accountId })));
    const answers = await Promise.all(numbers.map((number) => holdfast.api.init(number)));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const anew = await customerOf(accountId);
    expect(anew).not.toBe(vanished);
    const intents = await holdfast.stripe.paymentIntents.list({ customer: anew });
    expect(intents.data).toHaveLength(3);
    expect(await list(accountId)).toEqual([]);
  });

  it('answers 404 for a card that vanished at Stripe, and the order can be paid otherwise', async () => {
    const accountId = await holdfast.api.createAccount();
    await save(accountId);
    await holdfast.settled();
    const [card] = await list(accountId);
    await holdfast.controls.webhooks({ mode: 'hold' });
    await holdfast.stripe.paymentMethods.detach(card?.id ?? '');
    const number = await holdfast.api.placeOrder({ accountId });

    const answer = await holdfast.api.init(number, { paymentMethodId: card?.id });

    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
    expect([answer.status, answer.body.code]).toEqual([404, 'payment-method-not-found']);
    expect((await holdfast.api.init(number)).status).toBe(200);
  });

  describe('the wish to save a card', () => {
    const flag = (number: string, method: 'PUT' | 'DELETE') =>
      holdfast.api.call(`/v1/orders/${number}/payment/save-payment-method`, { method });

    it('is set and taken back until the payment is confirmed', async () => {
      const accountId = await holdfast.api.createAccount();
      const number = await holdfast.api.placeOrder({ accountId });
      const first = await holdfast.api.init(number);
      const wish = async () => {
        const { paymentIntentId } = ((await holdfast.api.order(number)) as { payment: { paymentIntentId: string } })
          .payment;
        return (await holdfast.stripe.paymentIntents.retrieve(paymentIntentId)).setup_future_usage;
      };

      expect((await flag(number, 'PUT')).body).toEqual({ savePaymentMethod: true });
      expect(await wish()).toBe('on_session');
      expect((await flag(number, 'DELETE')).body).toEqual({ savePaymentMethod: false });
      expect(await wish()).toBeNull();
      expect((await flag(number, 'PUT')).status).toBe(200);
      expect((await holdfast.api.init(number)).text).toBe(first.text);

      await holdfast.controls.confirm(
        (first.body as { initPaymentData: { clientSecret: string } }).initPaymentData.clientSecret,
      );
      expect((await flag(number, 'DELETE')).status).toBe(409);
      await holdfast.api.orderIn(number, 'Fulfilled');
      expect(
        await eventually(
          () => list(accountId),
          (cards) => cards.length === 1,
        ),
      ).toHaveLength(1);
      const late = await flag(number, 'PUT');
      expect([late.status, late.body.orderStatus]).toEqual([409, 'Fulfilled']);
    });

    it('is not taken on the hosted page, nor without a payment', async () => {
      const number = await holdfast.api.placeOrder();
      expect((await flag(number, 'PUT')).status).toBe(409);
      await holdfast.api.init(number, {
        createCheckoutSession: true,
        successUrl: 'http://shop.test/ok',
        errorUrl: 'http://shop.test/no',
      });
      expect((await flag(number, 'PUT')).status).toBe(409);
    });

    it('is asked for again after an answer that was lost', async () => {
      const number = await holdfast.api.placeOrder();
      await holdfast.api.init(number);
      await holdfast.controls.fault({ method: 'POST', path: '/v1/payment_intents/', kind: 'drop_after', times: 2 });
      expect((await flag(number, 'PUT')).status).toBe(503);
      await holdfast.controls.clearFaults();
      expect((await flag(number, 'PUT')).body).toEqual({ savePaymentMethod: true });
    });
  });
});
