import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Item } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { charged, reserveManual, secretOf } from '../support/payment-steps.js';
import { codeOf, RefundSteps } from '../support/refund-steps.js';

/** 12.50, 2 × 4.00, and 9.00 EUR. */
const THREE: Item[] = [{}, { quantity: 2, unitAmount: 400 }, { unitAmount: 900 }];

describe('refunds', () => {
  let holdfast: Holdfast;
  let steps: RefundSteps;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    steps = new RefundSteps(holdfast);
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.clearFaults());

  const refund = (...parameters: Parameters<RefundSteps['refund']>) => steps.refund(...parameters);
  const moneyOf = async (number: string) => {
    const { amountCaptured: captured, amountRefunded: refunded } = await steps.payment(number);
    const [ledger] = await holdfast.controls.ledger(number);
    return { captured, refunded, atStripe: ledger?.amount_refunded };
  };

  it('all that is left, by default: the refund, the books, Stripe and the timeline agree', async () => {
    const { number, intentId } = await charged(holdfast);
    const answer = await refund(number);

    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      refundId: expect.stringMatching(/^ref_\w{24}$/),
      ...{ status: 'Succeeded', amount: 1250, currency: 'EUR' },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(await moneyOf(number)).toEqual({ captured: 1250, refunded: 1250, atStripe: 1250 });
    expect(await steps.page(number)).toEqual({ data: [answer.body], nextCursor: null });
    expect((await holdfast.api.order(number)).orderStatus).toBe('Fulfilled');

    const { refundId } = answer.body;
    const [create] = await steps.creates(number);
    const { paymentId } = await steps.payment(number);
    expect(create).toMatchObject({
      idempotencyKey: `${refundId}:refund:1`,
      params: { metadata: { source: 'holdfast', refundId, orderNumber: number, paymentId }, payment_intent: intentId },
    });
    const history = await steps.history(number);
    expect(history).toMatchObject([
      { type: 'refund.pending', to: 'Pending', actor: 'partner', detail: { refundId, amount: 1250, currency: 'EUR' } },
      { type: 'refund.succeeded', from: 'Pending', to: 'Succeeded', detail: { refundId, amount: 1250 } },
    ]);
    expect(codeOf(await refund(number))).toBe('409 refund-exceeds-captured');
  });

  it('by amounts, until nothing is left; never a unit more', async () => {
    const { number } = await charged(holdfast);
    expect((await refund(number, { amount: 500 })).body).toMatchObject({ status: 'Succeeded', amount: 500 });
    expect((await refund(number, { Amount: 749 })).body).toMatchObject({ amount: 749 });
    const tooMuch = await refund(number, { amount: 2 });
    expect(codeOf(tooMuch)).toBe('409 refund-exceeds-captured');
    expect(tooMuch.body.orderStatus).toBe('Fulfilled');
    expect((await refund(number)).body).toMatchObject({ amount: 1 });
    expect(await moneyOf(number)).toEqual({ captured: 1250, refunded: 1250, atStripe: 1250 });
    expect(await steps.creates(number)).toHaveLength(3);
  });

  it('by items: their value, each once', async () => {
    const { number } = await charged(holdfast, { items: THREE });
    const items = (...positions: number[]) => ({ orderItemNumbers: positions.map((n) => `${number}-${n}`) });
    const first = await refund(number, items(1, 3));
    expect(first.body).toMatchObject({ ...items(1, 3), amount: 2150, status: 'Succeeded' });
    const again = await refund(number, items(2, 3));
    expect(codeOf(again)).toBe('409 refund-item-not-refundable');
    expect(again.body.validationMessages).toMatchObject([{ orderItemNumber: `${number}-3`, source: 'orderItem' }]);
    expect((await refund(number, items(2))).body).toMatchObject({ amount: 800 });
    expect(await moneyOf(number)).toEqual({ captured: 2950, refunded: 2950, atStripe: 2950 });
  });

  it('an item that was not delivered was not charged: 409; of a partial capture no more than was captured', async () => {
    const { number } = await charged(holdfast, { items: [{}, { sku: 'fail-tour', unitAmount: 900 }] });
    expect(await moneyOf(number)).toEqual({ captured: 1250, refunded: 0, atStripe: 0 });
    expect(codeOf(await refund(number, { orderItemNumbers: [`${number}-2`] }))).toBe('409 refund-item-not-refundable');
    expect(codeOf(await refund(number, { amount: 1251 }))).toBe('409 refund-exceeds-captured');
    expect((await refund(number)).body).toMatchObject({ amount: 1250, status: 'Succeeded' });
    expect(await moneyOf(number)).toEqual({ captured: 1250, refunded: 1250, atStripe: 1250 });
  });

  it('a free item goes along with others, and is no refund by itself', async () => {
    const { number } = await charged(holdfast, { items: [{}, { unitAmount: 0 }] });
    const [paid, free] = [`${number}-1`, `${number}-2`];
    expect(codeOf(await refund(number, { orderItemNumbers: [free] }))).toBe('409 refund-item-not-refundable');
    expect((await refund(number, { orderItemNumbers: [free, paid] })).body).toMatchObject({ amount: 1250 });
  });

  it('items whose value is no longer left, after a refund by amount: 409', async () => {
    const { number } = await charged(holdfast);
    await refund(number, { amount: 1 });
    expect(codeOf(await refund(number, { orderItemNumbers: [`${number}-1`] }))).toBe('409 refund-exceeds-captured');
  });

  it('nothing was charged: 409 with the order’s status, before the body is looked at', async () => {
    const { api } = holdfast;
    const placed = await api.placeOrder();
    const { number: reserved } = await reserveManual(holdfast);
    const free = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    await api.init(free);
    const lost = await api.placeOrder({ items: [{ sku: 'fail-x' }] });
    await holdfast.controls.confirm(secretOf(await api.init(lost)));
    await api.orderIn(lost, 'FulfillmentError');
    await api.orderIn(free, 'Fulfilled');
    for (const [number, orderStatus] of [
      [placed, 'Placed'],
      [reserved, 'InTransit'],
      [free, 'Fulfilled'],
      [lost, 'FulfillmentError'],
    ] as const) {
      for (const body of [{}, { amount: 'much', what: 1 }]) {
        const answer = await refund(number, body);
        expect([codeOf(answer), answer.body.orderStatus]).toEqual(['409 order-not-in-state-to-refund', orderStatus]);
      }
      expect(await steps.page(number)).toEqual({ data: [], nextCursor: null });
    }
  });

  it.each([
    [{ amount: 100, orderItemNumbers: ['X-1'] }, 'amount-and-items'],
    [{ amount: 0 }, 'amount'],
    [{ amount: -1 }, 'amount'],
    [{ amount: 1.5 }, 'amount'],
    [{ amount: '100' }, 'amount'],
    [{ orderItemNumbers: [] }, 'orderItemNumbers'],
    [{ orderItemNumbers: ['26-1-1'] }, 'names items that this order does not have'],
    [{ orderItemNumbers: ['X-1', 'X-1'] }, 'orderItemNumbers'],
    [{ orderItemNumbers: 'X-1' }, 'orderItemNumbers'],
    [{ orderItemNumbers: [1] }, 'orderItemNumbers'],
    [{ reason: '' }, 'reason'],
    [{ total: 100 }, 'total'],
    [{ amount: 1, AMOUNT: 1 }, 'name-collision'],
    [[], 'object'],
  ])('400 for %j, and no refund', async (body, named) => {
    const { number } = await charged(holdfast);
    const sent = JSON.parse(JSON.stringify(body).replaceAll('X-', `${number}-`)) as unknown;
    const answer = await refund(number, sent);
    expect(codeOf(answer)).toBe('400 request-not-valid');
    expect(answer.text).toContain(named);
    expect((await steps.page(number)).data).toEqual([]);
    expect(await steps.creates(number)).toEqual([]);
  });

  it('only for the partner whose order it is: 401, 403, 404 in this order, whatever the body', async () => {
    const { api } = holdfast;
    const { number } = await charged(holdfast);
    const { accountId } = await api.order(number);
    const { token } = (await api.post(`/v1/accounts/${accountId}/tokens`, {})).body;
    const other = api.as((await holdfast.createPartner()).key);
    const path = `/v1/orders/${number}/refunds`;
    const bad = { amount: -1 };
    expect((await api.call(path, { method: 'POST', body: bad, credential: null })).status).toBe(401);
    expect(codeOf(await api.as(token as string).post(path, bad))).toBe('403 credential-kind-refused');
    expect((await api.as(token as string).get(path)).status).toBe(403);
    expect(codeOf(await other.post(path, bad))).toBe('404 order-not-found');
    expect(codeOf(await other.get(path))).toBe('404 order-not-found');
    expect(codeOf(await api.post('/v1/orders/26-1/refunds', bad))).toBe('404 order-not-found');
    expect(await steps.page(number)).toEqual({ data: [], nextCursor: null });
  });

  it('a hundred at once never give back more than was charged', async () => {
    const { number } = await charged(holdfast);
    const answers = await Promise.all(Array.from({ length: 100 }, () => refund(number, { amount: 100 })));
    const given = answers.filter(({ status }) => status === 201);
    expect(given).toHaveLength(12);
    expect(answers.filter((answer) => codeOf(answer) === '409 refund-exceeds-captured')).toHaveLength(88);
    await holdfast.settled();
    expect(await moneyOf(number)).toEqual({ captured: 1250, refunded: 1200, atStripe: 1200 });
    expect(await steps.creates(number)).toHaveLength(12);
    expect(new Set(given.map(({ body }) => body.refundId)).size).toBe(12);
  });

  it('the list goes by pages, the newest first', async () => {
    const { number } = await charged(holdfast);
    const made: string[] = [];
    for (let amount = 1; amount <= 5; amount++) made.unshift((await refund(number, { amount })).body.refundId);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await steps.page(number, `?limit=2${cursor}`);
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data.map(({ refundId }) => refundId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(made);
    expect((await holdfast.api.get(`/v1/orders/${number}/refunds?cursor=what`)).status).toBe(400);
  });

  it('a reason of Stripe’s is handed on, another stays here', async () => {
    const { number, intentId } = await charged(holdfast);
    expect((await refund(number, { amount: 1, reason: 'duplicate' })).body).toMatchObject({ reason: 'duplicate' });
    expect((await refund(number, { amount: 1, reason: 'It rained' })).body).toMatchObject({ reason: 'It rained' });
    const { data } = await holdfast.stripe.refunds.list({ payment_intent: intentId });
    expect(data.map(({ reason }) => reason)).toEqual([null, 'duplicate']);
  });

  describe('amounts of other currencies', () => {
    it('JPY has no decimals', async () => {
      const { number } = await charged(holdfast, { currency: 'JPY', items: [{ unitAmount: 1251 }] });
      expect((await refund(number, { amount: 1 })).body).toMatchObject({ amount: 1, currency: 'JPY' });
      expect((await refund(number)).body).toMatchObject({ amount: 1250 });
      expect(await moneyOf(number)).toEqual({ captured: 1251, refunded: 1251, atStripe: 1251 });
    });

    it.each([
      ['KWD', 1250, 10],
      ['ISK', 12_500, 100],
    ])('%s: multiples only, refused before Stripe is asked', async (currency, unitAmount, multipleOf) => {
      const { number } = await charged(holdfast, { currency, items: [{ unitAmount }] });
      const refused = await refund(number, { amount: multipleOf + 1 });
      expect(codeOf(refused)).toBe('400 request-not-valid');
      expect(refused.text).toContain(`multiple of ${multipleOf} in ${currency}`);
      expect((await refund(number, { amount: multipleOf })).body).toMatchObject({ status: 'Succeeded', currency });
      expect((await refund(number)).body).toMatchObject({ amount: unitAmount - multipleOf, status: 'Succeeded' });
      expect(await steps.creates(number)).toHaveLength(2);
    });
  });

  it('what was charged at Stripe before the goods were delivered can be refunded too', async () => {
    const { number, intentId } = await reserveManual(holdfast);
    await holdfast.stripe.paymentIntents.capture(intentId);
    await eventually(
      () => moneyOf(number),
      ({ captured }) => captured === 1250,
    );
    expect((await refund(number)).body).toMatchObject({ amount: 1250, status: 'Succeeded' });
    expect((await holdfast.api.order(number)).orderStatus).toBe('InTransit');
  });

  it('leaves no lease and no job behind', async () => {
    expect(await holdfast.rows('SELECT 1 FROM refunds WHERE lease_until IS NOT NULL')).toEqual([]);
    expect(await holdfast.rows(`SELECT 1 FROM refunds WHERE status = 'Pending'`)).toEqual([]);
  });
});
