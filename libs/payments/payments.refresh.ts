import { Injectable } from '@nestjs/common';
import { Clock, Database, Jobs, formatMoney, type Tx } from '#platform';
import { OperatorList } from '#cases';
import { OrdersRepository, type Actor } from '#orders';
import { PaymentMethodsService } from '#payment-methods';
import { StripeGateway } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { decide } from './payments.decision.js';
import { RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRepository, StalePayment, type PaymentChange } from './payments.repository.js';
import { PaymentsStray } from './payments.stray.js';
import { truthOfIntent, truthOfSession, type Truth } from './payments.truth.js';

/** How often a decision is made anew because somebody else was faster; more is a defect, not a race. */
const MAXIMUM_RACES = 10;

/** Which objects at Stripe an event was about, for a payment that does not know them yet. */
export interface StripeObjects {
  readonly intentId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/**
 * Brings a payment in line with Stripe: reads the current object, decides, and writes. The webhook, reconciliation and
 * every call whose answer was unclear come through here, so that the same truth always has the same effect.
 */
@Injectable()
export class PaymentsRefresh {
  constructor(
    private readonly database: Database,
    private readonly repository: PaymentsRepository,
    private readonly orders: OrdersRepository,
    private readonly paymentMethods: PaymentMethodsService,
    private readonly stripe: StripeGateway,
    private readonly stray: PaymentsStray,
    private readonly jobs: Jobs,
    private readonly operatorList: OperatorList,
    private readonly clock: Clock,
  ) {}

  /**
   * @param known the payment as it was read a moment ago; it is read again when somebody was faster
   * @param also written in the same transaction as the effect, or by itself when there is none
   * @throws StripeUnavailable when Stripe cannot be read
   */
  async refresh(
    known: PaymentEntity,
    actor: Actor,
    hint: StripeObjects = {},
    also?: (tx: Tx) => Promise<void>,
  ): Promise<PaymentEntity> {
    for (let race = 1, payment = known; ; race++) {
      const truth = await this.readTruth(payment, hint);
      const stray = await this.stray.find(payment, truth, hint.intentId);
      try {
        return await this.database.transaction(async (tx) => {
          await also?.(tx);
          if (stray) await this.stray.plan(tx, payment, stray);
          // Something happened at Stripe that a release may have been waiting for, such as a bank's answer.
          if (payment.status === 'Releasing')
            await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId: payment.paymentId });
          return truth ? this.apply(tx, payment, truth, actor) : payment;
        });
      } catch (error) {
        if (!(error instanceof StalePayment) || race >= MAXIMUM_RACES) throw error;
        payment = await this.repository.get(known.paymentId);
      }
    }
  }

  /**
   * Writes what follows from a truth.
   * @param with further fields of the payment that belong to the same change
   * @throws StalePayment when the payment changed since it was read
   */
  async apply(
    tx: Tx,
    payment: PaymentEntity,
    truth: Truth,
    actor: Actor,
    fields: Partial<PaymentEntity> = {},
  ): Promise<PaymentEntity> {
    const decision = decide(payment, truth);
    if (decision.kind === 'mismatch') return this.refuseMismatch(tx, payment, decision.fields, actor);
    if (decision.kind === 'page-failed') return this.giveUpPage(tx, payment, { ...fields, ...decision.fields }, actor);
    if (decision.kind === 'nothing' && Object.keys(fields).length === 0) return payment;
    const change: PaymentChange =
      decision.kind === 'nothing'
        ? { actor, fields }
        : { actor, fields: { ...decision.fields, ...fields }, orderMove: decision.orderMove, detail: detailOf(truth) };
    const next = await this.repository.change(tx, payment, change);
    // Paying may have saved a card; the list is read anew when somebody asks for it.
    if (next.status === 'Authorized' && payment.status !== 'Authorized')
      await this.paymentMethods.markChanged(tx, { accountId: next.accountId });
    const declined = next.declineCode !== null && next.declineCode !== payment.declineCode && next.status === 'Pending';
    if (declined && payment.status === 'Pending') await this.noteDecline(tx, next);
    if (decision.kind === 'change' && decision.tellOperator) await this.tellOperator(tx, next, decision.tellOperator);
    return next;
  }

  /** What Stripe says now; `undefined` while nothing is known to be there. */
  async readTruth(payment: PaymentEntity, hint: StripeObjects = {}): Promise<Truth | undefined> {
    if (payment.procedure === 'checkout') {
      const sessionId = payment.checkoutSessionId ?? hint.sessionId;
      return sessionId === undefined ? undefined : truthOfSession(await this.stripe.retrieveSession(sessionId));
    }
    const intentId = payment.paymentIntentId ?? hint.intentId;
    return intentId === undefined ? undefined : truthOfIntent(await this.stripe.retrieveIntent(intentId));
  }

  private async noteDecline(tx: Tx, payment: PaymentEntity): Promise<void> {
    const detail = { paymentId: payment.paymentId, declineCode: payment.declineCode };
    await this.orders.note(tx, payment.orderNumber, { type: 'payment.declined', actor: 'stripe', detail });
  }

  /** As if it had been abandoned, which ends in Placed, or in Paid when Stripe should have reserved something after all. */
  private async giveUpPage(
    tx: Tx,
    payment: PaymentEntity,
    fields: Partial<PaymentEntity>,
    actor: Actor,
  ): Promise<PaymentEntity> {
    const released = { ...fields, status: 'Releasing', releaseReason: 'abandoned' } as const;
    const detail = { reason: 'page-failed' };
    const next = await this.repository.change(tx, payment, { actor, fields: released, detail });
    await this.noteDecline(tx, next);
    await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId: payment.paymentId });
    return next;
  }

  /** Never Paid: what was reserved is released, and a person is told. */
  private async refuseMismatch(
    tx: Tx,
    payment: PaymentEntity,
    fields: Partial<PaymentEntity>,
    actor: Actor,
  ): Promise<PaymentEntity> {
    const { paymentId, orderNumber, amount, currency } = payment;
    const released = { ...fields, status: 'Releasing', releaseReason: 'mismatch' } as const;
    const next = await this.repository.change(tx, payment, { actor, fields: released, detail: { reason: 'mismatch' } });
    await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId });
    await this.operatorList.add(tx, {
      kind: 'payment-mismatch',
      subject: orderNumber,
      reason: `Stripe's reservation is not of ${formatMoney(amount, currency)}, the order's total; it is being released`,
      nextStep: 'Find out who changed the payment at Stripe; the customer can pay the order anew',
      facts: { paymentId, reserved: fields.amountAuthorized },
    });
    return next;
  }

  async tellOperator(tx: Tx, payment: PaymentEntity, kind: 'captured-elsewhere' | 'reservation-lost'): Promise<void> {
    const { paymentId, orderNumber, amountCaptured, currency } = payment;
    const lost = kind === 'reservation-lost';
    await this.operatorList.add(tx, {
      kind,
      subject: orderNumber,
      reason: lost
        ? 'The reservation ended at Stripe before it was charged'
        : `${formatMoney(amountCaptured, currency)} were charged at Stripe by somebody else`,
      nextStep: lost
        ? 'Settle with the customer what was delivered; nothing can be charged any more'
        : 'Compare what was charged with what is delivered, and refund the difference',
      facts: { paymentId, noticedAt: this.clock.now() },
    });
  }
}

function detailOf(truth: Truth): Record<string, unknown> {
  return truth.kind === 'ended' ? { reason: truth.reason } : {};
}
