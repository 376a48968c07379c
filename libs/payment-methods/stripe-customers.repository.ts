import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock, Database, type Tx } from '#platform';
import { StripeCustomerEntity } from './stripe-customer.entity.js';

/** The table `stripe_customers`: a row per account. */
@Injectable()
export class StripeCustomersRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(StripeCustomerEntity) private readonly rows: Repository<StripeCustomerEntity>,
    private readonly clock: Clock,
  ) {}

  async find(accountId: string): Promise<StripeCustomerEntity | undefined> {
    return (await this.rows.findOneBy({ accountId })) ?? undefined;
  }

  /** Forgets a customer, with our copy of its cards; nothing when the account has another by now. */
  async forget(accountId: string, customerId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const forgotten = await tx.query(
        `UPDATE stripe_customers SET stripe_customer_id = NULL, attempt = attempt + 1, methods_changed = methods_changed + 1,
           former_customer_ids = former_customer_ids || stripe_customer_id
         WHERE account_id = $1 AND stripe_customer_id = $2 RETURNING 1`,
        [accountId, customerId],
      );
      if (forgotten.length > 0) await tx.query('DELETE FROM payment_methods WHERE account_id = $1', [accountId]);
    });
  }

  /** @returns the customer that was kept first */
  async keep(accountId: string, customerId: string | null, attempt: number): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      `INSERT INTO stripe_customers AS c (account_id, stripe_customer_id, attempt, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id) DO UPDATE SET stripe_customer_id = coalesce(c.stripe_customer_id, excluded.stripe_customer_id),
         attempt = greatest(c.attempt, excluded.attempt)
       RETURNING stripe_customer_id AS id`,
      [accountId, customerId, attempt, this.clock.now()],
    );
    return row?.id ?? '';
  }

  /** Something may have changed at Stripe: the next list reads there. */
  async markChanged(tx: Tx, by: { accountId: string } | { stripeCustomerId: string }): Promise<boolean> {
    const column = 'accountId' in by ? 'account_id' : 'stripe_customer_id';
    const value = 'accountId' in by ? by.accountId : by.stripeCustomerId;
    const set = 'UPDATE stripe_customers SET methods_changed = methods_changed + 1';
    return (await tx.query(`${set} WHERE ${column} = $1 RETURNING 1`, [value])).length > 0;
  }

  /** {@link markChanged} in a transaction of its own. */
  async markChangedNow(accountId: string): Promise<void> {
    await this.database.transaction((tx) => this.markChanged(tx, { accountId }));
  }
}
