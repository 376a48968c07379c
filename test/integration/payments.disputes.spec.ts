import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { charged } from '../support/payment-steps.js';
import { RefundSteps } from '../support/refund-steps.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

const DISPUTE_EVENTS = ['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map(
  (kind) => `charge.dispute.${kind}`,
);

describe('disputes', () => {
  let holdfast: Holdfast;
  let steps: RefundSteps;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    steps = new RefundSteps(holdfast);
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.webhooks({ mode: 'deliver' }));

  const refund = (...parameters: Parameters<RefundSteps['refund']>) => steps.refund(...parameters);
  const history = (number: string) => steps.history(number);
  const disputed = (number: string, amount: number) =>
    eventually(
      async () => (await steps.payment(number)).amountDisputed,
      (now) => now === amount,
    );

  it('opened and lost: shown on the payment, in the history, and lost for good', async () => {
    const { number, intentId } = await charged(holdfast);
    const id = await steps.openDispute(intentId);
    await disputed(number, 1250);
    await steps.closeDispute(id, 'lost');
    await eventually(
      () => history(number),
      (entries) => entries.length === 2,
    );
    const detail = { disputeId: id, amount: 1250, currency: 'EUR', reason: 'fraudulent' };
    expect(await history(number)).toMatchObject([
      { type: 'dispute.opened', to: 'Open', actor: 'stripe', detail },
      { type: 'dispute.closed', from: 'Open', to: 'Lost', actor: 'stripe', detail: { ...detail, outcome: 'lost' } },
    ]);
    expect(await holdfast.api.order(number)).toMatchObject({ orderStatus: 'Fulfilled' });
    expect(await steps.payment(number)).toMatchObject({
      amountCaptured: 1250,
      amountRefunded: 0,
      amountDisputed: 1250,
    });
    expect((await refund(number)).body.code).toBe('payment-disputed');
  });

  it('won: nothing is disputed any more', async () => {
    const { number, intentId } = await charged(holdfast);
    const id = await steps.openDispute(intentId);
    await disputed(number, 1250);
    await steps.closeDispute(id, 'won');
    await disputed(number, 0);
    expect((await history(number)).at(-1)).toMatchObject({ type: 'dispute.closed', detail: { outcome: 'won' } });
    // Stripe does not refund a charge that was charged back, also when it was won.
    expect((await refund(number)).body.code).toBe('payment-disputed');
    expect(await steps.creates(number)).toEqual([]);
  });

  it('an inquiry takes no money: it is shown, counts for nothing, and refunds go on', async () => {
    const { number, intentId } = await charged(holdfast);
    const { id } = (await holdfast.controls.post('disputes', { payment_intent: intentId, kind: 'inquiry' })) as {
      id: string;
    };
    await eventually(
      () => history(number),
      (entries) => entries.length === 1,
    );
    expect(await history(number)).toMatchObject([{ type: 'dispute.opened', to: 'Inquiry', detail: { disputeId: id } }]);
    expect(await steps.payment(number)).toMatchObject({ amountDisputed: 0 });
    expect((await refund(number)).body).toMatchObject({ status: 'Succeeded', amount: 1250 });
    await steps.closeDispute(id, 'lost');
    await eventually(
      () => history(number),
      (entries) => entries.at(-1)?.type === 'dispute.closed',
    );
    expect((await history(number)).at(-1)).toMatchObject({ to: 'Closed', detail: { outcome: 'closed' } });
    expect(await steps.payment(number)).toMatchObject({ amountDisputed: 0, amountRefunded: 1250 });
  });

  it('a part of the charge is disputed, and won back', async () => {
    const { number, intentId } = await charged(holdfast);
    const { id } = (await holdfast.controls.post('disputes', { payment_intent: intentId, amount: 400 })) as {
      id: string;
    };
    await disputed(number, 400);
    await steps.closeDispute(id, 'won');
    await disputed(number, 0);
  });

  it('opened and decided before we heard of it: the history is the same', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.settled();
    await holdfast.controls.webhooks({ mode: 'hold' });
    const id = await steps.openDispute(intentId);
    await steps.closeDispute(id, 'lost');
    const dispute = await holdfast.stripe.disputes.retrieve(id);
    for (const type of DISPUTE_EVENTS) {
      expect(await deliver(holdfast, eventAbout(type, dispute))).toBe(200);
      expect((await history(number)).map(({ to }) => to)).toEqual(['Open', 'Lost']);
    }
    expect((await steps.payment(number)).amountDisputed).toBe(1250);
    await holdfast.controls.flush();
    expect(await history(number)).toHaveLength(2);
  });

  it('while the money is withdrawn a refund is a 409, before Stripe is asked and before the body is looked at', async () => {
    const { number, intentId } = await charged(holdfast);
    expect((await refund(number, { amount: 100 })).status).toBe(201);
    await steps.openDispute(intentId);
    // What was refunded is not the bank's to take.
    await disputed(number, 1150);
    const before = await steps.creates(number);
    for (const body of [{}, { amount: 1 }, { amount: -1 }]) {
      const answer = await refund(number, body);
      expect([answer.status, answer.body.code, answer.body.orderStatus]).toEqual([
        409,
        'payment-disputed',
        'Fulfilled',
      ]);
    }
    expect(await steps.creates(number)).toEqual(before);
    expect(await steps.payment(number)).toMatchObject({ amountRefunded: 100, amountDisputed: 1150 });
  });

  it('Stripe refuses a refund of a dispute that nobody told us of: 409, a Failed refund, and the dispute in the books', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.controls.webhooks({ mode: 'deliver', drop: DISPUTE_EVENTS });
    await steps.openDispute(intentId);
    const answer = await refund(number);
    expect([answer.status, answer.body.code]).toEqual([409, 'payment-disputed']);
    expect(await steps.list(number)).toMatchObject([
      { status: 'Failed', amount: 1250, failureCode: 'charge_disputed' },
    ]);
    expect((await steps.payment(number)).amountDisputed).toBe(1250);
    expect((await history(number)).at(-1)).toMatchObject({ type: 'dispute.opened', to: 'Open' });
  });

  it('a dispute about somebody else’s charge is ignored', async () => {
    const { intentId } = await charged(holdfast);
    const id = await steps.openDispute(intentId);
    const dispute = await holdfast.stripe.disputes.retrieve(id);
    const foreign = { ...dispute, id: 'du_foreign', payment_intent: 'pi_foreign' };
    expect(await deliver(holdfast, eventAbout('charge.dispute.created', foreign))).toBe(200);
    expect(await holdfast.rows(`SELECT 1 FROM disputes WHERE dispute_id = 'du_foreign'`)).toEqual([]);
    expect(await holdfast.rows(`SELECT 1 FROM stripe_events WHERE object_id = 'du_foreign'`)).toEqual([]);
  });
});
