import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata, type Metadata } from '../http/metadata.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber, type DisputeKind } from './cards.js';
import type { ChargeRecord } from './charges.js';
import type { DisputeRecord } from './dispute.record.js';
import { dueBy, isInquiry, presentDispute } from './disputes.present.js';
import { moved } from './payment-intent.record.js';
import { refundable } from './refunds.js';

type Ending = 'won' | 'lost' | 'warning_closed';
const ENDINGS: readonly DisputeRecord['status'][] = ['won', 'lost', 'warning_closed'];

/** How long after the capture the disputing test cards dispute, and the bank answers evidence ("within a second"). */
export const DISPUTE_SECONDS = 1;

/** What the test cards do by themselves (https://docs.stripe.com/testing#disputes), once their money was captured. */
export function planDispute(world: World, charge: ChargeRecord): void {
  const kind = cardByNumber(charge.card_number).dispute;
  if (kind === undefined || charge.captured_at === null || charge.disputed) return;
  world.clock.alarm((charge.captured_at + DISPUTE_SECONDS) * 1000, () => {
    const current = world.store.charges.get(charge.id);
    // Refunded whole meanwhile, or disputed through the controls: there is nothing left to dispute.
    if (current === undefined || current.disputed || refundable(world, current) === 0) return;
    openDispute(world, current, kind);
    world.store.commit();
  });
}

/**
 * Opens a dispute over what of a charge was captured and not given back. An inquiry only asks: no money goes.
 * @param amount in the currency's minor unit; a bank may take back money that was refunded, too
 * @throws when nothing was captured, nothing is left, or the charge is disputed already
 */
export function openDispute(
  world: World,
  charge: ChargeRecord,
  kind: DisputeKind,
  amount: number = refundable(world, charge),
): DisputeRecord {
  if (!charge.captured) throw invalidRequest(`${charge.id} has not been captured: there is nothing to dispute.`);
  if (charge.disputed) throw invalidRequest(`${charge.id} is already disputed.`, { code: 'charge_disputed' });
  if (amount < 1 || amount > charge.amount_captured) {
    throw invalidRequest(`${charge.id} can be disputed over 1 to ${charge.amount_captured}, not ${amount}.`);
  }
  world.store.charges.update(charge, { disputed: true });
  const dispute = world.store.disputes.insert({
    id: newId('du'),
    created: world.clock.seconds(),
    amount,
    currency: charge.currency,
    charge: charge.id,
    payment_intent: charge.payment_intent,
    reason: kind === 'product_not_received' ? 'product_not_received' : 'fraudulent',
    status: kind === 'inquiry' ? 'warning_needs_response' : 'needs_response',
    card_brand: cardByNumber(charge.card_number).brand,
    evidence: {},
    submitted: false,
    past_due: false,
    metadata: {},
  });
  emit(world, 'charge.dispute.created', presentDispute(dispute));
  if (kind !== 'inquiry') {
    move(world, dispute, 'dispute');
    emit(world, 'charge.dispute.funds_withdrawn', presentDispute(dispute));
  }
  planDisputeEnd(world, dispute);
  return dispute;
}

/** @throws resource_missing */
export function disputeOf(world: World, id: string): DisputeRecord {
  const dispute = world.store.disputes.get(id);
  if (dispute === undefined) throw resourceMissing('dispute', id, 'dispute', 404);
  return dispute;
}

export interface Answer {
  readonly evidence: Readonly<Record<string, string>>;
  readonly metadata: Metadata | '' | undefined;
  readonly submit: boolean;
}

/** Keeps evidence, and hands it in: once, and in time. @throws when the dispute is over or evidence was handed in before */
export function answerDispute(world: World, dispute: DisputeRecord, answer: Answer): DisputeRecord {
  const speaks = Object.keys(answer.evidence).length > 0;
  if (speaks || answer.submit) refuseLateAnswer(dispute);
  const evidence = mergeEvidence(dispute.evidence, answer.evidence);
  const review = isInquiry(dispute.status) ? 'warning_under_review' : 'under_review';
  const updated = world.store.disputes.update(dispute, {
    evidence,
    metadata: mergeMetadata(dispute.metadata, answer.metadata),
    ...(answer.submit ? { submitted: true, status: review } : {}),
  });
  emit(world, 'charge.dispute.updated', presentDispute(updated), { status: dispute.status });
  if (answer.submit) planDisputeEnd(world, updated);
  return updated;
}

/** Of all of it together (the package on `evidence`). */
const MOST_EVIDENCE_CHARACTERS = 150_000;

function mergeEvidence(
  current: DisputeRecord['evidence'],
  given: DisputeRecord['evidence'],
): DisputeRecord['evidence'] {
  const evidence = { ...current };
  for (const [name, said] of Object.entries(given)) {
    if (said === '') delete evidence[name];
    else evidence[name] = said;
  }
  const characters = Object.values(evidence).reduce((sum, said) => sum + said.length, 0);
  if (characters <= MOST_EVIDENCE_CHARACTERS) return evidence;
  throw invalidRequest(`Evidence can be up to ${MOST_EVIDENCE_CHARACTERS} characters, not ${characters}.`, {
    param: 'evidence',
  });
}

function refuseLateAnswer(dispute: DisputeRecord): void {
  refuseClosed(dispute);
  if (dispute.submitted) {
    throw invalidRequest('Evidence for this dispute has already been submitted, and can no longer be changed.');
  }
}

function refuseClosed(dispute: DisputeRecord): void {
  if (!ENDINGS.includes(dispute.status)) return;
  throw invalidRequest(`This dispute is already closed: ${dispute.status}.`);
}

/** Evidence that decides by itself (https://docs.stripe.com/testing#disputes). */
const DECIDING: Readonly<Record<string, 'won' | 'lost'>> = { winning_evidence: 'won', losing_evidence: 'lost' };

/** The bank's answer to deciding evidence, or the end of the time to answer: what nobody contests is lost. */
export function planDisputeEnd(world: World, dispute: DisputeRecord): void {
  const decided = dispute.submitted ? DECIDING[dispute.evidence['uncategorized_text'] ?? ''] : undefined;
  if (decided !== undefined) {
    world.clock.alarm(world.clock.now() + DISPUTE_SECONDS * 1000, () => endUnlessEnded(world, dispute.id, decided));
  } else if (!dispute.submitted && !ENDINGS.includes(dispute.status)) {
    world.clock.alarm(dueBy(dispute) * 1000, () => {
      const current = world.store.disputes.get(dispute.id);
      if (current === undefined || current.submitted) return;
      world.store.disputes.update(current, { past_due: true });
      endUnlessEnded(world, dispute.id, 'lost');
    });
  }
}

function endUnlessEnded(world: World, id: string, ending: 'won' | 'lost'): void {
  const dispute = world.store.disputes.get(id);
  if (dispute === undefined || ENDINGS.includes(dispute.status)) return;
  closeDispute(world, dispute, ending);
  world.store.commit();
}

/** Ends a dispute; the money comes back when it is won. Inquiries end as `warning_closed`, whoever was right. */
export function closeDispute(world: World, dispute: DisputeRecord, verdict: 'won' | 'lost'): DisputeRecord {
  refuseClosed(dispute);
  const status: Ending = isInquiry(dispute.status) ? 'warning_closed' : verdict;
  const closed = world.store.disputes.update(dispute, { status });
  emit(world, 'charge.dispute.closed', presentDispute(closed));
  if (status === 'won') {
    move(world, closed, 'dispute_won');
    emit(world, 'charge.dispute.funds_reinstated', presentDispute(closed));
  }
  return closed;
}

function move(world: World, dispute: DisputeRecord, type: 'dispute' | 'dispute_won'): void {
  const intent = world.store.paymentIntents.get(dispute.payment_intent);
  if (intent === undefined) return;
  world.store.paymentIntents.update(intent, { movements: moved(intent, world.clock.now(), type, dispute.amount) });
}
