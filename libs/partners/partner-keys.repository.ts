import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Database, type Tx } from '#platform';
import { PartnerKeyEntity, type KeyScope } from './partner-key.entity.js';

/** A use is written once a minute and key at most; the distance is absolute, since a sandbox's clock may be set back. */
const NOTE_DUE = `(last_used_at IS NULL OR last_used_at NOT BETWEEN $2::timestamptz - interval '1 minute'
  AND $2::timestamptz + interval '1 minute')`;
/** Neither revoked nor replaced for good, by the business time $2. */
const IN_FORCE = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)';

export interface RecognisedKey {
  readonly keyId: string;
  readonly partnerId: string;
  readonly scope: KeyScope;
  readonly keyHash: Buffer;
  readonly noteDue: boolean;
}

/** The table `partner_keys`. */
@Injectable()
export class PartnerKeysRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(PartnerKeyEntity) private readonly rows: Repository<PartnerKeyEntity>,
  ) {}

  /** Writes nothing when there is a key of that id or hash. */
  async insertIfMissing(tx: Tx, key: Partial<PartnerKeyEntity>): Promise<void> {
    await tx.manager.createQueryBuilder().insert().into(PartnerKeyEntity).values(key).orIgnore().execute();
  }

  /** The newest first. */
  async ofPartner(tx: Tx, partnerId: string): Promise<PartnerKeyEntity[]> {
    return tx.manager.find(PartnerKeyEntity, { where: { partnerId }, order: { createdAt: 'DESC', keyId: 'DESC' } });
  }

  async lock(tx: Tx, keyId: string): Promise<PartnerKeyEntity | undefined> {
    const lock = { mode: 'pessimistic_write' } as const;
    return (await tx.manager.findOne(PartnerKeyEntity, { where: { keyId }, lock })) ?? undefined;
  }

  async expire(tx: Tx, keyId: string, expiresAt: Date): Promise<void> {
    await tx.manager.update(PartnerKeyEntity, { keyId }, { expiresAt });
  }

  /** Keeps the first end of a key that was revoked before. */
  async revoke(keyId: string, revokedAt: Date): Promise<void> {
    await this.database.query('UPDATE partner_keys SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL', [
      ...[keyId, revokedAt],
    ]);
  }

  async find(keyId: string): Promise<PartnerKeyEntity | undefined> {
    return (await this.rows.findOneBy({ keyId })) ?? undefined;
  }

  /** The key with one of these hashes that is in force; `noteDue` when its use is to be noted. */
  async findInForce(hashes: readonly Buffer[], now: Date): Promise<RecognisedKey | undefined> {
    const [row] = await this.database.query<RecognisedKey>(
      `SELECT key_id AS "keyId", partner_id AS "partnerId", scope, key_hash AS "keyHash", ${NOTE_DUE} AS "noteDue"
       FROM partner_keys WHERE key_hash = ANY($1) AND ${IN_FORCE}`,
      [hashes, now],
    );
    return row;
  }

  /** Whether there is a key with one of these hashes, in force or not. */
  async isStored(hashes: readonly Buffer[]): Promise<boolean> {
    const rows = await this.database.query('SELECT FROM partner_keys WHERE key_hash = ANY($1)', [hashes]);
    return rows.length > 0;
  }

  /** How many keys in force need each secret other than the newest. */
  async countByOlderSecret(newestSecretId: string, now: Date): Promise<{ secretId: string; keys: number }[]> {
    return this.database.query(
      `SELECT secret_id AS "secretId", count(*)::int AS keys FROM partner_keys
       WHERE secret_id <> $1 AND ${IN_FORCE} GROUP BY secret_id ORDER BY secret_id`,
      [newestSecretId, now],
    );
  }

  /** Notes a use, with the hash under the newest secret; nothing when another process noted it meanwhile. */
  async noteUse(key: RecognisedKey, newest: { id: string; hash: Buffer }, now: Date): Promise<void> {
    await this.database.query(
      `UPDATE partner_keys SET last_used_at = $2, key_hash = $3, secret_id = $4
       WHERE key_id = $1 AND key_hash = $5 AND ${NOTE_DUE}`,
      [key.keyId, now, newest.hash, newest.id, key.keyHash],
    );
  }
}
