import { describe, expect, it } from '@jest/globals';
import { mayMove } from '#platform';
import type { PaymentEntity, ReleaseReason } from './payment.entity.js';
import { PAYMENT_ENDED, PAYMENT_MOVES, type PaymentStatus } from './payment.state-machine.js';
import { decide } from './payments.decision.js';
import type { Truth } from './payments.truth.js';

const STATUSES = Object.keys(PAYMENT_MOVES) as PaymentStatus[];
const REASONS: readonly (ReleaseReason | null)[] = [
  'abandoned',
  'canceled',
  'expired',
  'nothing-delivered',
  'mismatch',
  null,
];
const EXPIRES = new Date('2026-12-01T00:00:00Z');

const right = { intentId: 'pi_1', currency: 'EUR' } as const;
const TRUTHS: readonly Truth[] = [
  { kind: 'open', actionRequired: false },
  { kind: 'open', intentId: 'pi_1', actionRequired: true },
  { kind: 'open', intentId: 'pi_1', actionRequired: false, declineCode: 'generic_decline' },
  { kind: 'processing', intentId: 'pi_1' },
  { kind: 'authorized', ...right, amount: 1250, expiresAt: EXPIRES },
  { kind: 'authorized', ...right, amount: 1250, expiresAt: null },
  { kind: 'authorized', ...right, amount: 1249, expiresAt: EXPIRES },
  { kind: 'authorized', intentId: 'pi_1', currency: 'USD', amount: 1250, expiresAt: EXPIRES },
  { kind: 'captured', ...right, amount: 1250, authorized: 1250 },
  { kind: 'captured', ...right, amount: 1000, authorized: 1250 },
  { kind: 'captured', ...right, amount: 900, authorized: 900 },
  { kind: 'page-failed', intentId: 'pi_1' },
  { kind: 'page-failed', intentId: 'pi_1', declineCode: 'generic_decline' },
  { kind: 'ended', reason: 'session-expired' },
  { kind: 'ended', intentId: 'pi_1', reason: 'automatic' },
];

function payment(status: PaymentStatus, fields: Partial<PaymentEntity> = {}): PaymentEntity {
  const reserved = !['Initializing', 'Pending', 'Processing'].includes(status);
  return {
    ...{ status, amount: 1250, currency: 'EUR', amountAuthorized: reserved ? 1250 : 0, amountCaptured: 0 },
    ...{ paymentIntentId: null, declineCode: null, authorizationExpiresAt: null, releaseReason: null },
    ...{ captureAmount: status === 'Capturing' ? 1250 : null },
    ...fields,
  } as PaymentEntity;
}

const ALL = STATUSES.flatMap((status) =>
  TRUTHS.flatMap((truth) => REASONS.map((releaseReason) => ({ known: payment(status, { releaseReason }), truth }))),
);

describe('decide', () => {
  it('is total: every state and every truth give a decision whose move exists', () => {
    for (const { known, truth } of ALL) {
      const decision = decide(known, truth);
      const to = decision.kind === 'change' ? (decision.fields.status ?? known.status) : known.status;
      expect([known.status, truth.kind, to === known.status || mayMove(PAYMENT_MOVES, known.status, to)]).toEqual([
        known.status,
        truth.kind,
        true,
      ]);
    }
  });

  it('settles: the same truth again changes nothing more', () => {
    for (const { known, truth } of ALL) {
      const decision = decide(known, truth);
      if (decision.kind !== 'change') continue;
      const next = { ...known, ...decision.fields };
      expect([known.status, truth, decide(next, truth)]).toEqual([known.status, truth, { kind: 'nothing' }]);
    }
  });

  it('makes an order Paid only by a reservation of its amount and currency, and never while releasing', () => {
    for (const { known, truth } of ALL) {
      const decision = decide(known, truth);
      if (decision.kind !== 'change' || decision.orderMove?.to !== 'Paid') continue;
      expect(['Initializing', 'Pending', 'Processing']).toContain(known.status);
      const reserved = truth.kind === 'captured' ? truth.authorized : truth.kind === 'authorized' ? truth.amount : 0;
      expect([reserved, 'currency' in truth && truth.currency]).toEqual([1250, 'EUR']);
    }
  });

  it('a reservation of another amount or currency is a mismatch wherever it would count', () => {
    const wrong = TRUTHS.filter(
      (truth) =>
        (truth.kind === 'authorized' && (truth.amount !== 1250 || truth.currency !== 'EUR')) ||
        (truth.kind === 'captured' && truth.authorized !== 1250),
    );
    const counting = [payment('Initializing'), payment('Pending'), payment('Processing')];
    for (const releaseReason of ['abandoned', 'expired'] as const)
      counting.push(payment('Releasing', { releaseReason }));
    for (const known of counting) for (const truth of wrong) expect(decide(known, truth).kind).toBe('mismatch');
    expect(wrong).toHaveLength(3);
  });

  it('a payment that is over stays over, whatever comes', () => {
    for (const status of [...PAYMENT_ENDED, 'Captured', 'PartiallyCaptured', 'NotRequired'] as const)
      for (const truth of TRUTHS) expect(decide(payment(status), truth)).toEqual({ kind: 'nothing' });
  });

  it('a page that is done and was not paid ends the payment, wherever nothing was reserved on it', () => {
    const failed: Truth = { kind: 'page-failed', intentId: 'pi_1', declineCode: 'generic_decline' };
    for (const status of ['Initializing', 'Pending', 'Processing'] as const)
      expect(decide(payment(status), failed)).toEqual({
        kind: 'page-failed',
        fields: { paymentIntentId: 'pi_1', declineCode: 'generic_decline' },
      });
    for (const status of ['Authorized', 'Capturing', 'Releasing'] as const)
      expect(decide(payment(status), failed)).toEqual({ kind: 'nothing' });
  });

  it('a person is told of a charge that nobody here asked for, and of a reservation that is lost', () => {
    const told = (known: PaymentEntity, truth: Truth) => {
      const decision = decide(known, truth);
      return decision.kind === 'change' ? decision.tellOperator : undefined;
    };
    const charge: Truth = { kind: 'captured', ...right, amount: 1250, authorized: 1250 };
    const part: Truth = { kind: 'captured', ...right, amount: 1000, authorized: 1250 };
    expect(told(payment('Pending'), charge)).toBe('captured-elsewhere');
    expect(told(payment('Authorized'), charge)).toBe('captured-elsewhere');
    expect(told(payment('Capturing'), part)).toBe('captured-elsewhere');
    expect(told(payment('Capturing'), charge)).toBeUndefined();
    expect(told(payment('Authorized'), { kind: 'ended', reason: 'automatic' })).toBe('reservation-lost');
    expect(told(payment('Capturing'), { kind: 'ended', reason: 'automatic' })).toBe('reservation-lost');
  });
});
