import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, Database, newId, randomText, Secrets, type Config, type Tx } from '#platform';
import { PartnerKeysRepository } from './partner-keys.repository.js';
import { PartnerRefused } from './partners.refusal.js';
import { PartnersRepository } from './partners.repository.js';
import type { PartnerKeyEntity, KeyScope } from './partner-key.entity.js';

/** Works in sandbox mode only: a database of another mode never holds it, and its recognition does not rely on that. */
export const DEMO_KEY = 'hf_test_demo';
/** How long a replaced key works on, unless told otherwise, and at most: what is needed longer is no rotation. */
export const DEFAULT_OVERLAP_HOURS = 24;
export const MAXIMUM_OVERLAP_HOURS = 720;
const KEY_LETTERS = 32;
const DEFAULT_NAME = 'key';

/** What every key of this mode starts with; one of another mode is not valid. */
export function keyPrefix({ mode }: Config): string {
  return mode === 'live' ? 'hf_live_' : 'hf_test_';
}

/** A key as it may be shown: all but the key. */
export type KeyView = Omit<PartnerKeyEntity, 'keyHash'> & {
  readonly status: 'active' | 'replaced' | 'expired' | 'revoked';
  /** The key is recognised by the newest secret: no older one is needed for it. */
  readonly secretIsNewest: boolean;
};

/** A key that was made; `key` can be shown this once only. */
export interface NewKey {
  readonly keyId: string;
  readonly key: string;
}

interface KeyChoices {
  readonly name?: string | undefined;
  readonly scope?: KeyScope | undefined;
  /** Given for the demo key only; all others are random. */
  readonly key?: string;
}

/** What an operator does with partner keys. */
@Injectable()
export class PartnerKeys {
  constructor(
    private readonly database: Database,
    private readonly repository: PartnerKeysRepository,
    private readonly partners: PartnersRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Stores a new key as a keyed hash. */
  async insert(tx: Tx, partnerId: string, choices: KeyChoices = {}): Promise<NewKey> {
    const { name = DEFAULT_NAME, scope = 'full' } = choices;
    const key = choices.key ?? `${keyPrefix(this.config)}${randomText(KEY_LETTERS)}`;
    const [newest] = this.secrets.hashes('partner-key', key);
    if (!newest) throw new Error('no secret is configured');
    const row = {
      ...{ keyId: newId('key'), partnerId, name, scope, hint: key.slice(-4) },
      ...{ keyHash: newest.hash, secretId: newest.id, createdAt: this.clock.now() },
    };
    await this.repository.insertIfMissing(tx, row);
    return { keyId: row.keyId, key };
  }

  /** @throws PartnerRefused when there is no such partner */
  async create(partnerId: string, choices: Omit<KeyChoices, 'key'>): Promise<NewKey> {
    return this.database.transaction(async (tx) => {
      await this.requirePartner(tx, partnerId);
      return this.insert(tx, partnerId, choices);
    });
  }

  /** Every key that the partner ever had, the newest first. @throws PartnerRefused when there is no such partner */
  async list(partnerId: string): Promise<KeyView[]> {
    const keys = await this.database.transaction(async (tx) => {
      await this.requirePartner(tx, partnerId);
      return this.repository.ofPartner(tx, partnerId);
    });
    return keys.map((key) => this.view(key));
  }

  /**
   * Makes a key of the same name and scope, and lets the old one work until the overlap is over, by business time.
   * @param overlapHours 0 (it ends at once) to {@link MAXIMUM_OVERLAP_HOURS}
   * @throws PartnerRefused when there is no such key, or it ended or was replaced already
   */
  async rotate(keyId: string, overlapHours: number): Promise<NewKey & { replaces: string; oldKeyExpiresAt: Date }> {
    const oldKeyExpiresAt = new Date(this.clock.now().getTime() + overlapHours * 3_600_000);
    return this.database.transaction(async (tx) => {
      const old = await this.repository.lock(tx, keyId);
      if (!old) throw new PartnerRefused(`there is no key ${keyId}`);
      const { status } = this.view(old);
      if (status !== 'active') throw new PartnerRefused(`the key ${keyId} is ${status} already`);
      await this.repository.expire(tx, keyId, oldKeyExpiresAt);
      const made = await this.insert(tx, old.partnerId, { name: old.name, scope: old.scope });
      return { ...made, replaces: keyId, oldKeyExpiresAt };
    });
  }

  /** Ends a key at once, in every process; again is no second end. @throws PartnerRefused when there is no such key */
  async revoke(keyId: string): Promise<KeyView> {
    await this.repository.revoke(keyId, this.clock.now());
    const key = await this.repository.find(keyId);
    if (!key) throw new PartnerRefused(`there is no key ${keyId}`);
    return this.view(key);
  }

  private async requirePartner(tx: Tx, partnerId: string): Promise<void> {
    if (!(await this.partners.exists(tx, partnerId))) throw new PartnerRefused(`there is no partner ${partnerId}`);
  }

  private view({ keyHash: _, ...key }: PartnerKeyEntity): KeyView {
    return { ...key, status: this.statusOf(key), secretIsNewest: key.secretId === this.secrets.newestId };
  }

  private statusOf({ revokedAt, expiresAt }: Pick<PartnerKeyEntity, 'revokedAt' | 'expiresAt'>): KeyView['status'] {
    if (revokedAt) return 'revoked';
    if (!expiresAt) return 'active';
    return expiresAt > this.clock.now() ? 'replaced' : 'expired';
  }
}
