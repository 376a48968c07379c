import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';

describe('the journey', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  it('reserves the total, and charges exactly what was delivered (S35)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({
      items: [
        { quantity: 2, unitAmount: 1250 },
        { sku: 'fail-tour', unitAmount: 900 },
      ],
    });
    const { body } = await api.init(number);
    const secret = (body as { initPaymentData: { clientSecret: string } }).initPaymentData.clientSecret;
    expect((await api.order(number)).orderStatus).toBe('Payment');

    await controls.confirm(secret);
    const order = await api.orderIn(number, 'PartiallyFulfilled');

    expect(order.payment).toMatchObject({ status: 'PartiallyCaptured', amountAuthorized: 3400, amountCaptured: 2500 });
    expect(order.items).toMatchObject([{ orderItemStatus: 'Delivered' }, { orderItemStatus: 'Failed' }]);
    expect(await controls.ledger(number)).toMatchObject([
      { amount: 3400, amount_received: 2500, amount_capturable: 0, status: 'succeeded' },
    ]);
  });

  it('delivers a free order without Stripe (S15)', async () => {
    const { api, controls } = holdfast;
    const before = await controls.writes();
    const number = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    const answer = await api.init(number);

    expect(answer.body).toEqual({ initPaymentData: { result: true }, validationMessages: [] });
    const order = await api.orderIn(number, 'Fulfilled');
    expect(order.payment).toMatchObject({ status: 'NotRequired', procedure: 'none', amountCaptured: 0 });
    expect(await controls.writes()).toEqual(before);
  });
});
