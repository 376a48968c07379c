import { Injectable } from '@nestjs/common';
import { Database } from '#platform';
import { OrdersRepository } from '#orders';
import { idempotencyKey, StripeGateway, StripeUnavailable, type StripeOutcome } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { PAYMENT_ENDED } from './payment.state-machine.js';
import { MAY_BE_PAID } from './payments.decision.js';
import { PaymentsCreate } from './payments.create.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRepository, StalePayment, type PaymentChange } from './payments.repository.js';
import type { Truth } from './payments.truth.js';

/** Reads and writes at Stripe in one go; each write is followed by a read, and a reservation made in the gap by another. */
const MAXIMUM_ROUNDS = 6;

/** What a release came to. */
export type Release =
  | 'released'
  /** An abandon found the reservation already made: the claim is undone and the order is Paid. */
  | 'confirmed'
  /** Somebody else holds the lease. */
  | 'busy';

/**
 * Gives back what a payment in Releasing holds at Stripe. The claim was made by whoever wanted it; from then on no event
 * makes the order Paid. Every step may be repeated: Stripe is read before it is asked, and read again before it is
 * believed.
 */
@Injectable()
export class PaymentsRelease {
  constructor(
    private readonly database: Database,
    private readonly repository: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly create: PaymentsCreate,
    private readonly orders: OrdersRepository,
    private readonly stripe: StripeGateway,
  ) {}

  /**
   * Finishes a release, from wherever it was left.
   * @throws StripeUnavailable when Stripe's answer is unknown; the payment stays Releasing
   */
  async finish(paymentId: string): Promise<Release> {
    const payment = await this.repository.takeLease(paymentId);
    if (!payment) return 'busy';
    try {
      return await this.run(payment);
    } finally {
      await this.repository.dropLease(payment);
    }
  }

  private async run(claimed: PaymentEntity): Promise<Release> {
    let payment = claimed;
    for (let round = 1; round <= MAXIMUM_ROUNDS; round++) {
      if (payment.status !== 'Releasing') return PAYMENT_ENDED.includes(payment.status) ? 'released' : 'confirmed';
      payment = await this.locate(payment);
      const truth = await this.refresh.readTruth(payment);
      // Under an older key Stripe may repeat an answer from before the payment came to where it is.
      const keyIsNew = payment.operationAttempt > claimed.operationAttempt;
      const recorded = await this.step(payment, truth, keyIsNew).catch((error: unknown) => {
        // An event was faster: look again.
        if (!(error instanceof StalePayment)) throw error;
      });
      if (recorded) return recorded;
      payment = await this.repository.get(payment.paymentId);
    }
    throw new StripeUnavailable(
      `the payment ${claimed.paymentId} is still held at Stripe after ${MAXIMUM_ROUNDS} tries`,
    );
  }

  /** @returns what the release came to, or nothing when it must go on */
  private async step(
    payment: PaymentEntity,
    truth: Truth | undefined,
    keyIsNew: boolean,
  ): Promise<Release | undefined> {
    if (!truth) return this.record(payment, { to: 'Abandoned' });
    // What is reserved is written down before it is given back, and before it is counted after all.
    const known = await this.database.transaction((tx) => this.refresh.apply(tx, payment, truth, 'holdfast'));
    const end = endOf(known, truth);
    if (end) return this.record(known, end);
    const outcome = await this.undo(known, truth);
    // By Stripe's documentation an intent of a page may be cancelled only while it is reserved. One of a page that is done
    // can be paid by nobody, for its secret was never handed out: where Stripe keeps it, it is left there.
    if (truth.kind !== 'page-failed' || outcome !== 'refused' || !keyIsNew) return undefined;
    const still = await this.refresh.readTruth(known);
    return still?.kind === 'page-failed' ? this.record(known, { to: 'Abandoned' }) : undefined;
  }

  /** A create whose answer nobody knows is asked for again on its key: only what has an id can be cancelled. */
  private async locate(payment: PaymentEntity): Promise<PaymentEntity> {
    if (payment.paymentIntentId !== null || payment.checkoutSessionId !== null) return payment;
    const { outcome } = await this.create.perform(payment);
    switch (outcome.kind) {
      case 'succeeded':
        return this.repository.get(payment.paymentId);
      case 'declined':
      case 'refused':
        return payment;
      case 'unknown':
        throw new StripeUnavailable(`creating the payment ${payment.paymentId}: ${outcome.reason}`);
    }
  }

  // CALL
  private async undo(payment: PaymentEntity, truth: Truth): Promise<StripeOutcome<unknown>['kind']> {
    const key = (operation: string) => idempotencyKey(payment.paymentId, operation, payment.operationAttempt);
    const sessionIsOpen = payment.checkoutSessionId !== null && truth.kind === 'open';
    const intentId = truth.intentId ?? '';
    const outcome: StripeOutcome<unknown> = sessionIsOpen
      ? await this.stripe.expireSession(payment.checkoutSessionId ?? '', key('expire'))
      : await this.stripe.cancelIntent(intentId, key('cancel'));
    if (outcome.kind === 'unknown' && !outcome.answered) {
      throw new StripeUnavailable(`releasing the payment ${payment.paymentId}: ${outcome.reason}`);
    }
    // Done, or answered for good: the next round reads Stripe before anything else, and may then use a new key.
    await this.repository.raiseAttempt(payment);
    // Stripe seldom cancels what a bank is deciding about. Its answer comes as an event, which calls the release again.
    if (truth.kind === 'processing' && outcome.kind === 'refused')
      throw new StripeUnavailable(`the bank has not decided about the payment ${payment.paymentId}`);
    return outcome.kind;
  }

  // RECORD
  private async record(payment: PaymentEntity, end: Ending): Promise<Release> {
    await this.database.transaction(async (tx) => {
      const next = await this.repository.change(tx, payment, { ...changeOf(payment, end), actor: 'holdfast' });
      if (isCharged(end)) await this.refresh.tellOperator(tx, next, 'captured-elsewhere');
      else if (payment.releaseReason === 'nothing-delivered')
        await this.orders.finishSettlement(tx, payment.orderNumber);
    });
    return PAYMENT_ENDED.includes(end.to) ? 'released' : 'confirmed';
  }
}

interface Ending {
  readonly to: 'Authorized' | 'Released' | 'Abandoned' | 'Expired' | 'Captured' | 'PartiallyCaptured';
}

/** Somebody charged it at Stripe in between: what was charged cannot be released, and a person has to look. */
function isCharged(end: Ending): boolean {
  return end.to === 'Captured' || end.to === 'PartiallyCaptured';
}

/** `undefined` while Stripe still holds something that is to be given back. */
function endOf(payment: PaymentEntity, truth: Truth): Ending | undefined {
  switch (truth.kind) {
    case 'authorized':
      return payment.releaseReason === 'abandoned' ? { to: 'Authorized' } : undefined;
    case 'ended':
      return { to: payment.amountAuthorized > 0 ? 'Released' : 'Abandoned' };
    case 'captured':
      return { to: truth.amount < truth.authorized ? 'PartiallyCaptured' : 'Captured' };
    case 'open':
    case 'processing':
    case 'page-failed':
      return undefined;
  }
}

function changeOf(payment: PaymentEntity, end: Ending): Omit<PaymentChange, 'actor'> {
  const confirmed = MAY_BE_PAID.includes(payment.releaseReason) && !PAYMENT_ENDED.includes(end.to);
  const fields = { status: end.to, leaseUntil: null, ...(confirmed && { releaseReason: null }) };
  const detail = { reason: payment.releaseReason };
  if (confirmed) return { fields, detail, orderMove: { from: 'Payment', to: 'Paid' } };
  switch (payment.releaseReason) {
    case 'abandoned':
      return { fields, detail, orderMove: { from: 'Payment', to: 'Placed' } };
    case 'mismatch':
      // Charged, and not what the order costs: it can be neither Paid nor paid anew before a person has looked.
      return isCharged(end) ? { fields, detail } : { fields, detail, orderMove: { from: 'Payment', to: 'Placed' } };
    case 'canceled':
      return { fields, detail, orderMove: { from: 'Canceling', to: 'Canceled' } };
    case 'expired':
      return { fields, detail, orderMove: { from: 'Payment', to: 'Expired' } };
    case 'nothing-delivered':
    case null:
      return { fields, detail };
  }
}
