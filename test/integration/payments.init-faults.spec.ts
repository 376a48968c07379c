import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, EVERY_TRY, intentIdOf } from '../support/payment-steps.js';

const INTENT = { name: 'intent', body: {}, path: '/v1/payment_intents' };
const SESSION = { name: 'checkout', body: CHECKOUT, path: '/v1/checkout/sessions' };

describe('init payment while Stripe fails', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.clearFaults());

  /** An account that has its customer, so that faults hit the payment's own call. */
  async function place(): Promise<string> {
    const { api } = holdfast;
    const accountId = await api.createAccount();
    await api.init(await api.placeOrder({ accountId }));
    return api.placeOrder({ accountId });
  }

  async function objectsOf(number: string): Promise<number> {
    const { stripe } = holdfast;
    const [intents, sessions] = [
      await stripe.paymentIntents.list({ limit: 100 }),
      await stripe.checkout.sessions.list({ limit: 100 }),
    ];
    return [...intents.data, ...sessions.data].filter(({ metadata }) => metadata?.orderNumber === number).length;
  }

  /** The keys under which something was asked for since then. */
  async function keysSince(before: number, path: string): Promise<string[]> {
    const writes = (await holdfast.controls.writes()).slice(before).filter((write) => write.path === path);
    return writes.map(({ idempotencyKey }) => idempotencyKey ?? '');
  }

  describe.each([INTENT, SESSION])('$name', ({ body, path }) => {
    it.each([
      ['the answer is lost', { kind: 'drop_after' }],
      ['the call is lost', { kind: 'drop_before' }],
      ['the answer is garbage', { kind: 'garbage' }],
      ['over the rate limit', { kind: 'rate_limit' }],
      ['the object is locked', { kind: 'lock_timeout' }],
    ])(
      '%s: 503, the order stays in Payment, and the same call on the same key gives one object (S04)',
      async (_, fault) => {
        const { api, controls } = holdfast;
        const number = await place();
        const before = (await controls.writes()).length;
        await controls.fault({ ...fault, method: 'POST', path, times: EVERY_TRY });

        const lost = await api.init(number, body);
        expect([lost.status, lost.body.code]).toEqual([503, 'payment-provider-unavailable']);
        expect(Number(lost.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await api.order(number)).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Initializing' } });

        await controls.clearFaults();
        const answer = await api.init(number, body);
        expect([answer.status, answer.body.initPaymentData.result]).toEqual([200, true]);
        expect(await objectsOf(number)).toBe(1);
        expect(new Set(await keysSince(before, path)).size).toBe(1);
      },
    );

    it('a stored 500: another key, and only after Stripe was read', async () => {
      const { api, controls } = holdfast;
      const number = await place();
      const before = (await controls.writes()).length;
      await controls.fault({ kind: 'error', status: 500, method: 'POST', path });
      expect((await api.init(number, body)).status).toBe(503);

      // While Stripe cannot be read nothing new may be asked for.
      await controls.fault({ kind: 'drop_before', method: 'GET', path, times: EVERY_TRY });
      const unread = await api.init(number, body);
      expect([unread.status, unread.body.code]).toEqual([503, 'payment-provider-unavailable']);
      expect(new Set(await keysSince(before, path)).size).toBe(1);
      await controls.clearFaults();

      expect((await api.init(number, body)).status).toBe(200);
      expect(await objectsOf(number)).toBe(1);
      const keys = [...new Set(await keysSince(before, path))];
      expect(keys.map((key) => key.split(':').at(-1))).toEqual(['1', '2']);
    });

    it('refused for good: 502 with the code, the payment Failed, the order Placed, and payable anew', async () => {
      const { api, controls } = holdfast;
      const number = await place();
      await controls.fault({ kind: 'error', status: 400, code: 'amount_too_small', method: 'POST', path });
      const refused = await api.init(number, body);

      expect([refused.status, refused.body.code]).toEqual([502, 'payment-provider-refused']);
      expect(refused.body.validationMessages).toMatchObject([{ code: 'amount_too_small', source: 'payment' }]);
      expect(await api.order(number)).toMatchObject({ orderStatus: 'Placed', payment: null });
      const failed = (await api.timeline(number)).find(({ type }) => type === 'payment.failed');

      expect((await api.init(number, body)).status).toBe(200);
      const order = await api.order(number);
      expect(order.orderStatus).toBe('Payment');
      expect(order.payment.paymentId).not.toBe(failed.detail.paymentId);
    });

    it('an object that was made before its 500 is found, not made again', async () => {
      const { api, controls } = holdfast;
      const number = await place();
      await controls.fault({ kind: 'drop_after', method: 'POST', path, times: EVERY_TRY });
      expect((await api.init(number, body)).status).toBe(503);
      await controls.clearFaults();
      await holdfast.rows('UPDATE payments SET operation_stuck = true WHERE order_number = $1', [number]);

      expect((await api.init(number, body)).status).toBe(200);
      expect(await objectsOf(number)).toBe(1);
    });
  });

  it('one that ended before anybody was given it is no answer: another is begun', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await place();
    await controls.webhooks({ mode: 'hold' });
    await controls.fault({ kind: 'drop_after', method: 'POST', path: INTENT.path, times: EVERY_TRY });
    expect((await api.init(number)).status).toBe(503);
    await controls.clearFaults();
    const [lost] = await controls.ledger(number);
    await stripe.paymentIntents.cancel(lost?.id ?? '');
    await holdfast.rows('UPDATE payments SET operation_stuck = true WHERE order_number = $1', [number]);

    const answer = await api.init(number);
    expect(answer.status).toBe(200);
    expect(intentIdOf(answer)).not.toBe(lost?.id);
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Pending' } });
    await controls.webhooks({ mode: 'deliver' });
    await controls.flush();
    await holdfast.settled();
    expect((await api.init(number)).text).toBe(answer.text);
  });

  it('a hundred callers while one answer is lost: all get the same in the end', async () => {
    const { api, controls } = holdfast;
    const number = await place();
    await controls.fault({ kind: 'drop_after', method: 'POST', path: INTENT.path, times: 2 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.init(number)));

    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThanOrEqual(99);
    expect(new Set(good.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(await objectsOf(number)).toBe(1);
  });

  it('a customer whose making is not answered delays the payment, and is one', async () => {
    const { api, controls, stripe } = holdfast;
    const accountId = await api.createAccount();
    const number = await api.placeOrder({ accountId });
    for (const fault of [{ kind: 'drop_after' }, { kind: 'rate_limit' }, { kind: 'garbage' }]) {
      await controls.fault({ ...fault, path: '/v1/customers', method: 'POST', times: EVERY_TRY });
      expect((await api.init(number)).status).toBe(503);
      await controls.clearFaults();
    }
    expect((await api.init(number)).status).toBe(200);
    const { data } = await stripe.customers.list({ limit: 100 });
    expect(data.filter(({ metadata }) => metadata.accountId === accountId)).toHaveLength(1);
  });

  it('a customer whose making failed at Stripe is made on another key', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await controls.fault({ kind: 'error', status: 500, path: '/v1/customers', method: 'POST' });
    expect((await api.init(number)).status).toBe(503);
    expect((await api.init(number)).status).toBe(200);
    expect(await objectsOf(number)).toBe(1);
  });

  it('a call that was lost on the way is repeated once, after STRIPE_RETRY_DELAY_MS', async () => {
    const { config, controls } = holdfast;
    const number = await place();
    const patient = await holdfast.startApi({ stripe: { ...config.stripe, retryDelayMs: 300 } });
    const before = (await controls.writes()).length;
    await controls.fault({ kind: 'drop_before', method: 'POST', path: INTENT.path });
    const began = performance.now();
    expect((await patient.init(number)).status).toBe(200);
    // A timer of the machine may be a moment early.
    expect(performance.now() - began).toBeGreaterThan(290);
    expect(await keysSince(before, INTENT.path)).toHaveLength(2);
    await holdfast.stopApi();
  });

  it('leaves no lease behind, whatever went wrong', async () => {
    const held = await holdfast.rows('SELECT payment_id, status FROM payments WHERE lease_until IS NOT NULL');
    expect(held).toEqual([]);
  });
});
