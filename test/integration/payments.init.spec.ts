import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, intentIdOf, pageOf, secretOf } from '../support/payment-steps.js';

describe('init payment', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  beforeEach(() => holdfast.controls.clearFaults());

  it('answers an intent with a secret, the publishable key and nothing else', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      initPaymentData: {
        clientSecret: expect.stringMatching(/^pi_\w+_secret_\w+$/),
        paymentApiKey: 'pk_test_holdfast',
        result: true,
      },
      validationMessages: [],
    });
    const order = await api.order(number);
    expect(order).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Pending', procedure: 'intent' } });
    expect((await api.get(`/v1/orders/${number}/payment`)).body).toEqual(order.payment);
  });

  it('answers a checkout with the page, and without a secret that Stripe does not give', async () => {
    const { api } = holdfast;
    const answer = await api.init(await api.placeOrder(), CHECKOUT);

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      initPaymentData: {
        sessionId: expect.stringMatching(/^cs_test_\w+$/),
        checkoutUrl: expect.stringMatching(/^http/),
        paymentApiKey: 'pk_test_holdfast',
        result: true,
      },
      validationMessages: [],
    });
  });

  it('reserves only: an intent is captured by hand, for cards alone, without redirects', async () => {
    const { api, stripe } = holdfast;
    const accountId = await api.createAccount();
    const number = await api.placeOrder({ accountId, items: [{ quantity: 3, unitAmount: 999 }], currency: 'USD' });
    const intent = await stripe.paymentIntents.retrieve(intentIdOf(await api.init(number)));

    expect(intent).toMatchObject({
      ...{ amount: 2997, currency: 'usd', capture_method: 'manual', payment_method_types: ['card'] },
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      customer: expect.stringMatching(/^cus_/),
      metadata: { source: 'holdfast', orderNumber: number, accountId, paymentId: expect.stringMatching(/^pay_/) },
    });
  });

  it('reserves only: the intent of a hosted page is captured by hand too', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
    await controls.payHostedPage(pageOf(await api.init(number, CHECKOUT)));

    const order = await api.orderIn(number, 'InTransit');
    expect(order.payment).toMatchObject({ status: 'Authorized', procedure: 'checkout', amountAuthorized: 1250 });
    expect(await stripe.paymentIntents.retrieve(order.payment.paymentIntentId as string)).toMatchObject({
      ...{ status: 'requires_capture', capture_method: 'manual', amount_received: 0, payment_method_types: ['card'] },
      metadata: { source: 'holdfast', orderNumber: number },
    });
  });

  it.each([
    ['an intent', {}],
    ['a checkout', CHECKOUT],
  ])('in Payment the same bytes come again, whatever parseable body is sent: %s (S02, S04)', async (_name, body) => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const first = await api.init(number, body);
    const before = await controls.writes();

    for (const again of [{}, CHECKOUT, { unknown: 1 }, { paymentMethodId: 'pm_nobody' }, [], 7, 'text', null]) {
      const answer = await api.init(number, again);
      expect([answer.status, answer.text]).toEqual([200, first.text]);
    }
    expect(await controls.writes()).toEqual(before);

    const broken = await api.call(`/v1/orders/${number}/payment`, { method: 'PUT', raw: '{"createCheckoutSession":' });
    expect([broken.status, broken.body.code]).toEqual([400, 'body-not-json']);
  });

  it.each([
    ['intent', {}, '/v1/payment_intents'],
    ['checkout', CHECKOUT, '/v1/checkout/sessions'],
  ])('a hundred calls at once make one object and get equal bodies: %s (S05)', async (_name, body, path) => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const before = await controls.writes(path);
    await controls.fault({ path, kind: 'delay', delayMs: 300 });

    const answers = await Promise.all(Array.from({ length: 100 }, () => api.init(number, body)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await controls.writes(path)).length - before.length).toBe(1);
  });

  it('gives one account one customer, however many first payments start at once', async () => {
    const { api, controls } = holdfast;
    const accountId = await api.createAccount();
    const numbers = await Promise.all(Array.from({ length: 8 }, () => api.placeOrder({ accountId })));
    const before = (await controls.writes('/v1/customers')).length;
    const isAsked = await controls.hold({ method: 'POST', path: '/v1/customers' });
    const asking = numbers.map((number) => api.init(number));
    await isAsked();
    // Slower than the client's own retry: Stripe answers all but one with `idempotency_key_in_use` (S05).
    await eventually(
      async () => (await controls.writes('/v1/customers')).slice(before).map(({ status }) => status),
      (statuses) => statuses.filter((status) => status === 409).length > 2 * numbers.length,
    );
    await controls.clearFaults();
    const answers = await Promise.all(asking);

    expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 200));
    const customers = await holdfast.stripe.customers.list({ limit: 100 });
    expect(customers.data.filter(({ metadata }) => metadata.accountId === accountId)).toHaveLength(1);
  });

  it('changes something at Stripe once per init, and once more for the customer', async () => {
    const { api, controls } = holdfast;
    const accountId = await api.createAccount();
    const [first, second] = [await api.placeOrder({ accountId }), await api.placeOrder({ accountId })];
    const start = await controls.writes();
    await api.init(first);
    const afterFirst = await controls.writes();
    await api.init(second);
    const afterSecond = await controls.writes();

    expect(afterFirst.slice(start.length).map(({ path }) => path)).toEqual(['/v1/customers', '/v1/payment_intents']);
    expect(afterSecond.slice(afterFirst.length).map(({ path }) => path)).toEqual(['/v1/payment_intents']);
    expect(afterSecond.every(({ idempotencyKey }) => /^(acc|pay)_\w+:\w+:\d+$/.test(idempotencyKey ?? ''))).toBe(true);
  });

  it('delivers a free order once, however often it is asked (S15)', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder({ items: [{ unitAmount: 0 }] });
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.init(number)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    await api.orderIn(number, 'Fulfilled');
    const timeline = await api.timeline(number);
    expect(timeline.filter(({ to }) => to === 'Paid')).toHaveLength(1);
  });

  it('after seven changes, each after an abandon, only the last object is payable (S06)', async () => {
    const { api, controls } = holdfast;
    const accountId = await api.createAccount();
    const number = await api.placeOrder({ accountId });
    for (let quantity = 2; quantity <= 8; quantity++) {
      await api.init(number);
      const items = [{ sku: 'ticket', name: 'Ticket', quantity, unitAmount: 1250 }];
      expect((await api.put(`/v1/orders/${number}`, { accountId, currency: 'EUR', items })).status).toBe(409);
      expect((await api.delete(`/v1/orders/${number}/payment`)).status).toBe(200);
      expect((await api.put(`/v1/orders/${number}`, { accountId, currency: 'EUR', items })).status).toBe(200);
      expect((await controls.ledger(number)).filter(({ status }) => status !== 'canceled')).toEqual([]);
    }
    const answer = await api.init(number);
    const payable = (await controls.ledger(number)).filter(({ status }) => status !== 'canceled');
    expect(payable).toMatchObject([{ amount: 10_000 }]);
    await controls.confirm(secretOf(answer));
    await eventually(
      () => api.order(number),
      ({ payment }) => payment?.amountCaptured === 10_000,
    );
  });
});
