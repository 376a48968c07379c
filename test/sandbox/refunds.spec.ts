import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

let f: Fixture;
let stripe: Stripe;
beforeEach(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterEach(() => f.sandbox.close());

const reserve = (payment_method = 'pm_card_visa') =>
  stripe.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    capture_method: 'manual',
    confirm: true,
    payment_method,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
const captured = async (payment_method = 'pm_card_visa', amount_to_capture = 5000) =>
  stripe.paymentIntents.capture((await reserve(payment_method)).id, { amount_to_capture });
const chargeOf = (intent: Stripe.PaymentIntent) => stripe.charges.retrieve(intent.latest_charge as string);
const pass = (advanceSeconds: number) => f.control('POST', 'clock', { advanceSeconds });
const settle = (id: string, body: object) => f.control<Stripe.Refund>('POST', `refunds/${id}/settle`, body);

/** What happened to money after it was captured, oldest first. */
async function happened(): Promise<Stripe.Event[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter(({ type }) => /refund/.test(type)).reverse();
}
const types = async () => (await happened()).map(({ type }) => type);

describe('a refund (api/refunds)', () => {
  test('is reported as itself and on its charge, with what was before (Events.d.ts)', async () => {
    const intent = await captured('pm_card_visa', 4000);
    const first = await stripe.refunds.create({ payment_intent: intent.id, amount: 1500, metadata: { item: '1' } });
    await stripe.refunds.create({ payment_intent: intent.id });
    const events = await happened();
    expect(events.map(({ type }) => type)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.created',
      'charge.refunded',
    ]);
    expect(events[0]?.data.object).toMatchObject({ id: first.id, amount: 1500, metadata: { item: '1' } });
    // The part of the hold that was released counts as given back too (facts §3.2).
    expect(events[1]?.data).toMatchObject({
      object: { amount: 5000, amount_captured: 4000, amount_refunded: 2500, refunded: false },
      previous_attributes: { amount_refunded: 1000 },
    });
    expect(events[3]?.data).toMatchObject({
      object: { amount_refunded: 5000, refunded: true },
      previous_attributes: { amount_refunded: 2500, refunded: false },
    });
  });

  test.each([
    [6000, 'Refund amount (60.00 EUR) is greater than charge amount (50.00 EUR)'],
    [4001, 'Refund amount (40.01 EUR) is greater than unrefunded amount on charge (40.00 EUR)'],
  ])('of %i out of 4000 is refused, and changes nothing', async (amount, message) => {
    const intent = await captured('pm_card_visa', 4000);
    const error = await refusal(stripe.refunds.create({ payment_intent: intent.id, amount }));
    expect(error).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(error.message).toBe(message);
    expect(error.code).toBeUndefined();
    expect((await stripe.refunds.list()).data).toEqual([]);
    expect((await chargeOf(intent)).amount_refunded).toBe(1000);
  });

  test('of what was cancelled is refused: there is no successful charge', async () => {
    const intent = await stripe.paymentIntents.cancel((await reserve()).id);
    const error = await refusal(stripe.refunds.create({ payment_intent: intent.id }));
    expect(error.message).toBe(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`);
  });

  test.each([0, -1, 'all'])('of %s is refused', async (amount) => {
    const { id } = await captured();
    const create = stripe.refunds.create({ payment_intent: id, amount: amount as number });
    expect(await refusal(create)).toMatchObject({ code: 'parameter_invalid_integer', param: 'amount' });
  });

  test('keeps its metadata; nothing else of it can be changed, and it cannot be taken back', async () => {
    const refund = await stripe.refunds.create({ payment_intent: (await captured()).id });
    const updated = await stripe.refunds.update(refund.id, { metadata: { item: '2' } });
    expect(updated.metadata).toEqual({ item: '2' });
    expect((await types()).at(-1)).toBe('refund.updated');
    const change = stripe.refunds.update(refund.id, { amount: 1 } as Stripe.RefundUpdateParams);
    expect((await refusal(change)).code).toBe('parameter_unknown');
    expect((await refusal(stripe.refunds.cancel(refund.id))).statusCode).toBe(400);
  });
});

describe('a refund that takes its time (docs testing#refunds)', () => {
  test('4000000000007726: pending, then succeeded, with refund.updated', async () => {
    const intent = await captured('pm_card_pendingRefund');
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    expect(refund.status).toBe('pending');
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe('charge_already_refunded');
    await pass(61);
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
    const events = await happened();
    expect(events.map(({ type }) => type)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.updated',
      'charge.refund.updated',
    ]);
    expect(events[2]?.data).toMatchObject({
      object: { id: refund.id, status: 'succeeded' },
      previous_attributes: { status: 'pending' },
    });
  });

  test('4000000000005126: succeeded, then failed, with refund.failed; the money can be refunded again', async () => {
    const intent = await captured('pm_card_refundFail');
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2000 });
    expect(refund.status).toBe('succeeded');
    expect((await chargeOf(intent)).amount_refunded).toBe(2000);
    await pass(61);
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed', failure_reason: 'unknown' });
    expect((await types()).slice(2)).toEqual(['refund.failed', 'refund.updated', 'charge.refund.updated']);
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 0, refunded: false });
    expect((await stripe.refunds.create({ payment_intent: intent.id })).amount).toBe(5000);
  });

  test('a pending one fails when the controls say so, and stays so when its time comes', async () => {
    const intent = await captured('pm_card_pendingRefund');
    const { id } = await stripe.refunds.create({ payment_intent: intent.id });
    const failed = await settle(id, { status: 'failed', failure_reason: 'lost_or_stolen_card' });
    expect(failed).toMatchObject({ status: 'failed', failure_reason: 'lost_or_stolen_card' });
    await pass(61);
    expect((await stripe.refunds.retrieve(id)).status).toBe('failed');
    expect((await types()).filter((type) => type === 'refund.updated')).toHaveLength(1);
  });

  test('any card fails when the controls say so; what has failed is settled', async () => {
    const { id } = await stripe.refunds.create({ payment_intent: (await captured()).id });
    expect(await settle(id, { status: 'succeeded' })).toHaveProperty('error.message');
    expect((await settle(id, { status: 'failed' })).status).toBe('failed');
    expect(await settle(id, { status: 'failed' })).toHaveProperty('error.message');
    expect(await settle(id, { status: 'failed', failure_reason: 'bad_mood' })).toHaveProperty('error.message');
    expect(await settle('re_none', { status: 'failed' })).toHaveProperty('error.message');
  });
});
