import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, CONFIG, Database, newId, type Config, type Tx } from '#platform';
import { FulfillmentSecrets } from './partners.fulfillment-secrets.js';
import { KeyUse } from './partners.key-use.js';
import { DEMO_KEY, PartnerKeys } from './partners.keys.js';
import { PartnerRefused } from './partners.refusal.js';
import { PartnersRepository } from './partners.repository.js';
import { DEFAULT_FULFILLMENT_ATTEMPTS, faultsOfSettings, type PartnerSettings } from './partners.settings.js';
import type { PartnerEntity } from './partner.entity.js';

const DEMO_PARTNER_ID = 'par_demo';
const FIRST_KEY = 'first key';

@Injectable()
export class PartnersService implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly repository: PartnersRepository,
    private readonly keys: PartnerKeys,
    private readonly keyUse: KeyUse,
    private readonly fulfillmentSecrets: FulfillmentSecrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** In sandbox mode there is a partner to start with. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.config.mode !== 'sandbox') return;
    // Under any listed secret: a second row would make two credentials of one key, and a revoked one work again.
    const isKnown = await this.keyUse.isStored(DEMO_KEY);
    const row = { partnerId: DEMO_PARTNER_ID, ...this.emptyPartner('Demo partner') };
    await this.database.transaction(async (tx) => {
      await this.repository.insertIfMissing(tx, row);
      if (!isKnown) await this.keys.insert(tx, DEMO_PARTNER_ID, { name: 'demo', key: DEMO_KEY });
    });
  }

  /** @returns the key, which cannot be shown again */
  async create(name: string): Promise<{ partnerId: string; key: string }> {
    const partnerId = newId('par');
    const key = await this.database.transaction(async (tx) => {
      await this.repository.insert(tx, { partnerId, ...this.emptyPartner(name) });
      return (await this.keys.insert(tx, partnerId, { name: FIRST_KEY })).key;
    });
    return { partnerId, key };
  }

  /**
   * @returns the partner, and the secret that calls to its fulfilment address are signed with when this made it: it is shown once
   * @throws PartnerRefused when there is no such partner, or a setting is not valid
   */
  async set(partnerId: string, settings: PartnerSettings): Promise<PartnerEntity & { fulfillmentSecret?: string }> {
    const partner = await this.find(partnerId);
    if (!partner) throw new PartnerRefused(`there is no partner ${partnerId}`);
    const faults = faultsOfSettings(settings, this.config.mode);
    if (faults.length > 0) throw new PartnerRefused(faults.join('\n'));
    const { returnHosts, origins, fulfillmentUrl, fulfillmentAttempts } = settings;
    const changed = {
      ...(returnHosts && { returnHosts: [...returnHosts] }),
      ...(origins && { origins: [...origins] }),
      ...(fulfillmentUrl !== undefined && { fulfillmentUrl }),
      ...(fulfillmentAttempts !== undefined && { fulfillmentAttempts }),
    };
    const fulfillmentSecret = await this.database.transaction(async (tx) => {
      await this.repository.update(tx, partnerId, changed);
      return fulfillmentUrl === undefined ? undefined : this.fulfillmentSecrets.ensure(tx, partnerId);
    });
    return { ...partner, ...changed, ...(fulfillmentSecret !== undefined && { fulfillmentSecret }) };
  }

  async find(partnerId: string, tx?: Tx): Promise<PartnerEntity | undefined> {
    return this.repository.find(partnerId, tx);
  }

  async list(): Promise<PartnerEntity[]> {
    return this.repository.list();
  }

  private emptyPartner(name: string): Omit<PartnerEntity, 'partnerId'> {
    const fulfillment = { fulfillmentUrl: null, fulfillmentAttempts: DEFAULT_FULFILLMENT_ATTEMPTS };
    return { name, returnHosts: [], origins: [], ...fulfillment, createdAt: this.clock.now() };
  }
}
