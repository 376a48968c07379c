import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#platform';
import { idempotencyKey, StripeGateway, type StripeOutcome } from '#stripe';
import { StripeCustomersRepository } from './stripe-customers.repository.js';

const POLL_MS = 100;

/** The one customer of each account at Stripe. */
@Injectable()
export class StripeCustomersService {
  constructor(
    private readonly repository: StripeCustomersRepository,
    private readonly stripe: StripeGateway,
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
    const row = await this.repository.find(accountId);
    if (row?.stripeCustomerId) return { kind: 'succeeded', value: row.stripeCustomerId };
    const attempt = row?.attempt ?? 1;
    const key = idempotencyKey(accountId, 'customer', attempt);
    const outcome = await this.stripe.createCustomer({ metadata: { accountId } }, key);
    if (outcome.kind === 'succeeded')
      return { kind: 'succeeded', value: await this.repository.keep(accountId, outcome.value.id, attempt) };
    // A stored 5xx would come again for a day. A customer that was made all the same has no card and hurts nobody.
    if (outcome.kind === 'unknown' && outcome.answered) await this.repository.keep(accountId, null, attempt + 1);
    return outcome;
  }

  async find(accountId: string): Promise<string | undefined> {
    const row = await this.repository.find(accountId);
    return row?.stripeCustomerId ?? undefined;
  }

  /** Every customer that the account has had, the present one first. */
  async findAll(accountId: string): Promise<string[]> {
    const row = await this.repository.find(accountId);
    return [row?.stripeCustomerId ?? [], row?.formerCustomerIds ?? []].flat();
  }

  /**
   * Forgets a customer that Stripe no longer knows, with its cards; the next {@link ensure} makes another. Bound by our
   * id: nobody else's customer is ever looked for.
   */
  async forget(accountId: string, customerId: string): Promise<void> {
    await this.repository.forget(accountId, customerId);
  }
}
