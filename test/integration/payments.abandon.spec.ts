import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import {
  casesOf,
  charged,
  CHECKOUT,
  EVERY_TRY,
  intentIdOf,
  pageOf,
  reserve,
  reserveManual,
  secretOf,
  sessionIdOf,
} from '../support/payment-steps.js';

describe('abandon', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.heal());

  const abandon = (number: string) => holdfast.api.delete(`/v1/orders/${number}/payment`);

  it('cancels the intent, and init again makes another (S06)', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const first = await api.init(number);
    const abandoned = await abandon(number);

    expect(abandoned.status).toBe(200);
    expect(abandoned.body.order).toMatchObject({ orderNumber: number, orderStatus: 'Placed', payment: null });
    expect((await stripe.paymentIntents.retrieve(intentIdOf(first))).status).toBe('canceled');
    expect((await controls.confirm(secretOf(first))).status).toBe(400);

    const second = await api.init(number);
    expect(intentIdOf(second)).not.toBe(intentIdOf(first));
    expect((await controls.ledger(number)).filter(({ status }) => status !== 'canceled')).toHaveLength(1);
    const types = (await api.timeline(number)).map(({ type }) => type as string);
    expect(types).toEqual(expect.arrayContaining(['payment.releasing', 'payment.abandoned', 'order.placed']));
  });

  it('expires the page, and init again makes another (S06)', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const first = await api.init(number, CHECKOUT);
    expect((await abandon(number)).body.order).toMatchObject({ orderStatus: 'Placed', payment: null });

    expect((await stripe.checkout.sessions.retrieve(sessionIdOf(first))).status).toBe('expired');
    expect((await controls.payHostedPage(pageOf(first))).status).toBe(410);
    expect(sessionIdOf(await api.init(number, CHECKOUT))).not.toBe(sessionIdOf(first));
  });

  it('a page on which a card was declined is expired with its intent', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number, CHECKOUT);
    await controls.payHostedPage(pageOf(answer), '4000000000000002');
    expect((await abandon(number)).body.order.orderStatus).toBe('Placed');
    expect((await controls.ledger(number)).filter(({ status }) => status !== 'canceled')).toEqual([]);
  });

  it('again, or without a payment, it is still 200; before Placed and after the end it is 409', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    expect((await abandon(number)).body.order.orderStatus).toBe('Placed');
    await api.init(number);
    expect((await abandon(number)).status).toBe(200);
    expect((await abandon(number)).status).toBe(200);

    await api.post(`/v1/orders/${number}/cancel`, {});
    const answer = await abandon(number);
    expect([answer.status, answer.body.code, answer.body.orderStatus]).toEqual([
      409,
      'order-not-in-state-to-abandon',
      'Canceled',
    ]);
  });

  it.each([
    ['intent', {}],
    ['checkout', CHECKOUT],
  ])('a reservation made just before counts: 409, and the order is Paid (%s)', async (_name, body) => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
    const answer = await api.init(number, body);
    if (body === CHECKOUT) await controls.payHostedPage(pageOf(answer));
    else await controls.confirm(secretOf(answer));

    const refused = await abandon(number);
    expect([refused.status, refused.body.code]).toEqual([409, 'payment-already-confirmed']);
    const order = await api.orderIn(number, 'Paid', 'InTransit');
    expect(order.payment).toMatchObject({ status: 'Authorized', amountAuthorized: 1250 });
    expect((await abandon(number)).body.code).toBe('payment-already-confirmed');

    await controls.flush();
    expect(await controls.ledger(number)).toMatchObject([{ status: 'requires_capture', amount_capturable: 1250 }]);
    expect((await api.timeline(number)).filter(({ to }) => to === 'Paid')).toHaveLength(1);
  });

  it('a reservation of another amount never counts: it is released, and an operator is told (S16)', async () => {
    const { api, controls, stripe } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const number = await api.placeOrder();
    const answer = await api.init(number);
    await stripe.paymentIntents.update(intentIdOf(answer), { amount: 900 });
    await controls.confirm(secretOf(answer));

    await abandon(number);
    expect(await api.orderIn(number, 'Placed')).toMatchObject({ payment: null });
    expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled', amount_capturable: 0 }]);
    expect(await casesOf(holdfast, number)).toEqual(['payment-mismatch']);
  });

  it('abandon and confirm at the same moment: paid with a reservation, or Placed with none, nothing between', async () => {
    const { api, controls } = holdfast;
    for (let round = 0; round < 12; round++) {
      const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
      const answer = await api.init(number);
      const [abandoned] = await Promise.all([abandon(number), controls.confirm(secretOf(answer))]);
      const order = await api.orderIn(number, 'Placed', 'InTransit');
      const held = (await controls.ledger(number)).reduce((sum, { amount_capturable }) => sum + amount_capturable, 0);
      expect([abandoned.status, order.orderStatus, held]).toEqual(
        order.orderStatus === 'Placed' ? [200, 'Placed', 0] : [409, 'InTransit', 1250],
      );
    }
  });

  it.each([
    ['its answer', { kind: 'drop_after' }],
    ['the call', { kind: 'drop_before' }],
    ['to the rate limit', { kind: 'rate_limit' }],
  ])('loses %s: 503, Releasing, init is refused, and asking again finishes it', async (_name, fault) => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const first = await api.init(number);
    await controls.fault({ ...fault, method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY });

    const lost = await abandon(number);
    expect([lost.status, lost.body.code]).toEqual([503, 'payment-provider-unavailable']);
    expect(lost.headers.get('retry-after')).not.toBeNull();
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Releasing' } });
    const refused = await api.init(number);
    expect([refused.status, refused.body.code]).toEqual([409, 'payment-being-released']);

    await controls.clearFaults();
    expect((await abandon(number)).body.order.orderStatus).toBe('Placed');
    expect((await controls.confirm(secretOf(first))).status).toBe(400);
    expect(intentIdOf(await api.init(number))).not.toBe(intentIdOf(first));
  });

  it('a stored 500 on cancelling is passed with another key, after a look', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await api.init(number);
    await controls.fault({ kind: 'error', status: 500, method: 'POST', path: '/v1/payment_intents' });
    expect((await abandon(number)).body.order.orderStatus).toBe('Placed');
    expect(await controls.ledger(number)).toMatchObject([{ status: 'canceled' }]);
  });

  it.each([
    ['abandon', 'an intent', {}, '/v1/payment_intents'],
    ['cancel', 'an intent', {}, '/v1/payment_intents'],
    ['abandon', 'a page', CHECKOUT, '/v1/checkout/sessions'],
  ])('%s of an init whose key brings a stored 500: %s is made under another key, and given back', async (...given) => {
    const [how, , body, path] = given;
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    await controls.fault({ kind: 'drop_before', method: 'POST', path, times: EVERY_TRY });
    expect((await api.init(number, body)).status).toBe(503);
    await controls.clearFaults();
    const ask = () => (how === 'cancel' ? api.post(`/v1/orders/${number}/cancel`, {}) : abandon(number));
    // The release asks for the object on the init's own key; what Stripe answers now comes again for a day.
    await controls.fault({ kind: 'error', status: 500, method: 'POST', path });
    const [failed, done] = [await ask(), await ask()];
    expect([failed.status, done.status]).toEqual(how === 'cancel' ? [202, 200] : [503, 200]);
    expect(done.body.order.orderStatus).toBe(how === 'cancel' ? 'Canceled' : 'Placed');
    const made = [
      ...(await stripe.paymentIntents.list({ limit: 100 })).data,
      ...(await stripe.checkout.sessions.list({ limit: 100 })).data,
    ].filter(({ metadata }) => metadata?.orderNumber === number);
    expect(made.map(({ status }) => status)).toEqual([body === CHECKOUT ? 'expired' : 'canceled']);
  });

  it('an event that comes while Releasing never makes the order Paid unasked (S22)', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    // The event also wakes the release, which would be done before anybody could look.
    await holdfast.stopWorker();
    await controls.fault({ kind: 'drop_before', times: EVERY_TRY });
    expect((await abandon(number)).status).toBe(503);
    await controls.clearFaults();

    await controls.confirm(secretOf(answer));
    const order = await eventually(
      () => api.order(number),
      ({ payment }) => payment?.amountAuthorized === 1250,
    );
    expect(order).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Releasing' } });
    await holdfast.startWorker();
    // The abandon that then looks finds the reservation, and counts it.
    expect((await abandon(number)).body.code).toBe('payment-already-confirmed');
    await api.orderIn(number, 'Fulfilled');
  });

  it('abandon while init is in flight: nothing payable is left, and no dead secret is handed out', async () => {
    const { api, controls } = holdfast;
    for (const [body, path] of [
      [{}, '/v1/payment_intents'],
      [CHECKOUT, '/v1/checkout/sessions'],
    ] as const) {
      const number = await api.placeOrder();
      const isAsked = await controls.hold({ method: 'POST', path });
      const initialising = api.init(number, body);
      await isAsked();
      const abandoning = abandon(number);
      await eventually(
        () => api.order(number),
        ({ payment }) => payment.status === 'Releasing',
      );
      await controls.clearFaults();
      const [init, abandoned] = await Promise.all([initialising, abandoning]);

      expect([init.status, init.body.code]).toEqual([409, 'payment-being-released']);
      expect(abandoned.body.order).toMatchObject({ orderStatus: 'Placed', payment: null });
      expect((await controls.ledger(number)).filter(({ status }) => status !== 'canceled')).toEqual([]);
      expect((await api.init(number, body)).status).toBe(200);
    }
  });

  it('abandoning a payment whose making is unknown leaves nothing payable', async () => {
    const { api, controls } = holdfast;
    for (const kind of ['drop_after', 'drop_before']) {
      const number = await api.placeOrder();
      await controls.fault({ kind, method: 'POST', path: '/v1/payment_intents', times: EVERY_TRY });
      expect((await api.init(number)).status).toBe(503);
      await controls.clearFaults();
      expect((await abandon(number)).body.order).toMatchObject({ orderStatus: 'Placed', payment: null });
      expect((await controls.ledger(number)).filter(({ status }) => status !== 'canceled')).toEqual([]);
    }
  });

  it('ten at once are one', async () => {
    const { api } = holdfast;
    const number = await api.placeOrder();
    await api.init(number);
    const answers = await Promise.all(Array.from({ length: 10 }, () => abandon(number)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await api.timeline(number)).filter(({ type }) => type === 'payment.abandoned')).toHaveLength(1);
  });

  it('somebody charged it at Stripe meanwhile: the charge is never lost sight of', async () => {
    const { api, controls, stripe } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const { number, intentId } = await reserve(holdfast);
    await stripe.paymentIntents.capture(intentId);
    const answer = await abandon(number);

    expect([answer.status, answer.body.code]).toEqual([409, 'payment-already-confirmed']);
    const order = await api.orderIn(number, 'Fulfilled');
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    expect(await casesOf(holdfast, number)).toEqual(['captured-elsewhere']);
  });

  it('a cancellation that comes while it is under way has won: 409, and not a 200 with another end', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await api.init(number);
    const isAsked = await controls.hold({ method: 'GET', path: '/v1/payment_intents/' });
    const abandoning = abandon(number);
    await isAsked();
    const canceling = api.post(`/v1/orders/${number}/cancel`, {});
    await api.orderIn(number, 'Canceling');
    await controls.clearFaults();
    const canceled = await canceling;
    expect([canceled.status, canceled.body.order.orderStatus]).toEqual([200, 'Canceled']);
    const abandoned = await abandoning;
    expect([abandoned.status, abandoned.body]).toMatchObject([409, { orderStatus: 'Canceled' }]);
  });

  it('an object that Stripe no longer knows: nothing is concluded, and no call ends in a 500', async () => {
    const { api, controls } = holdfast;
    const [left, saving] = [await api.placeOrder(), await api.placeOrder()];
    for (const number of [left, saving]) await api.init(number);
    const { number: canceling } = await reserveManual(holdfast);
    const { number: refunding } = await charged(holdfast);
    const gone = { kind: 'error', status: 404, code: 'resource_missing', times: EVERY_TRY };
    await controls.fault({ ...gone, path: '/v1/(payment_intents|refunds|disputes)' });
    const [abandoned, kept, canceled, refunded] = [
      await abandon(left),
      await api.put(`/v1/orders/${saving}/payment/save-payment-method`, undefined),
      await api.post(`/v1/orders/${canceling}/cancel`, {}),
      await api.post(`/v1/orders/${refunding}/refunds`, {}),
    ];
    expect([abandoned, kept, refunded].map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      '503 payment-provider-unavailable',
      '503 payment-provider-unavailable',
      '502 payment-provider-refused',
    ]);
    expect([canceled.status, canceled.body.order.orderStatus]).toEqual([202, 'Canceling']);
    await controls.clearFaults();
    expect((await abandon(left)).body.order.orderStatus).toBe('Placed');
    expect((await api.post(`/v1/orders/${canceling}/cancel`, {})).body.order.orderStatus).toBe('Canceled');
  });

  it('leaves no lease behind', async () => {
    // A job may be at one at this moment; what nobody is at is held for longer than is waited here.
    await eventually(
      () => holdfast.rows('SELECT 1 FROM payments WHERE lease_until IS NOT NULL'),
      (held) => held.length === 0,
    );
  });
});
