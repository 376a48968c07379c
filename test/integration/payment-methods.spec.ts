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
    expect(cards.map(({ card }) => card.brand)).toEqual(['mastercard', 'visa']);

    expect((await remove(accountId, cards[1]?.id ?? '')).status).toBe(204);

    expect((await list(accountId)).map(({ card }) => card.brand)).toEqual(['mastercard']);
    const [row] = await holdfast.rows<{ id: string }>(
      'SELECT stripe_customer_id AS id FROM stripe_customers WHERE account_id = $1',
      [accountId],
    );
    const left = await holdfast.stripe.customers.listPaymentMethods(row?.id ?? '');
    expect(left.data.map(({ card }) => card?.brand)).toEqual(['mastercard']);
    expect((await remove(accountId, cards[1]?.id ?? '')).status).toBe(404);
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
});
