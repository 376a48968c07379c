import { Injectable } from '@nestjs/common';
import { Database, formatMoney } from '#platform';
import { OperatorList } from '#cases';
import type { PaymentEntity } from './payment.entity.js';

/**
 * A payment whose object Stripe does not know: deleted test data, or a database that belongs to another account. What
 * became of the money cannot be read anywhere, so nothing is concluded, and a person is told.
 */
@Injectable()
export class PaymentsMissing {
  constructor(
    private readonly database: Database,
    private readonly operatorList: OperatorList,
  ) {}

  async tell(payment: PaymentEntity): Promise<void> {
    const { paymentId, orderNumber, status, amount, currency, paymentIntentId, checkoutSessionId } = payment;
    await this.database.transaction((tx) =>
      this.operatorList.add(tx, {
        kind: 'stripe-object-missing',
        subject: orderNumber,
        reason: `Stripe does not know the object of this payment of ${formatMoney(amount, currency)}, which is ${status}`,
        nextStep: 'Find out where the object went; while it is gone the order stays as it is',
        facts: { paymentId, paymentIntentId, checkoutSessionId },
      }),
    );
  }
}
