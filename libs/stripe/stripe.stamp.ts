import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, CONFIG, type Config } from '#platform';
import { StripeUnavailable } from './stripe.errors.js';
import { StripeGateway } from './stripe.gateway.js';
import { StripeStampRepository } from './stripe.stamp.repository.js';

/**
 * A database belongs to one mode and one Stripe account: ids of one mean nothing, or something else, in another. The
 * first start stamps it; a start that does not fit is refused.
 */
@Injectable()
export class DatabaseStamp implements OnApplicationBootstrap {
  private readonly logger = new Logger(DatabaseStamp.name);

  constructor(
    private readonly repository: StripeStampRepository,
    private readonly stripe: StripeGateway,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws Error when the database was made for another mode or another Stripe account */
  async onApplicationBootstrap(): Promise<void> {
    const accountId = await this.stripe.accountId().catch((error: unknown) => {
      if (!(error instanceof StripeUnavailable)) throw error;
      this.logger.warn('Stripe did not answer; which account this is will be checked at the next start');
      return null;
    });
    const stamp = await this.repository.stamp(this.config.mode, accountId, this.clock.now());
    if (stamp?.mode !== this.config.mode) {
      throw new Error(`the database belongs to ${stamp?.mode} mode, and this is ${this.config.mode} mode`);
    }
    if (accountId !== null && stamp.account !== accountId) {
      throw new Error(`the database belongs to the Stripe account ${stamp.account}, and the key to ${accountId}`);
    }
  }

  /** When the database was first used; `undefined` before the first start. */
  async stampedAt(): Promise<Date | undefined> {
    return this.repository.stampedAt();
  }
}
