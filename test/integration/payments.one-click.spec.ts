import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { EVERY_TRY, secretOf } from '../support/payment-steps.js';

const PAID_OR_LATER = ['Paid', 'InTransit', 'Delivered', 'Fulfilled'];

describe('one click', () => {
  let holdfast: Holdfast;
  let accountId: string;
  let customer: string;
  let savedCard: string;

  beforeAll(async () => {
    holdfast = await Holdfast.start();
    const { api, controls, stripe } = holdfast;
    accountId = await api.createAccount();
    const number = await api.placeOrder({ accountId });
    await controls.confirm(secretOf(await api.init(number, { savePaymentMethod: true })));
    await api.orderIn(number, 'Fulfilled');
    const customers = await stripe.customers.list({ limit: 100 });
    customer = customers.data.find(({ metadata }) => metadata.accountId === accountId)?.id ?? '';
    savedCard = (await stripe.customers.listPaymentMethods(customer)).data[0]?.id ?? '';
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.heal());

  const attach = async (token: string) => (await holdfast.stripe.paymentMethods.attach(token, { customer })).id;

  it('confirms with a saved card: the order is Paid when the call returns', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ accountId });
    const answer = await api.init(number, { paymentMethodId: savedCard });

    expect(answer.body).toEqual({
      initPaymentData: {
        clientSecret: expect.stringMatching(/_secret_/),
        paymentApiKey: 'pk_test_holdfast',
        result: true,
      },
      validationMessages: [],
    });
    expect(PAID_OR_LATER).toContain((await api.order(number)).orderStatus);
  });

  it('is Paid before any event came, and events that come later change nothing (S20, S22)', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const number = await api.placeOrder({ accountId, items: [{ fulfiller: 'manual' }] });
    expect((await api.init(number, { paymentMethodId: savedCard })).body.initPaymentData.result).toBe(true);
    const before = await api.orderIn(number, 'InTransit');
    await controls.flush();

    expect(await api.order(number)).toEqual(before);
    expect((await api.timeline(number)).filter(({ to }) => to === 'Paid')).toHaveLength(1);
  });

  it('events that arrive before the answer was recorded settle it, and the caller is answered (S20)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ accountId });
    // Stripe confirms and sends its events; both tries of the call lose their answer.
    await controls.fault({ kind: 'drop_after', method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY });
    const lost = await api.init(number, { paymentMethodId: savedCard });
    expect(lost.status).toBe(503);
    await controls.clearFaults();

    await api.orderIn(number, 'Fulfilled');
    const again = await api.init(number, { paymentMethodId: savedCard });
    expect([again.status, again.body.code]).toEqual([409, 'order-not-in-state-to-initPayment']);
    expect(again.body.orderStatus).toBe('Fulfilled');
    expect(again.body.validationMessages).toMatchObject([{ code: 'order-not-in-state-to-initPayment' }]);
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });

  it('a declined card: result false with the code, and the same secret pays in the end', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ accountId });
    const answer = await api.init(number, {
      paymentMethodId: await attach('pm_card_chargeCustomerFail'),
    });

    const { status, body, text } = answer;
    expect(status).toBe(200);
    expect(body.initPaymentData).toMatchObject({ result: false, clientSecret: expect.stringMatching(/_secret_/) });
    expect(body.validationMessages).toMatchObject([{ code: 'payment-method-declined', source: 'payment' }]);
    expect(body.validationMessages[0].message).toContain('generic_decline');
    const order = await api.order(number);
    expect(order).toMatchObject({
      orderStatus: 'Payment',
      payment: { status: 'Pending', declineCode: 'generic_decline' },
    });
    expect((await api.init(number)).text).toBe(text);

    await controls.confirm(secretOf(answer));
    const paid = await api.orderIn(number, 'Fulfilled');
    expect(paid.payment.declineCode).toBeUndefined();
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });

  it('a card that asks for authentication: result false, never Paid before it is given (S32)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ accountId });
    const card = await attach('pm_card_threeDSecure2Required');
    const answer = await api.init(number, { paymentMethodId: card });
    const { body } = answer;
    expect(body.initPaymentData).toMatchObject({ result: false, clientSecret: expect.stringMatching(/_secret_/) });
    expect(body.validationMessages).toMatchObject([{ code: 'payment-action-required', source: 'payment' }]);
    await controls.flush();
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Pending' } });
    expect(await controls.ledger(number)).toMatchObject([{ status: 'requires_action', amount_capturable: 0 }]);

    await controls.confirm(secretOf(answer), 'pm_card_visa');
    await api.orderIn(number, 'Fulfilled');
  });

  it('an unknown card, or another account’s: 404, the order stays Placed, and nothing is made at Stripe (S55)', async () => {
    const { api, controls } = holdfast;
    const otherAccount = await api.createAccount();
    const withCustomer = await api.placeOrder({ accountId: otherAccount });
    await api.init(withCustomer);
    const before = await controls.writes();
    const cases: [string, string][] = [
      [await api.placeOrder({ accountId }), 'pm_nobody'],
      [await api.placeOrder({ accountId }), '../customers'],
      [await api.placeOrder({ accountId: otherAccount }), savedCard],
      [await api.placeOrder(), savedCard],
    ];
    for (const [number, paymentMethodId] of cases) {
      const answer = await api.init(number, { paymentMethodId });
      expect([answer.status, answer.body.code]).toEqual([404, 'payment-method-not-found']);
      expect(await api.order(number)).toMatchObject({ orderStatus: 'Placed', payment: null });
    }
    expect(await controls.writes()).toEqual(before);
  });

  it('while Stripe cannot say whose card it is: 503, and the order stays Placed', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ accountId });
    await controls.fault({ kind: 'drop_before', method: 'GET', times: EVERY_TRY });
    const answer = await api.init(number, { paymentMethodId: savedCard });

    expect([answer.status, answer.body.code]).toEqual([503, 'payment-provider-unavailable']);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect((await api.order(number)).orderStatus).toBe('Placed');
  });

  it('a hundred clicks reserve once', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder({ accountId, items: [{ fulfiller: 'manual' }] });
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.init(number, { paymentMethodId: savedCard })),
    );
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThanOrEqual(1);
    expect(new Set(good.map(({ text }) => text)).size).toBe(1);
    // Those that came after the reservation read in `orderStatus` that the order is Paid, or later.
    const late = answers.filter(({ status }) => status !== 200);
    expect(
      late.filter(({ status, body }) => status !== 409 || !PAID_OR_LATER.includes(body.orderStatus as string)),
    ).toEqual([]);
    expect(await controls.ledger(number)).toMatchObject([{ amount_capturable: 1250 }]);
  });

  it('a free order needs no card: the one that is sent is not looked at', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ accountId, items: [{ unitAmount: 0 }] });
    const answer = await api.init(number, { paymentMethodId: savedCard });
    expect(answer.body).toEqual({ initPaymentData: { result: true }, validationMessages: [] });
  });
});
