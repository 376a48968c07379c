import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, EVERY_TRY, intentIdOf, pageOf, secretOf } from '../support/payment-steps.js';

const PROCESSING = 'pm_card_sandboxProcessing';

/** A bank that takes its time: what is decided meanwhile holds, whatever it answers in the end. */
describe('a payment that a bank is deciding about', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  async function processing(): Promise<{ number: string; answer: (status: string) => Promise<unknown> }> {
    const number = await holdfast.api.placeOrder();
    const init = await holdfast.api.init(number);
    expect((await holdfast.controls.confirm(secretOf(init), PROCESSING)).body).toMatchObject({ status: 'processing' });
    await holdfast.settled();
    expect(await holdfast.api.order(number)).toMatchObject({
      orderStatus: 'Payment',
      payment: { status: 'Processing' },
    });
    const settle = `payment_intents/${intentIdOf(init)}/settle`;
    return { number, answer: (status) => holdfast.controls.post(settle, { status }) };
  }
  const held = async (number: string) =>
    (await holdfast.controls.ledger(number)).map(({ status, amount_capturable }) => [status, amount_capturable]);

  it('is Paid when the bank says yes', async () => {
    const { number, answer } = await processing();
    await answer('succeeded');
    expect(await holdfast.api.orderIn(number, 'Fulfilled')).toMatchObject({ payment: { status: 'Captured' } });
  });

  it('can be paid anew when the bank says no', async () => {
    const { number, answer } = await processing();
    await answer('failed');
    await holdfast.settled();
    expect(await holdfast.api.order(number)).toMatchObject({ orderStatus: 'Payment', payment: { status: 'Pending' } });
    await holdfast.controls.confirm(secretOf(await holdfast.api.init(number)));
    await holdfast.api.orderIn(number, 'Fulfilled');
  });

  it.each(['succeeded', 'failed'])(
    'cancelled meanwhile: the bank answers %s, and everything is given back at once',
    async (status) => {
      const { number, answer } = await processing();
      const canceled = await holdfast.api.post(`/v1/orders/${number}/cancel`, {});
      expect([canceled.status, (canceled.body as { order: { orderStatus: string } }).order.orderStatus]).toEqual([
        202,
        'Canceling',
      ]);
      await answer(status);
      await holdfast.api.orderIn(number, 'Canceled');
      expect(await held(number)).toEqual([['canceled', 0]]);
    },
  );

  it('abandoned meanwhile: nothing is certain, until the bank says yes and the order is Paid', async () => {
    const { number, answer } = await processing();
    expect((await holdfast.api.delete(`/v1/orders/${number}/payment`)).status).toBe(503);
    await answer('succeeded');
    await holdfast.api.orderIn(number, 'Fulfilled');
  });

  it('abandoned meanwhile: the bank says no, and the order is back in Placed with nothing payable left', async () => {
    const { number, answer } = await processing();
    expect((await holdfast.api.delete(`/v1/orders/${number}/payment`)).status).toBe(503);
    await answer('failed');
    await holdfast.api.orderIn(number, 'Placed');
    expect(await held(number)).toEqual([['canceled', 0]]);
  });

  describe('on a hosted page, which is done by then', () => {
    const PROCESSING_CARD = '4000000000006009';

    async function processingPage(): Promise<{ number: string; answer: (status: string) => Promise<unknown> }> {
      const number = await holdfast.api.placeOrder();
      const init = await holdfast.api.init(number, CHECKOUT);
      await holdfast.controls.payHostedPage(pageOf(init), PROCESSING_CARD);
      await holdfast.settled();
      const { payment } = await holdfast.api.order(number);
      expect(payment).toMatchObject({ status: 'Processing' });
      const settle = `payment_intents/${payment.paymentIntentId}/settle`;
      return { number, answer: (status) => holdfast.controls.post(settle, { status }) };
    }

    it('is Paid when the bank says yes', async () => {
      const { number, answer } = await processingPage();
      await answer('succeeded');
      await holdfast.api.orderIn(number, 'Fulfilled');
    });

    it('nobody can pay there any more when the bank says no: the order can be paid anew, and nothing payable is left', async () => {
      const { number, answer } = await processingPage();
      await answer('failed');
      await holdfast.api.orderIn(number, 'Placed');
      expect(await held(number)).toEqual([['canceled', 0]]);
      const told = (await holdfast.api.timeline(number)).map(({ type }) => String(type));
      expect(told).toEqual(expect.arrayContaining(['payment.declined', 'payment.releasing', 'payment.abandoned']));
      await holdfast.controls.payHostedPage(pageOf(await holdfast.api.init(number, CHECKOUT)));
      await holdfast.api.orderIn(number, 'Fulfilled');
      expect(await held(number)).toEqual([
        ['canceled', 0],
        ['succeeded', 0],
      ]);
    });

    it('the bank says no, and Stripe will not have the intent cancelled: the order can be paid anew all the same', async () => {
      const { number, answer } = await processingPage();
      const code = 'payment_intent_unexpected_state';
      await holdfast.controls.fault({ kind: 'error', status: 400, code, path: '/cancel$', times: EVERY_TRY });
      await answer('failed');
      await holdfast.api.orderIn(number, 'Placed');
      await holdfast.controls.clearFaults();
      expect(await held(number)).toEqual([['requires_payment_method', 0]]);
      await holdfast.controls.payHostedPage(pageOf(await holdfast.api.init(number, CHECKOUT)));
      await holdfast.api.orderIn(number, 'Fulfilled');
    });

    it('the bank says no, and a refusal from before is all that Stripe knows under the key: asked anew, it is cancelled', async () => {
      const { number, answer } = await processingPage();
      await holdfast.controls.fault({ kind: 'garbage', path: '/cancel$', times: EVERY_TRY });
      expect((await holdfast.api.delete(`/v1/orders/${number}/payment`)).status).toBe(503);
      await holdfast.controls.clearFaults();
      await answer('failed');
      await holdfast.api.orderIn(number, 'Placed');
      expect(await held(number)).toEqual([['canceled', 0]]);
    });

    it('the bank says no and no webhook comes: the next look finds it', async () => {
      const { number, answer } = await processingPage();
      await holdfast.controls.webhooks({ mode: 'hold' });
      await answer('failed');
      await holdfast.reconcile();
      await holdfast.api.orderIn(number, 'Placed');
      expect(await held(number)).toEqual([['canceled', 0]]);
      await holdfast.controls.webhooks({ mode: 'deliver' });
      await holdfast.controls.flush();
      await holdfast.settled();
      expect((await holdfast.api.order(number)).orderStatus).toBe('Placed');
    });

    it('cancelled meanwhile: the bank says no, and everything is given back at once', async () => {
      const { number, answer } = await processingPage();
      expect((await holdfast.api.post(`/v1/orders/${number}/cancel`, {})).status).toBe(202);
      await answer('failed');
      await holdfast.api.orderIn(number, 'Canceled');
      expect(await held(number)).toEqual([['canceled', 0]]);
    });
  });

  it('in one click: result false, and what to wait for', async () => {
    const number = await holdfast.api.placeOrder();
    const saved = await holdfast.api.init(number);
    await holdfast.api.put(`/v1/orders/${number}/payment/save-payment-method`, {});
    await holdfast.controls.confirm(secretOf(saved), PROCESSING);
    await holdfast.controls.post(`payment_intents/${intentIdOf(saved)}/settle`, { status: 'succeeded' });
    const { accountId } = (await holdfast.api.orderIn(number, 'Fulfilled')) as { accountId: string };
    const { data } = (await holdfast.api.get(`/v1/accounts/${accountId}/payment-methods`)).body as {
      data: { id: string }[];
    };
    const next = await holdfast.api.placeOrder({ accountId });
    const answer = await holdfast.api.init(next, { paymentMethodId: data[0]?.id });
    expect(answer.body).toMatchObject({
      initPaymentData: { result: false, clientSecret: expect.any(String) },
      validationMessages: [{ code: 'payment-processing' }],
    });
    await holdfast.controls.post(`payment_intents/${intentIdOf(answer)}/settle`, { status: 'succeeded' });
    await holdfast.api.orderIn(next, 'Fulfilled');
  });
});
