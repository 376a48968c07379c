import { Injectable } from '@nestjs/common';
import { Database, formatMoney } from '#platform';
import { OperatorList } from '#cases';
import { OrdersRepository } from '#orders';
import { idempotencyKey, StripeGateway, StripeUnavailable } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository, StalePayment } from './payments.repository.js';
import { truthOfIntent } from './payments.truth.js';

/** Cases of an order whose settlement is a person's now: asking again would find the same. */
export const SETTLED_BY_A_PERSON = [
  'charged-other-than-delivered',
  'delivered-above-reservation',
  'delivered-uncharged',
] as const;

/** Another process is at it, or Stripe did not answer: the job that asked comes again. */
export class SettlementUnfinished extends Error {}

const MAXIMUM_RACES = 5;

/** Charges exactly what was delivered, once, and lets the rest go: claim → call → record. */
@Injectable()
export class PaymentsSettle {
  constructor(
    private readonly database: Database,
    private readonly repository: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly release: PaymentsRelease,
    private readonly orders: OrdersRepository,
    private readonly stripe: StripeGateway,
    private readonly operatorList: OperatorList,
  ) {}

  /**
   * Settles an order in Delivered. Safe to repeat from wherever an earlier call ended.
   * @param deliveredValue minor units: the value of the delivered items
   * @throws SettlementUnfinished when it has to be asked again
   */
  async settle(orderNumber: string, paymentId: string, deliveredValue: number): Promise<void> {
    for (let race = 1; ; race++) {
      try {
        return await this.settleOnce(orderNumber, paymentId, deliveredValue);
      } catch (error) {
        // An event about our own capture was faster: look again, from where it left the payment.
        if (!(error instanceof StalePayment) || race >= MAXIMUM_RACES) throw error;
      }
    }
  }

  private async settleOnce(orderNumber: string, paymentId: string, deliveredValue: number): Promise<void> {
    const payment = await this.claim(await this.repository.get(paymentId), deliveredValue);
    switch (payment.status) {
      case 'NotRequired':
        return this.finish(orderNumber);
      case 'Capturing':
        return this.capture(payment.paymentId);
      case 'Releasing':
        if ((await this.release.finish(paymentId)) === 'busy') throw new SettlementUnfinished('a release is under way');
        return undefined;
      case 'Captured':
      case 'PartiallyCaptured':
        return payment.amountCaptured === deliveredValue
          ? this.finish(orderNumber)
          : this.giveToOperator(payment, deliveredValue, 'charged-other-than-delivered');
      case 'Released':
      case 'Expired':
        return deliveredValue === 0
          ? this.finish(orderNumber)
          : this.giveToOperator(payment, deliveredValue, 'delivered-uncharged');
      case 'Authorized':
        return this.giveToOperator(payment, deliveredValue, 'delivered-above-reservation');
      case 'Initializing':
      case 'Pending':
      case 'Processing':
      case 'Abandoned':
      case 'Failed':
        throw new Error(`the order ${orderNumber} was delivered while its payment is ${payment.status}`);
    }
  }

  // CLAIM
  private async claim(payment: PaymentEntity, deliveredValue: number): Promise<PaymentEntity> {
    if (payment.status !== 'Authorized') return payment;
    // Refused before Stripe is asked: more than was reserved can never be charged.
    if (deliveredValue > payment.amountAuthorized) return payment;
    const operation = { operationAttempt: payment.operationAttempt + 1, operationStuck: false, leaseUntil: null };
    const fields: Partial<PaymentEntity> =
      deliveredValue > 0
        ? { ...operation, status: 'Capturing', captureAmount: deliveredValue }
        : { ...operation, status: 'Releasing', releaseReason: 'nothing-delivered' };
    return this.database.transaction((tx) =>
      this.repository.change(tx, payment, { actor: 'holdfast', fields, detail: { deliveredValue } }),
    );
  }

  private async capture(paymentId: string): Promise<void> {
    const payment = await this.repository.takeLease(paymentId);
    if (!payment) throw new SettlementUnfinished('a capture is under way');
    try {
      if (payment.status === 'Capturing') await this.call(payment);
    } finally {
      await this.repository.dropLease(payment);
    }
  }

  // CALL
  private async call(payment: PaymentEntity): Promise<void> {
    const key = idempotencyKey(payment.paymentId, 'capture', payment.operationAttempt);
    const outcome = await this.stripe.capture(payment.paymentIntentId ?? '', payment.captureAmount ?? 0, key);
    switch (outcome.kind) {
      case 'succeeded':
        return this.record(payment, () => Promise.resolve(truthOfIntent(outcome.value)));
      case 'unknown':
        // Not answered: the same key asks again. Answered with a failure that is stored: Stripe's state decides.
        if (!outcome.answered) throw new SettlementUnfinished(`capturing: ${outcome.reason}`);
        return this.record(payment, () => this.refresh.readTruth(payment));
      case 'declined':
      case 'refused':
        return this.record(payment, () => this.refresh.readTruth(payment));
    }
  }

  // RECORD
  private async record(payment: PaymentEntity, read: () => ReturnType<PaymentsRefresh['readTruth']>): Promise<void> {
    const truth = await read().catch((error: unknown) => {
      if (error instanceof StripeUnavailable) throw new SettlementUnfinished(error.message);
      throw error;
    });
    if (!truth || truth.kind === 'authorized') {
      // Stripe was read and still holds the reservation: the next try may use the next key.
      await this.repository.raiseAttempt(payment);
      throw new SettlementUnfinished(`the capture of ${payment.paymentId} was answered without being done`);
    }
    const settled = await this.database.transaction(async (tx) => {
      const next = await this.refresh.apply(tx, payment, truth, 'holdfast');
      if (next.amountCaptured === payment.captureAmount) await this.orders.finishSettlement(tx, payment.orderNumber);
      return next;
    });
    if (settled.status === 'Expired')
      await this.giveToOperator(settled, payment.captureAmount ?? 0, 'delivered-uncharged');
  }

  private async finish(orderNumber: string): Promise<void> {
    await this.database.transaction((tx) => this.orders.finishSettlement(tx, orderNumber));
  }

  /** The order stays Delivered: no rule of ours may decide who bears the difference. */
  private async giveToOperator(
    payment: PaymentEntity,
    deliveredValue: number,
    kind: (typeof SETTLED_BY_A_PERSON)[number],
  ): Promise<void> {
    const { orderNumber, currency, paymentId, amountAuthorized, amountCaptured, status } = payment;
    const delivered = formatMoney(deliveredValue, currency);
    await this.database.transaction((tx) =>
      this.operatorList.add(tx, {
        ...{ kind, subject: orderNumber },
        reason: `${delivered} were delivered, ${formatMoney(amountCaptured, currency)} are charged, and the payment is ${status}`,
        nextStep:
          'Settle the difference with the customer outside, or by a refund, and close this case with how it was settled',
        facts: { paymentId, amountAuthorized, amountCaptured, deliveredValue },
      }),
    );
  }
}
