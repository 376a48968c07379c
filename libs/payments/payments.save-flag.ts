import { Injectable } from '@nestjs/common';
import { refusal, type OrderEntity } from '#orders';
import type { NothingDto, RequestBody } from '#http';
import { idempotencyKey, StripeGateway, StripeUnavailable } from '#stripe';
import type { SaveFlagDto } from './dto/init-payment.dto.js';
import type { PaymentEntity } from './payment.entity.js';
import { NOT_IN_STATE_TO_SAVE } from './payments.errors.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRepository } from './payments.repository.js';

/** The customer's wish to have the card saved, which lives at Stripe until the payment is confirmed. */
@Injectable()
export class PaymentsSaveFlag {
  constructor(
    private readonly repository: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly stripe: StripeGateway,
  ) {}

  /**
   * Sets the wish or takes it back; again is no second effect.
   * @throws Problem 409 once the payment is confirmed, or where the hosted page asks the customer itself, then 400 for a body
   * that says something; StripeUnavailable when Stripe's answer is unknown, or the payment is busy
   */
  async set(order: OrderEntity, save: boolean, body: RequestBody<NothingDto>): Promise<SaveFlagDto> {
    if (order.status !== 'Payment' || order.payment?.procedure !== 'intent') throw refusal(NOT_IN_STATE_TO_SAVE, order);
    // CLAIM
    const payment = await this.repository.takeLease(order.payment.paymentId);
    if (!payment) throw new StripeUnavailable('the payment is busy');
    try {
      await this.call(order, payment, save, body);
    } finally {
      // RECORD: nothing but the end of the lease; the wish is kept where it counts
      await this.repository.dropLease(payment);
    }
    return { savePaymentMethod: save };
  }

  // CALL
  private async call(
    order: OrderEntity,
    payment: PaymentEntity,
    save: boolean,
    body: RequestBody<NothingDto>,
  ): Promise<void> {
    const truth = payment.status === 'Pending' ? await this.refresh.readTruth(payment) : undefined;
    if (truth?.kind !== 'open' || truth.actionRequired) throw refusal(NOT_IN_STATE_TO_SAVE, order);
    body.validated();
    // Stripe was read, and each wish is another operation: it has a key of its own.
    const { paymentId, paymentIntentId, operationAttempt } = await this.repository.raiseAttempt(payment);
    const key = idempotencyKey(paymentId, 'save-flag', operationAttempt);
    const outcome = await this.stripe.updateSaveFlag(paymentIntentId ?? '', save, key);
    if (outcome.kind === 'unknown') throw new StripeUnavailable(`updating the intent: ${outcome.reason}`);
    // Refused: it was confirmed since it was read.
    if (outcome.kind !== 'succeeded') throw refusal(NOT_IN_STATE_TO_SAVE, order);
  }
}
