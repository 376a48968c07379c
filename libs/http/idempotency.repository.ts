import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#platform';

/** What makes two requests the same one. */
export interface RequestKey {
  readonly credential: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly bodyHash: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** Expired answers that one run deletes. */
const FORGOTTEN_AT_ONCE = 5000;

/** First answers (`idempotency_keys`), and who is answering at this moment (`idempotency_leases`). */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  /** Measured by the database's clock, which all processes share. @returns false while another request has the lease */
  async takeLease(key: RequestKey, seconds: number): Promise<boolean> {
    const taken = await this.database.query(
      `INSERT INTO idempotency_leases AS l (credential, method, path, key, until)
       VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
       ON CONFLICT (credential, method, path, key) DO UPDATE SET until = excluded.until WHERE l.until <= clock_timestamp()
       RETURNING until`,
      [key.credential, key.method, key.path, key.key, seconds],
    );
    return taken.length > 0;
  }

  async endLease(key: RequestKey): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_leases WHERE credential = $1 AND method = $2 AND path = $3 AND key = $4',
      [key.credential, key.method, key.path, key.key],
    );
  }

  /** Deletes expired answers, so many at once. @returns how many */
  async forget(now: Date): Promise<number> {
    // A process that died while it answered left its lease, which ran out a minute later.
    await this.database.query(`DELETE FROM idempotency_leases WHERE until < now() - interval '1 day'`);
    const gone = await this.database.query(
      `DELETE FROM idempotency_keys WHERE ctid IN (
         SELECT ctid FROM idempotency_keys WHERE expires_at <= $1 LIMIT ${FORGOTTEN_AT_ONCE}) RETURNING 1`,
      [now],
    );
    return gone.length;
  }

  /**
   * Locks a key until the transaction ends, however that ends: a crash leaves no key in flight.
   * @returns false while another transaction has the lock
   */
  async lock(tx: Tx, key: RequestKey): Promise<boolean> {
    const [lock] = await tx.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken',
      [[key.credential, key.method, key.path, key.key].join('\n')],
    );
    return lock?.taken === true;
  }

  /** The first answer, unless it has expired. */
  async find(key: RequestKey, now: Date, tx?: Tx): Promise<(StoredAnswer & { bodyHash: string }) | undefined> {
    const [stored] = await (tx ?? this.database).query<StoredAnswer & { bodyHash: string }>(
      `SELECT status, body, content_type AS "contentType", body_hash AS "bodyHash" FROM idempotency_keys
       WHERE credential = $1 AND method = $2 AND path = $3 AND key = $4 AND expires_at > $5`,
      [key.credential, key.method, key.path, key.key, now],
    );
    return stored;
  }

  /** An expired answer is replaced; a live one was the first and stays. */
  async keep(tx: Tx, key: RequestKey, answer: StoredAnswer, now: Date, expiresAt: Date): Promise<void> {
    await tx.query(
      `INSERT INTO idempotency_keys AS k (credential, method, path, key, body_hash, status, body, content_type, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (credential, method, path, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
         body = excluded.body, content_type = excluded.content_type, expires_at = excluded.expires_at
       WHERE k.expires_at <= $10`,
      [
        key.credential,
        key.method,
        key.path,
        key.key,
        key.bodyHash,
        answer.status,
        answer.body,
        answer.contentType,
        expiresAt,
        now,
      ],
    );
  }
}
