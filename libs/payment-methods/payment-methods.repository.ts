import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { Clock, Database } from '#platform';
import { PaymentMethodEntity } from './payment-method.entity.js';
import type { StripeCustomerEntity } from './stripe-customer.entity.js';

@Injectable()
export class PaymentMethodsRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(PaymentMethodEntity) private readonly rows: Repository<PaymentMethodEntity>,
    private readonly clock: Clock,
  ) {}

  /** Newest first. */
  async ofAccount(accountId: string): Promise<PaymentMethodEntity[]> {
    const order = { createdAt: 'DESC', paymentMethodId: 'DESC' } as const;
    return this.rows.find({ where: { accountId }, order });
  }

  /** Whose card it is, as far as we know; `undefined` for one that we never saw. */
  async accountOf(paymentMethodId: string): Promise<string | undefined> {
    return (await this.rows.findOneBy({ paymentMethodId }))?.accountId;
  }

  /** Replaces the copy by what was read; not when something changed while it was being read. */
  async replaceAll(customer: StripeCustomerEntity, methods: readonly PaymentMethodEntity[]): Promise<void> {
    const { accountId, methodsChanged } = customer;
    await this.database.transaction(async (tx) => {
      const current = await tx.query(
        `UPDATE stripe_customers SET methods_read = $2, methods_read_at = $3
         WHERE account_id = $1 AND methods_changed = $2 AND stripe_customer_id = $4 RETURNING 1`,
        [accountId, methodsChanged, this.clock.now(), customer.stripeCustomerId],
      );
      if (current.length === 0) return;
      await tx.manager.delete(PaymentMethodEntity, { accountId });
      if (methods.length > 0) await tx.manager.insert(PaymentMethodEntity, [...methods]);
    });
  }

  async remove(paymentMethodIds: readonly string[]): Promise<void> {
    await this.rows.delete({ paymentMethodId: In([...paymentMethodIds]) });
  }
}
