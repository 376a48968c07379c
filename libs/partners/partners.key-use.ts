import { timingSafeEqual } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock, CONFIG, Secrets, type Config } from '#platform';
import { PartnerKeysRepository, type RecognisedKey } from './partner-keys.repository.js';
import { DEMO_KEY, keyPrefix } from './partners.keys.js';

/** Recognises partner keys, and writes down that they were used. */
@Injectable()
export class KeyUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('PartnerKeys');
  private readonly notes = new Map<string, Promise<void>>();

  constructor(
    private readonly repository: PartnerKeysRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Asks the database every time, so that a revoked key ends at once in every process. */
  async recognise(key: string): Promise<RecognisedKey | undefined> {
    if (!key.startsWith(keyPrefix(this.config)) || (key === DEMO_KEY && this.config.mode !== 'sandbox'))
      return undefined;
    const hashes = this.secrets.hashes('partner-key', key);
    const row = await this.repository.findInForce(
      hashes.map(({ hash }) => hash),
      this.clock.now(),
    );
    // The index compares a hash that the caller cannot choose; this comparison is constant in time all the same.
    if (!row || !hashes.some(({ hash }) => timingSafeEqual(hash, row.keyHash))) return undefined;
    if (row.noteDue) this.note(row, hashes[0]);
    return row;
  }

  /** Known under any listed secret, whether it works or not. */
  async isStored(key: string): Promise<boolean> {
    return this.repository.isStored(this.secrets.hashes('partner-key', key).map(({ hash }) => hash));
  }

  /** An older secret may be taken away only when no key needs it any more: who forgets is told at every start. */
  async onApplicationBootstrap(): Promise<void> {
    const needed = await this.repository.countByOlderSecret(this.secrets.newestId, this.clock.now());
    for (const { secretId, keys } of needed) {
      const isListed = this.secrets.keyFor('partner-key', secretId) !== undefined;
      const what = isListed
        ? 'they change to the newest one when they are used; keep the secret until then'
        : 'it is not listed in HOLDFAST_SECRETS, and they are answered with 401';
      this.logger.warn(`partner keys that need the older secret "${secretId}": ${keys}; ${what}`);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.notes.values());
  }

  /** Never in the way of the request, which does not wait for it and does not fail with it. */
  private note(row: RecognisedKey, newest: { id: string; hash: Buffer } | undefined): void {
    if (!newest || this.notes.has(row.keyId)) return;
    // Hashed again under the newest secret, so that the secret it was made under can be removed.
    const written = this.repository
      .noteUse(row, newest, this.clock.now())
      .catch((error: unknown) =>
        this.logger.warn({ err: error, keyId: row.keyId, msg: 'the use of a key was not noted' }),
      )
      .finally(() => this.notes.delete(row.keyId));
    this.notes.set(row.keyId, written);
  }
}
