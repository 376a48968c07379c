import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RefundsReturns } from '#refunds';
import { Clock } from '#platform';
import { HANDLED_EVENTS } from '#webhooks';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { casesOf, charged, EVERY_TRY, reserve, reserveManual } from '../support/payment-steps.js';
import { RefundSteps } from '../support/refund-steps.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

/** Longer than the card network of the sandbox takes. */
const LATER_SECONDS = 61;
/** So many orders go through each flow at once. */
const ORDERS = 6;

describe('refunds that Stripe knows more about', () => {
  let holdfast: Holdfast;
  let steps: RefundSteps;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    steps = new RefundSteps(holdfast);
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.heal());

  const refund = (...parameters: Parameters<RefundSteps['refund']>) => steps.refund(...parameters);
  const paymentOf = (number: string) => steps.payment(number);
  const list = (number: string) => steps.list(number);
  const history = async (number: string) => (await steps.history(number)).map(({ type }) => type);
  const statusIs = (number: string, status: string) =>
    eventually(
      () => list(number),
      (data) => data[0]?.status === status,
    );

  it('made in the dashboard: a refund of ours, in the books, the history, and what is left (S52)', async () => {
    const { number, intentId } = await charged(holdfast);
    const made = await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 450, reason: 'duplicate' });
    const [adopted] = await statusIs(number, 'Succeeded');
    expect(adopted).toEqual({
      refundId: expect.stringMatching(/^ref_/),
      ...{ status: 'Succeeded', amount: 450, currency: 'EUR', reason: 'duplicate' },
      createdAt: expect.any(String),
    });
    expect(await paymentOf(number)).toMatchObject({ amountCaptured: 1250, amountRefunded: 450, amountDisputed: 0 });
    const entry = (await holdfast.api.timeline(number)).find(({ type }) => type === 'refund.succeeded');
    expect(entry).toMatchObject({ actor: 'stripe', detail: { stripeRefundId: made.id, amount: 450 } });
    expect((await refund(number, { amount: 801 })).body.code).toBe('refund-exceeds-captured');
    expect((await refund(number)).body).toMatchObject({ amount: 800 });
  });

  it('charge.refunded redelivered, and our own refund echoed: one row (S50)', async () => {
    const { number, intentId } = await charged(holdfast);
    const { body } = await refund(number, { amount: 300 });
    await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 200 });
    await holdfast.settled();
    const { data } = await holdfast.stripe.refunds.list({ payment_intent: intentId });
    const charge = await holdfast.stripe.charges.retrieve(data[0]!.charge as string);
    const events = [
      ...data.flatMap((object) => [eventAbout('refund.created', object), eventAbout('refund.updated', object)]),
      eventAbout('charge.refunded', charge),
    ];
    for (const event of [...events, ...events]) expect(await deliver(holdfast, event)).toBe(200);
    expect((await list(number)).map(({ amount }) => amount).sort()).toEqual([200, 300]);
    expect((await list(number)).map(({ refundId }) => refundId)).toContain(body.refundId);
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 500 });
    expect((await history(number)).filter((type) => type === 'refund.succeeded')).toHaveLength(2);
  });

  it('an ordinary refund is no dispute (S54)', async () => {
    const { number } = await charged(holdfast);
    await refund(number);
    await holdfast.settled();
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 1250, amountDisputed: 0 });
    expect(await holdfast.rows('SELECT 1 FROM disputes WHERE order_number = $1', [number])).toEqual([]);
    expect(await history(number)).toEqual(['refund.pending', 'refund.succeeded']);
  });

  it('a released reservation, which Stripe shows as charge.refunded, is no refund', async () => {
    const { number, intentId } = await reserveManual(holdfast);
    expect((await holdfast.api.post(`/v1/orders/${number}/cancel`, {})).status).toBe(200);
    await holdfast.settled();
    const intent = await holdfast.stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] });
    expect(intent.latest_charge).toMatchObject({ amount_refunded: 1250 });
    expect(await list(number)).toEqual([]);
    expect(await paymentOf(number)).toMatchObject({ status: 'Released', amountRefunded: 0 });
    expect(await casesOf(holdfast, number)).toEqual([]);
  });

  it('the rest that a partial capture lets go is no refund, whatever refund is made beside it', async () => {
    const { number, intentId } = await charged(holdfast, { items: [{}, { sku: 'fail-x', unitAmount: 900 }] });
    const { latest_charge } = await holdfast.stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge'] });
    expect(latest_charge).toMatchObject({ amount_refunded: 900 });
    expect(await deliver(holdfast, eventAbout('charge.refunded', latest_charge as object))).toBe(200);
    expect(await list(number)).toEqual([]);
    // As large as what was let go, and yet a refund.
    await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 900 });
    expect(await statusIs(number, 'Succeeded')).toMatchObject([{ amount: 900 }]);
    expect(await paymentOf(number)).toMatchObject({ amountCaptured: 1250, amountRefunded: 900 });
  });

  it('pending, then succeeded: it takes its amount from the first moment, and counts when the money went', async () => {
    const { number } = await charged(holdfast, { items: [{}, { unitAmount: 500 }] }, 'pm_card_pendingRefund');
    const item = { orderItemNumbers: [`${number}-1`] };
    const { body } = await refund(number, item);
    expect(body).toMatchObject({ status: 'Pending', amount: 1250 });
    await holdfast.settled();
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 0 });
    expect((await refund(number, item)).body.code).toBe('refund-item-not-refundable');
    expect((await refund(number, { amount: 501 })).body.code).toBe('refund-exceeds-captured');
    await holdfast.controls.advance(LATER_SECONDS);
    await statusIs(number, 'Succeeded');
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 1250 });
    expect(await history(number)).toEqual(['refund.pending', 'refund.succeeded']);
  });

  it('succeeded, then sent back by the card network: Failed, free again, and on the operator’s list', async () => {
    const { number } = await charged(holdfast, {}, 'pm_card_refundFail');
    const item = { orderItemNumbers: [`${number}-1`] };
    const { body } = await refund(number, item);
    expect(body.status).toBe('Succeeded');
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 1250 });
    await holdfast.controls.advance(LATER_SECONDS);
    expect(await statusIs(number, 'Failed')).toMatchObject([{ refundId: body.refundId, failureCode: 'unknown' }]);
    expect(await paymentOf(number)).toMatchObject({ amountCaptured: 1250, amountRefunded: 0 });
    expect(await history(number)).toEqual(['refund.pending', 'refund.succeeded', 'refund.failed']);
    expect(await casesOf(holdfast, body.refundId)).toEqual(['refund-returned']);
    expect((await refund(number, item)).body).toMatchObject({ status: 'Succeeded', amount: 1250 });
  });

  it('events of other programs’ refunds are ignored; of ours without a row they are listed (S17)', async () => {
    const { data } = await holdfast.stripe.refunds.list({ limit: 1 });
    const template = data[0]!;
    const foreign = { ...template, id: 're_foreign', payment_intent: 'pi_foreign', metadata: {} };
    expect(await deliver(holdfast, eventAbout('refund.created', foreign))).toBe(200);
    expect(await deliver(holdfast, eventAbout('refund.created', { ...foreign, payment_intent: null }))).toBe(200);
    expect(await holdfast.rows(`SELECT 1 FROM stripe_events WHERE object_id = 're_foreign'`)).toEqual([]);
    const lost = { ...foreign, id: 're_lost', metadata: { source: 'holdfast', paymentId: 'pay_lost' } };
    expect(await deliver(holdfast, eventAbout('refund.created', lost))).toBe(200);
    expect(await casesOf(holdfast, 're_lost')).toEqual(['stripe-object-without-payment']);
  });

  it('Stripe cannot be read: the event is kept as failed, and its second delivery has the effect', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.controls.webhooks({ mode: 'hold' });
    const made = await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 100 });
    const event = eventAbout('refund.created', made);
    await holdfast.controls.fault({ kind: 'error', status: 500, method: 'GET', path: '/v1/refunds', times: EVERY_TRY });
    expect(await deliver(holdfast, event)).toBe(503);
    await holdfast.controls.clearFaults();
    expect(await list(number)).toEqual([]);
    expect(await deliver(holdfast, event)).toBe(200);
    expect(await list(number)).toMatchObject([{ amount: 100 }]);
  });

  it('a refund is heard of before its charge: both are in the books', async () => {
    const { number, intentId } = await reserveManual(holdfast);
    await holdfast.controls.webhooks({ mode: 'hold' });
    await holdfast.stripe.paymentIntents.capture(intentId);
    const made = await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 100 });
    expect(await deliver(holdfast, eventAbout('refund.created', made))).toBe(200);
    expect(await paymentOf(number)).toMatchObject({ status: 'Captured', amountCaptured: 1250, amountRefunded: 100 });
  });

  it('reconciliation: what no event told is adopted, and what was not answered is asked again', async () => {
    const { controls, stripe } = holdfast;
    const { number, intentId, paymentId } = await charged(holdfast);
    await controls.webhooks({ mode: 'hold' });
    const returns = holdfast.app.get(RefundsReturns);
    await stripe.refunds.create({ payment_intent: intentId, amount: 100 });
    await controls.fault({ kind: 'drop_before', method: 'POST', path: '/v1/refunds', times: EVERY_TRY });
    const { refundId } = (await refund(number, { amount: 50 })).body;
    await steps.openDispute(intentId);
    await controls.clearFaults();
    await holdfast.rows(`DELETE FROM pgboss.job WHERE name = 'payments.finish-refund'`);

    expect(await returns.reconcile(refundId)).toBe(true);
    expect(await returns.reconcile(paymentId)).toBe(true);
    expect(await returns.reconcile('pay_unknown')).toBe(false);
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 100, amountDisputed: 1150 });
    // The dispute was faster than the refund: Stripe refuses it, and its amount is free.
    const done = await eventually(
      () => list(number),
      (data) => data.every(({ status }) => status !== 'Pending'),
    );
    expect(done.map(({ amount, status }) => [amount, status]).sort()).toEqual([
      [100, 'Succeeded'],
      [50, 'Failed'],
    ]);
  });

  it('the schedule looks at what stays Pending, and says what changed by it', async () => {
    const { controls } = holdfast;
    const returns = holdfast.app.get(RefundsReturns);
    const { number } = await charged(holdfast, {}, 'pm_card_pendingRefund');
    await holdfast.settled();
    await controls.webhooks({ mode: 'hold' });
    await refund(number);
    expect(await returns.run('by-hand')).toBe(0);
    // Not due yet: an event is given its time.
    await controls.advance(LATER_SECONDS);
    expect(await returns.run('by-schedule')).toBe(0);
    expect(await list(number)).toMatchObject([{ status: 'Pending' }]);
    await controls.fault({ kind: 'error', status: 500, method: 'GET', path: '/v1/refunds', times: EVERY_TRY });
    await expect(returns.run('by-hand')).rejects.toThrow('Stripe did not answer');
    await controls.clearFaults();
    expect(await returns.run('by-hand')).toBe(1);
    expect(await list(number)).toMatchObject([{ status: 'Succeeded' }]);
    expect(await paymentOf(number)).toMatchObject({ amountRefunded: 1250 });
    expect(await returns.run('by-hand')).toBe(0);
  });

  it('one that is Pending for two weeks is put before an operator, once, and off the list when it ends', async () => {
    const { number } = await charged(holdfast, {}, 'pm_card_pendingRefund');
    const { refundId } = (await refund(number)).body;
    await holdfast.settled();
    const returns = holdfast.app.get(RefundsReturns);
    const begunBefore = async (time: string) => {
      const begun = 'UPDATE refunds SET created_at = $2::timestamptz - $3::interval WHERE refund_id = $1';
      await holdfast.rows(begun, [refundId, holdfast.app.get(Clock).now(), time]);
      await returns.run('by-hand');
      return casesOf(holdfast, refundId);
    };
    expect(await begunBefore('13 days 23 hours')).toEqual([]);
    expect(await begunBefore('14 days')).toEqual(['refund-overdue']);
    await holdfast.rows(`UPDATE operator_cases SET closed_at = now() WHERE subject = $1`, [refundId]);
    expect(await begunBefore('20 days')).toEqual([]);
    await holdfast.rows(`UPDATE operator_cases SET closed_at = NULL WHERE subject = $1`, [refundId]);
    await holdfast.controls.advance(LATER_SECONDS);
    await statusIs(number, 'Succeeded');
    expect(await casesOf(holdfast, refundId)).toEqual([]);
  });

  describe('in many orders, each event twice', () => {
    /** One step of a flow, for one order; or the card network takes its time. */
    type Step = 'later' | ((number: string, intentId: string) => Promise<unknown>);
    interface Order {
      readonly number: string;
      readonly intentId: string;
    }
    const ours = (amount: number) => (number: string) => refund(number, { amount });
    const dashboards = (amount: number) => (_: string, intentId: string) =>
      holdfast.stripe.refunds.create({ payment_intent: intentId, amount });
    const disputed = (status: 'won' | 'lost') => async (_: string, intentId: string) =>
      steps.closeDispute(await steps.openDispute(intentId), status);
    const TOLD = ['refund.succeeded', 'refund.failed', 'dispute.opened', 'dispute.closed'];

    const FLOWS: [string, string, Step[], object][] = [
      [
        'ours and the dashboard’s, then a dispute that is won',
        'pm_card_visa',
        [ours(100), dashboards(200), disputed('won')],
        {
          ...{ amountCaptured: 1250, amountRefunded: 300, amountDisputed: 0 },
          refunds: ['100 Succeeded', '200 Succeeded'],
          disputes: [{ status: 'Won', amount: 950 }],
          told: [2, 0, 1, 1],
        },
      ],
      [
        'one that is sent back, and its second try',
        'pm_card_refundFail',
        [ours(1250), 'later', dashboards(1250)],
        {
          ...{ amountCaptured: 1250, amountRefunded: 1250, amountDisputed: 0 },
          refunds: ['1250 Failed', '1250 Succeeded'],
          disputes: [],
          told: [2, 1, 0, 0],
        },
      ],
      [
        'pending, then succeeded, then a dispute that is lost',
        'pm_card_pendingRefund',
        [ours(100), 'later', disputed('lost')],
        {
          ...{ amountCaptured: 1250, amountRefunded: 100, amountDisputed: 1150 },
          refunds: ['100 Succeeded'],
          disputes: [{ status: 'Lost', amount: 1150 }],
          told: [1, 0, 1, 1],
        },
      ],
    ];

    /** The held events that are handled, by the intent that they are about. */
    const heldOf = async (orders: readonly Order[]): Promise<Map<string, string[]>> => {
      const answer: unknown = await (await fetch(`${holdfast.sandbox.url}/_sandbox/webhooks`)).json();
      const held = (answer as { held: { event: string; type: string }[] }).held;
      const handled = held.filter(({ type }) => HANDLED_EVENTS.some((one) => one === type));
      const byIntent = new Map<string, string[]>(orders.map(({ intentId }) => [intentId, []]));
      for (const { event } of handled) {
        const text = JSON.stringify(await holdfast.stripe.events.retrieve(event));
        for (const [intentId, events] of byIntent) if (text.includes(intentId)) events.push(event);
      }
      return byIntent;
    };

    const endOf = async (number: string) => {
      const { amountRefunded, amountDisputed, amountCaptured } = await paymentOf(number);
      const disputes = await holdfast.rows('SELECT status, amount FROM disputes WHERE order_number = $1', [number]);
      const refunds = (await list(number)).map(({ status, amount }) => `${amount} ${status}`).sort();
      const lines = await history(number);
      const told = TOLD.map((type) => lines.filter((line) => line === type).length);
      return { amountCaptured, amountRefunded, amountDisputed, refunds, disputes, told };
    };

    it.each(FLOWS)('%s: the same end', async (_name, card, flow, expected) => {
      const { controls } = holdfast;
      const orders = await Promise.all(Array.from({ length: ORDERS }, () => charged(holdfast, {}, card)));
      await holdfast.settled();
      await controls.webhooks({ mode: 'hold' });
      for (const step of flow) {
        if (step === 'later') await controls.advance(LATER_SECONDS);
        else for (const { number, intentId } of orders) await step(number, intentId);
      }
      const held = await heldOf(orders);
      for (const [n, { number, intentId }] of orders.entries()) {
        const events = held.get(intentId) ?? [];
        expect(events.length).toBeGreaterThan(3);
        // Each event is the first of some order, and the last of another.
        const turned = [...events.slice(n % events.length), ...events.slice(0, n % events.length)];
        const order = n % 2 === 0 ? turned : turned.toReversed();
        await controls.flush(order.flatMap((event) => [event, event]));
        expect(await endOf(number)).toEqual(expected);
      }
    });
  });

  it('a reservation that ran out is no refund either', async () => {
    const { number } = await reserve(holdfast, { items: [{ fulfiller: 'manual' }] });
    await holdfast.api.orderIn(number, 'InTransit');
    await holdfast.controls.advance(8 * 24 * 3600);
    await eventually(
      () => paymentOf(number),
      ({ status }) => status === 'Expired',
    );
    expect(await list(number)).toEqual([]);
  });
});
