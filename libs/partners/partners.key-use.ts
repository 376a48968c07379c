import { timingSafeEqual } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock, CONFIG, Database, Secrets, type Config } from '#platform';
import { DEMO_KEY, keyPrefix } from './partners.keys.js';
import type { KeyScope } from './partner-key.entity.js';

/** A use is written once a minute and key at most; the distance is absolute, since a sandbox's clock may be set back. */
const NOTE_DUE = `(last_used_at IS NULL OR last_used_at NOT BETWEEN $2::timestamptz - interval '1 minute'
  AND $2::timestamptz + interval '1 minute')`;
/** Neither revoked nor replaced for good, by the business time $2. */
const IN_FORCE = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)';

interface RecognisedKey {
  readonly keyId: string;
  readonly partnerId: string;
  readonly scope: KeyScope;
  readonly keyHash: Buffer;
  readonly noteDue: boolean;
}

/** Recognises partner keys, and writes down that they were used. */
@Injectable()
export class KeyUse implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('PartnerKeys');
  private readonly notes = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Asks the database every time, so that a revoked key ends at once in every process. */
  async recognise(key: string): Promise<RecognisedKey | undefined> {
    if (!key.startsWith(keyPrefix(this.config)) || (key === DEMO_KEY && this.config.mode !== 'sandbox'))
      return undefined;
    const hashes = this.secrets.hashes('partner-key', key);
    const [row] = await this.database.query<RecognisedKey>(
      `SELECT key_id AS "keyId", partner_id AS "partnerId", scope, key_hash AS "keyHash", ${NOTE_DUE} AS "noteDue"
       FROM partner_keys WHERE key_hash = ANY($1) AND ${IN_FORCE}`,
      [hashes.map(({ hash }) => hash), this.clock.now()],
    );
    // The index compares a hash that the caller cannot choose; this comparison is constant in time all the same.
    if (!row || !hashes.some(({ hash }) => timingSafeEqual(hash, row.keyHash))) return undefined;
    if (row.noteDue) this.note(row, hashes[0]);
    return row;
  }

  /** Known under any listed secret, whether it works or not. */
  async isStored(key: string): Promise<boolean> {
    const hashes = this.secrets.hashes('partner-key', key).map(({ hash }) => hash);
    const rows = await this.database.query('SELECT FROM partner_keys WHERE key_hash = ANY($1)', [hashes]);
    return rows.length > 0;
  }

  /** An older secret may be taken away only when no key needs it any more: who forgets is told at every start. */
  async onApplicationBootstrap(): Promise<void> {
    const needed = await this.database.query<{ secretId: string; keys: number }>(
      `SELECT secret_id AS "secretId", count(*)::int AS keys FROM partner_keys
       WHERE secret_id <> $1 AND ${IN_FORCE} GROUP BY secret_id ORDER BY secret_id`,
      [this.secrets.newestId, this.clock.now()],
    );
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
    const written = this.write(row, newest)
      .catch((error: unknown) =>
        this.logger.warn({ err: error, keyId: row.keyId, msg: 'the use of a key was not noted' }),
      )
      .finally(() => this.notes.delete(row.keyId));
    this.notes.set(row.keyId, written);
  }

  /** Hashed anew under the newest secret, so that the one it was made under may be taken away. */
  private async write(row: RecognisedKey, newest: { id: string; hash: Buffer }): Promise<void> {
    await this.database.query(
      `UPDATE partner_keys SET last_used_at = $2, key_hash = $3, secret_id = $4
       WHERE key_id = $1 AND key_hash = $5 AND ${NOTE_DUE}`,
      [row.keyId, this.clock.now(), newest.hash, newest.id, row.keyHash],
    );
  }
}
