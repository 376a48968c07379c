import { describe, expect, it } from '@jest/globals';
import type { Stripe } from '#stripe';
import { mayMove } from '#platform';
import { decideRefunds, truthOfRefund, withoutReleased } from './refunds.decision.js';
import type { RefundEntity } from './refund.entity.js';
import { REFUND_MOVES, type RefundStatus } from './refund.state-machine.js';

const STATUSES = Object.keys(REFUND_MOVES) as RefundStatus[];
const AT_STRIPE = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'];

function atStripe(id: string, status: string | null, fields: Partial<Stripe.Refund> = {}): Stripe.Refund {
  return {
    id,
    status,
    amount: 100,
    currency: 'eur',
    created: 1,
    reason: null,
    metadata: {},
    ...fields,
  } as Stripe.Refund;
}

function row(refundId: string, status: RefundStatus, stripeRefundId: string | null): RefundEntity {
  return { refundId, status, stripeRefundId, amount: 100 } as RefundEntity;
}

const decide = (known: RefundEntity[], found: Stripe.Refund[]) => decideRefunds(known, found.map(truthOfRefund));

describe('decideRefunds', () => {
  it('is total, moves only as the table says, and a second time finds nothing to do', () => {
    for (const known of STATUSES)
      for (const status of AT_STRIPE)
        for (const stripeRefundId of ['re_1', null]) {
          const refund = row('ref_1', known, stripeRefundId);
          const found = [atStripe('re_1', status, { metadata: { refundId: 'ref_1' } })];
          const [step, ...more] = decide([refund], found);
          expect(more).toEqual([]);
          if (step?.kind !== 'change') continue;
          const next = { ...refund, ...step.fields };
          expect(next.status === known || mayMove(REFUND_MOVES, known, next.status)).toBe(true);
          expect(next.stripeRefundId).toBe('re_1');
          expect(decide([next], found)).toEqual([]);
        }
  });

  it('older news than ours says nothing', () => {
    expect(decide([row('ref_1', 'Succeeded', 're_1')], [atStripe('re_1', 'pending')])).toEqual([]);
    expect(decide([row('ref_1', 'Failed', 're_1')], [atStripe('re_1', 'succeeded')])).toEqual([]);
  });

  it('a refund with the metadata of one that is over, or of another payment’s, is another refund', () => {
    const found = [atStripe('re_2', 'succeeded', { metadata: { refundId: 'ref_1' } })];
    expect(decide([row('ref_1', 'Failed', null)], found)).toMatchObject([{ kind: 'adopt' }]);
    expect(decide([row('ref_1', 'Succeeded', 're_1')], found)).toMatchObject([{ kind: 'adopt' }]);
    expect(decide([row('ref_9', 'Pending', null)], found)).toMatchObject([{ kind: 'adopt' }]);
  });

  it('two with the metadata of one: the first is ours, the second is one more', () => {
    const ours = { metadata: { refundId: 'ref_1' } };
    const steps = decide(
      [row('ref_1', 'Pending', null)],
      [atStripe('re_2', 'succeeded', ours), atStripe('re_1', 'succeeded', ours)],
    );
    expect(steps).toMatchObject([
      { kind: 'change', fields: { stripeRefundId: 're_1', status: 'Succeeded' } },
      { kind: 'adopt', truth: { stripeRefundId: 're_2' } },
    ]);
  });

  it.each([null, 'what'])('the status %p is not known: nothing is concluded', (status) => {
    expect(() => truthOfRefund(atStripe('re_1', status))).toThrow('unknown status');
  });
});

describe('withoutReleased', () => {
  const ids = (refunds: Stripe.Refund[]) => refunds.map(({ id }) => id);
  const released = atStripe('re_released', 'succeeded', { amount: 900 });
  const refund = atStripe('re_refund', 'succeeded', { amount: 900 });

  it('the released rest that is listed as a refund is left out, and is the first that was made', () => {
    const charge = { authorized: 2150, captured: 1250, refunded: 900 };
    expect(ids(withoutReleased([released], [], charge))).toEqual([]);
    expect(ids(withoutReleased([refund, released], [], { ...charge, refunded: 1800 }))).toEqual(['re_refund']);
  });

  it('a refund as large as the rest is one when Stripe does not list the rest', () => {
    expect(ids(withoutReleased([refund], [], { authorized: 2150, captured: 1250, refunded: 1800 }))).toEqual([
      're_refund',
    ]);
  });

  it('what is ours, by its row or by its metadata, is never left out', () => {
    const charge = { authorized: 2150, captured: 1250, refunded: 900 };
    expect(ids(withoutReleased([refund], [row('ref_1', 'Succeeded', 're_refund')], charge))).toEqual(['re_refund']);
    const ours = { ...refund, metadata: { refundId: 'ref_1' } };
    expect(ids(withoutReleased([ours], [], charge))).toEqual(['re_refund']);
  });

  it('nothing was released: everything is a refund, but for what Stripe calls an expired charge', () => {
    const charge = { authorized: 1250, captured: 1250, refunded: 900 };
    expect(ids(withoutReleased([refund], [], charge))).toEqual(['re_refund']);
    expect(ids(withoutReleased([{ ...refund, reason: 'expired_uncaptured_charge' }], [], charge))).toEqual([]);
  });
});
