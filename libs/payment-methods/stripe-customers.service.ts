import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, Database, type Config } from '#platform';
import { idempotencyKey, StripeGateway, type StripeOutcome } from '#stripe';
import { StripeCustomerEntity } from './stripe-customer.entity.js';

const POLL_MS = 100;

/** The one customer of each account at Stripe. */
@Injectable()
export class StripeCustomersService {
  constructor(
    private readonly database: Database,
    private readonly stripe: StripeGateway,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The account's customer, made when there is none. However many first payments start at once, they use one key and so
   * get one customer.
   */
  async ensure(accountId: string): Promise<StripeOutcome<string>> {
    const deadline = Date.now() + this.config.callTimeoutMs;
    for (;;) {
      const outcome = await this.make(accountId);
      const isBeingMade = outcome.kind === 'unknown' && outcome.reason === 'idempotency_key_in_use';
      if (!isBeingMade || Date.now() >= deadline) return outcome;
      await sleep(POLL_MS);
    }
  }

  private async make(accountId: string): Promise<StripeOutcome<string>> {
    const row = await this.database.manager.findOneBy(StripeCustomerEntity, { accountId });
    if (row?.stripeCustomerId) return { kind: 'succeeded', value: row.stripeCustomerId };
    const attempt = row?.attempt ?? 1;
    const key = idempotencyKey(accountId, 'customer', attempt);
    const outcome = await this.stripe.createCustomer({ metadata: { accountId } }, key);
    if (outcome.kind === 'succeeded')
      return { kind: 'succeeded', value: await this.keep(accountId, outcome.value.id, attempt) };
    // A stored 5xx would come again for a day. A customer that was made all the same has no card and hurts nobody.
    if (outcome.kind === 'unknown' && outcome.answered) await this.keep(accountId, null, attempt + 1);
    return outcome;
  }

  async find(accountId: string): Promise<string | undefined> {
    const row = await this.database.manager.findOneBy(StripeCustomerEntity, { accountId });
    return row?.stripeCustomerId ?? undefined;
  }

  /** Every customer that the account has had, the present one first. */
  async findAll(accountId: string): Promise<string[]> {
    const row = await this.database.manager.findOneBy(StripeCustomerEntity, { accountId });
    return [row?.stripeCustomerId ?? [], row?.formerCustomerIds ?? []].flat();
  }

  /**
   * Forgets a customer that Stripe no longer knows, with its cards; the next {@link ensure} makes another. Bound by our
   * id: nobody else's customer is ever looked for.
   */
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
  private async keep(accountId: string, customerId: string | null, attempt: number): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      `INSERT INTO stripe_customers AS c (account_id, stripe_customer_id, attempt, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id) DO UPDATE SET stripe_customer_id = coalesce(c.stripe_customer_id, excluded.stripe_customer_id),
         attempt = greatest(c.attempt, excluded.attempt)
       RETURNING stripe_customer_id AS id`,
      [accountId, customerId, attempt, this.clock.now()],
    );
    return row?.id ?? '';
  }
}
