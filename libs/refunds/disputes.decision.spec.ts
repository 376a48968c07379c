import { describe, expect, it } from '@jest/globals';
import type { Stripe } from '#stripe';
import type { DisputeEntity } from './dispute.entity.js';
import { DISPUTE_MOVES, type DisputeStatus } from './dispute.state-machine.js';
import { amountDisputed, decideDisputes, forbidsRefunds, truthOfDispute } from './disputes.decision.js';

const STATUSES = Object.keys(DISPUTE_MOVES) as DisputeStatus[];
const MEANING: [string, DisputeStatus][] = [
  ['warning_needs_response', 'Inquiry'],
  ['warning_under_review', 'Inquiry'],
  ['warning_closed', 'Closed'],
  ['needs_response', 'Open'],
  ['under_review', 'Open'],
  ['appeal_needs_response', 'Open'],
  ['appeal_under_review', 'Open'],
  ['won', 'Won'],
  ['lost', 'Lost'],
  ['prevented', 'Closed'],
];

function atStripe(status: string, fields: Partial<Stripe.Dispute> = {}): Stripe.Dispute {
  const common = {
    id: 'du_1',
    amount: 100,
    currency: 'eur',
    created: 1,
    reason: 'general',
    is_charge_refundable: false,
  };
  return { ...common, status, ...fields } as Stripe.Dispute;
}

function row(status: DisputeStatus, fields: Partial<DisputeEntity> = {}): DisputeEntity {
  return {
    disputeId: 'du_1',
    status,
    amount: 100,
    currency: 'EUR',
    chargeRefundable: false,
    ...fields,
  } as DisputeEntity;
}

describe('decideDisputes', () => {
  it.each(MEANING)('%s is %s', (status, meaning) => {
    expect(truthOfDispute(atStripe(status)).status).toBe(meaning);
  });

  it('a status that is not known concludes nothing', () => {
    expect(() => truthOfDispute(atStripe('what'))).toThrow('unknown status');
  });

  it('from every state to what Stripe says, where the table allows; a second time nothing is left to do', () => {
    for (const known of STATUSES)
      for (const [status, meaning] of MEANING) {
        const truths = [truthOfDispute(atStripe(status))];
        const [step] = decideDisputes([row(known)], truths);
        const next = row(step?.kind === 'change' ? (step.fields.status ?? known) : known);
        expect(next.status === meaning || !DISPUTE_MOVES[known].includes(meaning)).toBe(true);
        expect(decideDisputes([next], truths)).toEqual([]);
      }
  });

  it('an amount or a word about refunds that changed is kept, without a move', () => {
    const truth = truthOfDispute(atStripe('needs_response', { amount: 90, is_charge_refundable: true }));
    expect(decideDisputes([row('Open')], [truth])).toMatchObject([{ fields: { amount: 90, chargeRefundable: true } }]);
    expect(decideDisputes([], [truth])).toEqual([{ kind: 'open', truth }]);
  });
});

describe('what disputes come to', () => {
  const payment = { currency: 'EUR', amountCaptured: 1250 };

  it('counts what is withdrawn or lost', () => {
    const counted = STATUSES.filter((status) => amountDisputed(payment, [row(status)]) > 0);
    expect(counted).toEqual(['Open', 'Lost']);
    expect(amountDisputed(payment, [row('Open'), row('Lost', { amount: 30 }), row('Won')])).toBe(130);
  });

  it('an amount in another currency counts as the whole charge', () => {
    expect(amountDisputed(payment, [row('Open', { currency: 'USD' })])).toBe(1250);
  });

  it('one dispute that Stripe would not refund beside is enough', () => {
    expect(forbidsRefunds([])).toBe(false);
    expect(forbidsRefunds([row('Inquiry', { chargeRefundable: true })])).toBe(false);
    expect(forbidsRefunds([row('Inquiry', { chargeRefundable: true }), row('Open')])).toBe(true);
  });
});
