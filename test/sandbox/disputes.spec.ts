import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const reserve = (payment_method = 'pm_card_visa', from = stripe) =>
  from.paymentIntents.create({
    amount: 5000,
    currency: 'eur',
    capture_method: 'manual',
    confirm: true,
    payment_method,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
const captured = async (payment_method?: string, from = stripe) =>
  from.paymentIntents.capture((await reserve(payment_method, from)).id);
const pass = (advanceSeconds: number) => f.control('POST', 'clock', { advanceSeconds });
const open = (body: object) => f.control<Stripe.Dispute>('POST', 'disputes', body);
const DAY = 86_400;

async function disputes(intent: Stripe.PaymentIntent): Promise<Stripe.Dispute[]> {
  return (await stripe.disputes.list({ payment_intent: intent.id })).data;
}

/** What disputes were reported as, oldest first. */
async function happened(): Promise<Stripe.Event[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter(({ type }) => type.startsWith('charge.dispute')).reverse();
}
const types = async () => (await happened()).map(({ type }) => type);

describe('cards that dispute (docs testing#disputes)', () => {
  test.each([
    ['pm_card_createDispute', 'fraudulent'],
    ['pm_card_createDisputeProductNotReceived', 'product_not_received'],
  ])('%s: %s, once it was captured and not before', async (card, reason) => {
    const intent = await reserve(card);
    await pass(DAY);
    expect(await disputes(intent)).toEqual([]);
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4000 });
    await pass(2);
    const [dispute] = await disputes(intent);
    expect(dispute).toMatchObject({ reason, status: 'needs_response', amount: 4000, charge: intent.latest_charge });
    const events = await happened();
    expect(events.map(({ type }) => type)).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn']);
    expect(events[0]?.data.object).toMatchObject({ id: dispute?.id, payment_intent: intent.id });
    expect((await stripe.charges.retrieve(intent.latest_charge as string)).disputed).toBe(true);
  });

  test('pm_card_createDisputeInquiry takes no money, and can still be refunded (Disputes.d.ts is_charge_refundable)', async () => {
    const intent = await captured('pm_card_createDisputeInquiry');
    await pass(2);
    const [inquiry] = await disputes(intent);
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true });
    expect(await types()).toEqual(['charge.dispute.created']);
    expect((await stripe.refunds.create({ payment_intent: intent.id })).status).toBe('succeeded');
    await f.control('POST', `disputes/${inquiry?.id}/close`, { status: 'won' });
    expect((await disputes(intent))[0]?.status).toBe('warning_closed');
    expect(await types()).toEqual(['charge.dispute.created', 'charge.dispute.closed']);
  });

  test('what was refunded whole before is not disputed', async () => {
    const intent = await captured('pm_card_createDispute');
    await stripe.refunds.create({ payment_intent: intent.id });
    await pass(2);
    expect(await disputes(intent)).toEqual([]);
  });

  test('comes after a restart too', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-sandbox-'));
    const before = await openSandbox({ dataDir });
    const intent = await captured('pm_card_createDispute', before.stripe);
    await before.sandbox.close();
    const after = await openSandbox({ dataDir });
    await after.control('POST', 'clock', { advanceSeconds: 2 });
    const { data } = await after.stripe.disputes.list({ payment_intent: intent.id });
    await after.sandbox.close();
    const later = await openSandbox({ dataDir });
    await later.control('POST', 'clock', { advanceSeconds: 21 * DAY });
    const lost = await later.stripe.disputes.retrieve(data[0]?.id ?? '');
    await later.sandbox.close();
    await rm(dataDir, { recursive: true });
    expect(data).toHaveLength(1);
    expect(lost.status).toBe('lost');
  });
});

describe('answering a dispute (api/disputes/update)', () => {
  const disputed = async () => open({ payment_intent: (await captured()).id });

  test.each([
    ['winning_evidence', 'won', ['charge.dispute.closed', 'charge.dispute.funds_reinstated']],
    ['losing_evidence', 'lost', ['charge.dispute.closed']],
  ])('%s: %s (docs testing#disputes)', async (uncategorized_text, status, ends) => {
    const { id } = await disputed();
    const submitted = await stripe.disputes.update(id, { evidence: { uncategorized_text } });
    expect(submitted).toMatchObject({
      status: 'under_review',
      evidence: { uncategorized_text },
      evidence_details: { has_evidence: true, submission_count: 1 },
    });
    await pass(2);
    expect((await stripe.disputes.retrieve(id)).status).toBe(status);
    const opened = ['charge.dispute.created', 'charge.dispute.funds_withdrawn'];
    expect(await types()).toEqual([...opened, 'charge.dispute.updated', ...ends]);
  });

  test('is staged first, then handed in once, and not after the end', async () => {
    const { id } = await disputed();
    const staged = await stripe.disputes.update(id, { evidence: { customer_name: 'Ada' }, submit: false });
    expect(staged).toMatchObject({ status: 'needs_response', evidence_details: { submission_count: 0 } });
    expect((await stripe.disputes.update(id, { submit: true })).status).toBe('under_review');
    expect((await refusal(stripe.disputes.update(id, { evidence: { customer_name: 'Eve' } }))).statusCode).toBe(400);
    expect((await stripe.disputes.update(id, { metadata: { case: '7' } })).metadata).toEqual({ case: '7' });
    await f.control('POST', `disputes/${id}/close`, { status: 'lost' });
    expect((await refusal(stripe.disputes.close(id))).message).toContain('already closed');
    expect((await refusal(stripe.disputes.update(id, { submit: true }))).statusCode).toBe(400);
  });

  test('is lost when nobody does, at due_by and not a second earlier', async () => {
    const { id, evidence_details } = await disputed();
    const { unixMs } = await f.control<{ unixMs: number }>('GET', 'clock');
    await pass(evidence_details.due_by! - Math.floor(unixMs / 1000) - 5);
    expect((await stripe.disputes.retrieve(id)).status).toBe('needs_response');
    await pass(6);
    const lost = await stripe.disputes.retrieve(id);
    expect(lost).toMatchObject({ status: 'lost', evidence_details: { past_due: true } });
  });

  test('closing accepts it as lost (api/disputes/close)', async () => {
    const { id } = await disputed();
    expect((await stripe.disputes.close(id)).status).toBe('lost');
    expect((await types()).at(-1)).toBe('charge.dispute.closed');
  });

  test.each<[string, object, string]>([
    ['a word that Stripe does not know', { evidence: { excuse: 'x' } }, 'evidence[excuse]'],
    ['too long a word', { evidence: { uncategorized_text: 'x'.repeat(20_001) } }, 'evidence[uncategorized_text]'],
    ['a submit that is neither', { submit: 'maybe' }, 'submit'],
  ])('%s is refused', async (_title, params, param) => {
    expect(await refusal(stripe.disputes.update((await disputed()).id, params))).toMatchObject({
      statusCode: 400,
      param,
    });
  });

  test('of nothing is a 404', async () => {
    expect(await refusal(stripe.disputes.update('du_none', {}))).toMatchObject({ statusCode: 404 });
    expect(await refusal(stripe.disputes.close('du_none'))).toMatchObject({ statusCode: 404 });
  });
});

describe('the control', () => {
  test('disputes what is left after refunds, or as much as is asked for', async () => {
    const first = await captured();
    await stripe.refunds.create({ payment_intent: first.id, amount: 1000 });
    expect((await open({ payment_intent: first.id })).amount).toBe(4000);
    const second = await captured();
    expect(await open({ payment_intent: second.id, amount: 5001 })).toHaveProperty('error.message');
    expect(await open({ payment_intent: second.id, amount: 700, kind: 'product_not_received' })).toMatchObject({
      amount: 700,
      reason: 'product_not_received',
    });
  });

  test('refuses what was not captured, what is disputed, and what does not exist', async () => {
    const reserved = await reserve();
    for (const payment_intent of [reserved.id, 'pi_none'])
      expect(await open({ payment_intent })).toHaveProperty('error.message');
    const { id } = await captured();
    await open({ payment_intent: id });
    expect(await open({ payment_intent: id })).toHaveProperty('error.message');
  });

  test('after a loss the charge cannot be refunded: the money is gone already', async () => {
    const { id } = await captured();
    const dispute = await open({ payment_intent: id });
    await f.control('POST', `disputes/${dispute.id}/close`, { status: 'lost' });
    const error = await refusal(stripe.refunds.create({ payment_intent: id }));
    expect(error).toMatchObject({ statusCode: 400, code: 'charge_disputed' });
    expect(error.message).toMatch(/^Charge ch_\w+ has been charged back; cannot issue a refund\.$/);
  });
});
