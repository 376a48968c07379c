import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, reserve } from '../support/payment-steps.js';

const NOT_VALID = 'initPaymentDataRequest_not_valid';

describe('what init payment refuses', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  async function tokenFor(accountId: string): Promise<string> {
    const { body } = await holdfast.api.post(`/v1/accounts/${accountId}/tokens`, {});
    return (body as { token: string }).token;
  }

  it.each<[string, unknown, string, string[]]>([
    ['no successUrl', { ...CHECKOUT, successUrl: undefined }, NOT_VALID, ['successUrl']],
    ['no errorUrl', { ...CHECKOUT, errorUrl: undefined }, NOT_VALID, ['errorUrl']],
    ['neither', { createCheckoutSession: true }, NOT_VALID, ['successUrl', 'errorUrl']],
    ['a relative address', { ...CHECKOUT, successUrl: '/paid' }, NOT_VALID, ['successUrl']],
    ['an address without a scheme', { ...CHECKOUT, successUrl: '//shop.example/paid' }, NOT_VALID, ['successUrl']],
    ['a script', { ...CHECKOUT, successUrl: 'javascript:alert(1)' }, NOT_VALID, ['successUrl']],
    ['a script in disguise', { ...CHECKOUT, errorUrl: ' JaVaScRiPt:alert(1)//http://a.b' }, NOT_VALID, ['errorUrl']],
    ['data', { ...CHECKOUT, errorUrl: 'data:text/html,hi' }, NOT_VALID, ['errorUrl']],
    ['another scheme', { ...CHECKOUT, errorUrl: 'ftp://shop.example/cart' }, NOT_VALID, ['errorUrl']],
    ['credentials', { ...CHECKOUT, successUrl: 'https://user:pw@shop.example/' }, NOT_VALID, ['successUrl']],
    ['a user only', { ...CHECKOUT, successUrl: 'https://user@shop.example/' }, NOT_VALID, ['successUrl']],
    ['a backslash', { ...CHECKOUT, successUrl: 'https://shop.example\\@evil.example/' }, NOT_VALID, ['successUrl']],
    ['a line break', { ...CHECKOUT, successUrl: 'https://shop.example/\nx' }, NOT_VALID, ['successUrl']],
    ['no host', { ...CHECKOUT, successUrl: 'https:///paid' }, NOT_VALID, ['successUrl']],
    ['a card with the page', { ...CHECKOUT, paymentMethodId: 'pm_card_visa' }, NOT_VALID, ['paymentMethodId']],
    ['an unknown name', { clientSecret: 'x' }, 'request-not-valid', ['clientSecret']],
    ['a wrong type', { createCheckoutSession: 'true' }, 'request-not-valid', ['createCheckoutSession']],
    ['an empty card', { paymentMethodId: '' }, 'request-not-valid', ['paymentMethodId']],
    [
      'a name sent twice',
      { savePaymentMethod: true, SavePaymentMethod: false },
      'request-not-valid',
      ['SavePaymentMethod'],
    ],
  ])('400 for %s, with the order still Placed and nothing at Stripe', async (_name, body, code, members) => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const before = await controls.writes();
    const answer = await api.init(number, body);

    expect([answer.status, answer.body.code]).toEqual([400, code]);
    const messages = answer.body.validationMessages as { memberNames?: string[] }[];
    expect(messages.flatMap(({ memberNames }) => memberNames ?? []).map((name) => name.toLowerCase())).toEqual(
      expect.arrayContaining(members.map((name) => name.toLowerCase())),
    );
    expect((await api.order(number)).orderStatus).toBe('Placed');
    expect(await controls.writes()).toEqual(before);
  });

  it('names match without regard to case', async () => {
    const { api } = holdfast;
    const { createCheckoutSession, successUrl, errorUrl } = CHECKOUT;
    const body = { CreateCheckoutSession: createCheckoutSession, SUCCESSURL: successUrl, errorurl: errorUrl };
    expect((await api.init(await api.placeOrder(), body)).body.initPaymentData.sessionId).toMatch(/^cs_/);
  });

  it('409 outside Placed and Payment, in the messages too, whatever the body is', async () => {
    const { api } = holdfast;
    const accountId = await api.createAccount();
    const created = await api.post('/v1/orders', { accountId, currency: 'EUR', items: [] });
    const fresh = (created.body as { order: { orderNumber: string } }).order.orderNumber;
    const canceled = await api.placeOrder({ accountId });
    await api.post(`/v1/orders/${canceled}/cancel`, {});
    const { number: paid } = await reserve(holdfast, { accountId });
    await api.orderIn(paid, 'Fulfilled');

    for (const [number, orderStatus] of [
      [fresh, 'New'],
      [canceled, 'Canceled'],
      [paid, 'Fulfilled'],
    ] as const) {
      const answer = await api.init(number, { unknown: true });
      expect([answer.status, answer.body.code]).toEqual([409, 'order-not-in-state-to-initPayment']);
      expect(answer.body.orderStatus).toBe(orderStatus);
      expect(answer.body.validationMessages).toMatchObject([{ code: 'order-not-in-state-to-initPayment' }]);
    }
  });

  it('an account pays its own order; another’s, and one that does not exist, are the same 404', async () => {
    const { api } = holdfast;
    const accountId = await api.createAccount();
    const number = await api.placeOrder({ accountId });
    const own = api.as(await tokenFor(accountId));
    const other = api.as(await tokenFor(await api.createAccount()));

    const foreign = await other.init(number, '{');
    const missing = await other.init('26-999999999');
    const malformed = await other.init("26-1'--");
    for (const answer of [foreign, missing, malformed]) {
      expect(answer.status).toBe(404);
      expect({ ...answer.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    }
    expect((await other.delete(`/v1/orders/${number}/payment`)).status).toBe(404);
    expect((await other.get(`/v1/orders/${number}/payment`)).status).toBe(404);
    expect((await own.init(number)).status).toBe(200);
    expect((await own.post(`/v1/orders/${number}/cancel`, {})).status).toBe(403);
    expect((await own.delete(`/v1/orders/${number}/payment`)).status).toBe(200);
    expect((await api.call(`/v1/orders/${number}/payment`, { method: 'PUT', credential: null })).status).toBe(401);
  });

  it('404 for a payment that was never begun, or is over', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    const path = `/v1/orders/${number}/payment`;
    expect([(await api.get(path)).status, (await api.get(path)).body.code]).toEqual([404, 'payment-not-found']);
    await api.init(number);
    await api.delete(path);
    expect((await api.get(path)).status).toBe(404);
  });
});
