import { Injectable } from '@nestjs/common';
import { Database, formatMoney, Jobs, type Tx } from '#platform';
import { OperatorList } from '#cases';
import { OrdersRepository } from '#orders';
import { idempotencyKey, StripeGateway, StripeUnavailable } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { PAYMENT_ENDED } from './payment.state-machine.js';
import { CANCEL_STRAY } from './payments.queues.js';
import { PaymentsRepository } from './payments.repository.js';
import { truthOfIntent, type Truth } from './payments.truth.js';

/**
 * An intent with a payment's metadata that the payment does not stand for: the payment is over, or has another intent. It
 * may hold a customer's money, so it is cancelled at Stripe, and a person is told when there was money on it.
 */
@Injectable()
export class PaymentsStray {
  constructor(
    private readonly database: Database,
    private readonly repository: PaymentsRepository,
    private readonly orders: OrdersRepository,
    private readonly stripe: StripeGateway,
    private readonly jobs: Jobs,
    private readonly operatorList: OperatorList,
  ) {}

  /**
   * @param truth what Stripe says of the payment's own object
   * @param intentId the intent that an event was about
   * @returns what Stripe says of an intent that is not the payment's, when something is to be done about it
   */
  async find(payment: PaymentEntity, truth: Truth | undefined, intentId?: string): Promise<Truth | undefined> {
    const own = truth && 'intentId' in truth ? truth.intentId : undefined;
    const isOver = PAYMENT_ENDED.includes(payment.status);
    const isAnother = intentId !== undefined && intentId !== own && intentId !== payment.paymentIntentId;
    const suspect = isAnother ? truthOfIntent(await this.stripe.retrieveIntent(intentId)) : isOver ? truth : undefined;
    // What is still open beside a living payment may be its page's next attempt.
    const isHeld =
      suspect?.kind === 'authorized' || suspect?.kind === 'captured' || (isOver && suspect?.kind !== 'ended');
    return isHeld ? suspect : undefined;
  }

  /** Plans its end in the transaction that found it. */
  async plan(tx: Tx, payment: PaymentEntity, stray: Truth): Promise<void> {
    const { paymentId, orderNumber, status } = payment;
    const intentId = stray.intentId ?? '';
    if (stray.kind !== 'captured') await this.jobs.send(tx, CANCEL_STRAY, { paymentId, intentId });
    if (stray.kind !== 'authorized' && stray.kind !== 'captured') return;
    const money = formatMoney(stray.amount, stray.currency);
    const charged = stray.kind === 'captured';
    await this.operatorList.add(tx, {
      kind: charged ? 'stray-charge' : 'stray-reservation',
      subject: intentId,
      reason: `${money} are ${charged ? 'charged' : 'reserved'} for the order ${orderNumber} by an intent that its payment does not stand for`,
      nextStep: charged
        ? 'Refund it at Stripe, and find out who made the intent'
        : 'It is being cancelled; find out who made the intent',
      facts: { paymentId, orderNumber, paymentStatus: status, amount: stray.amount },
    });
  }

  /**
   * Cancels a stray intent; again is no second effect. Its key never changes: a failure that Stripe stored under it is
   * forgotten after a day, and the job is tried for two.
   * @throws StripeUnavailable when it has to be asked again
   */
  async cancel(paymentId: string, intentId: string): Promise<void> {
    const truth = truthOfIntent(await this.stripe.retrieveIntent(intentId));
    const payment = await this.repository.get(paymentId);
    if (truth.kind === 'captured') return this.database.transaction((tx) => this.plan(tx, payment, truth));
    if (truth.kind !== 'ended') {
      const outcome = await this.stripe.cancelIntent(intentId, idempotencyKey(paymentId, `cancel-${intentId}`, 1));
      if (outcome.kind !== 'succeeded') throw new StripeUnavailable(`cancelling the stray intent ${intentId}`);
    }
    const detail = { paymentId, paymentIntentId: intentId };
    const entry = { type: 'payment.stray_canceled', actor: 'holdfast', detail } as const;
    await this.database.transaction((tx) => this.orders.note(tx, payment.orderNumber, entry));
  }
}
