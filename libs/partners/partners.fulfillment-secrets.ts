import { Injectable } from '@nestjs/common';
import { Clock, Database, Secrets, type Tx } from '#platform';
import { newSigningSecret } from '#outbound';
import { FulfillmentSecretsRepository } from './fulfillment-secrets.repository.js';
import { PartnerRefused } from './partners.refusal.js';

/** A secret that was made; it can be shown this once only. */
interface NewFulfillmentSecret {
  readonly partnerId: string;
  readonly fulfillmentSecret: string;
  /** Until then messages are signed with the former secret too. */
  readonly formerValidUntil: Date;
}

const MS_PER_HOUR = 3_600_000;

/** What calls to a partner's fulfilment address are signed with: one secret per partner, and the former one while it is replaced. */
@Injectable()
export class FulfillmentSecrets {
  constructor(
    private readonly database: Database,
    private readonly repository: FulfillmentSecretsRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** @returns the secret when this made the partner's first one */
  async ensure(tx: Tx, partnerId: string): Promise<string | undefined> {
    const secret = newSigningSecret();
    const inserted = await this.repository.insert(tx, partnerId, this.secrets.encrypt(secret), this.clock.now());
    return inserted ? secret : undefined;
  }

  /**
   * Makes a new secret; the one before signs beside it until the overlap ends.
   * @throws PartnerRefused when the partner has none yet
   */
  async rotate(partnerId: string, overlapHours: number): Promise<NewFulfillmentSecret> {
    const formerValidUntil = new Date(this.clock.now().getTime() + overlapHours * MS_PER_HOUR);
    return this.database.transaction(async (tx) => {
      const replaced = await this.repository.expire(tx, partnerId, formerValidUntil);
      const fulfillmentSecret = replaced ? await this.ensure(tx, partnerId) : undefined;
      if (fulfillmentSecret === undefined) throw new PartnerRefused(`${partnerId} has no fulfilment address`);
      return { partnerId, fulfillmentSecret, formerValidUntil };
    });
  }

  /** Every secret that is valid now, the newest first. */
  async valid(partnerId: string): Promise<string[]> {
    const encrypted = await this.repository.valid(partnerId, this.clock.now());
    return encrypted.map((secret) => this.secrets.decrypt(secret));
  }
}
