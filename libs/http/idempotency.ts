import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock, Database, type Tx, Schedules } from '#platform';
import { KEY_IN_FLIGHT, KEY_NOT_VALID, KEY_REUSED, Problem, PROBLEM_TYPE } from './problem.js';
import { bodyBytes } from './request-context.js';

/** How long a first answer is kept and replayed. */
const KEPT_HOURS = 24;
/** A call that is answered later than this belongs to a dead process: Stripe is given 20 s at most. */
const LEASE_SECONDS = 45;
/** Expired answers are deleted this often, so many at once. */
const FORGET_SECONDS = 600;
const FORGOTTEN_AT_ONCE = 5000;
const JSON_TYPE = 'application/json; charset=utf-8';
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** What makes two requests the same one. */
interface RequestKey {
  readonly credential: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly bodyHash: string;
}

/** Names a request with a key, for an effect that is to find what an earlier try of it began. */
export interface RequestIdentity {
  readonly id: string;
  /** Another body under the same id is another request, and refused. */
  readonly bodyHash: string;
  /** What was begun before this is forgotten, as the kept answer would be. */
  readonly since: Date;
}

interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Names the credential that was accepted; set by authentication, absent before it. */
    credentialId?: string;
  }
}

/** Thrown to answer with the first answer again, byte for byte. */
export class IdempotentReplay extends Error {
  constructor(private readonly stored: StoredAnswer) {
    super('replayed');
  }

  async answer(reply: FastifyReply): Promise<void> {
    await reply
      .status(this.stored.status)
      .header('Content-Type', this.stored.contentType)
      .header('Idempotent-Replayed', 'true')
      .send(this.stored.body);
  }
}

/**
 * `Idempotency-Key` on every POST. The first answer is written in the transaction of its effect, so that after a crash
 * there is either both or neither; refusals have no effect and are kept afterwards by the exception filter.
 */
@Injectable()
export class Idempotency implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly schedules: Schedules,
  ) {}

  onModuleInit(): void {
    this.schedules.every('idempotency.forget', FORGET_SECONDS, () => this.forget());
  }

  /**
   * Runs the effect of a POST in one transaction and keeps its answer there.
   * @param kept what a replay shows, where it differs from the first answer: a secret is shown once
   * @throws Problem 409 `idempotency-key-in-flight`, 422 `idempotency-key-reused`
   */
  async transaction<T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    effect: (tx: Tx) => Promise<{ status: number; body: T; kept?: Partial<T> }>,
  ): Promise<T> {
    const key = requestKey(request);
    const { status, body } = await this.database.transaction(async (tx) => {
      if (key) await this.begin(tx, key);
      const answer = await effect(tx);
      if (key) {
        const kept = JSON.stringify(answer.kept ?? answer.body);
        await this.keep(tx, key, { status: answer.status, body: kept, contentType: JSON_TYPE });
      }
      return answer;
    });
    void reply.status(status);
    return body;
  }

  /**
   * Runs a POST that calls the outside, and so cannot run in one transaction; its effect must happen once by itself, however
   * often it is asked for: by its nature, or by writing down the identity that it is given. While it runs the key is in
   * flight by a lease, which ends by itself after a crash.
   * @throws Problem 409 `idempotency-key-in-flight`, 422 `idempotency-key-reused`
   */
  async leased<T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    effect: (identity: RequestIdentity | undefined) => Promise<{ status: number; body: T }>,
  ): Promise<T> {
    const key = requestKey(request);
    if (key) await this.takeLease(key);
    try {
      if (key) await this.throwStored((sql, parameters) => this.database.query(sql, parameters), key);
      const { status, body } = await effect(key && identityOf(key, this.clock.now()));
      const answer = { status, body: JSON.stringify(body), contentType: JSON_TYPE };
      if (key) await this.database.transaction(async (tx) => this.keep(tx, key, answer));
      void reply.status(status);
      return body;
    } finally {
      if (key) await this.endLease(key);
    }
  }

  /** Keeps a 4xx other than 401 and 429, and other than what the key itself was refused for. */
  async keepRefusal(request: FastifyRequest, status: number, body: string): Promise<void> {
    const neverKept = status < 400 || status >= 500 || status === 401 || status === 429;
    const key = neverKept ? undefined : requestKeyOrNothing(request);
    if (!key || body.includes('"code":"idempotency-key-')) return;
    const answer = { status, body, contentType: PROBLEM_TYPE };
    await this.database.transaction(async (tx) => this.keep(tx, key, answer));
  }

  /**
   * Before ownership and state are looked at: the first answer counts, whatever happened since. A key that is not valid has
   * none, and is refused in its turn, with the body.
   * @throws IdempotentReplay when the request was answered before; Problem 422 when with another body
   */
  async replay(request: FastifyRequest): Promise<void> {
    const key = requestKeyOrNothing(request);
    if (key) await this.throwStored((sql, parameters) => this.database.query(sql, parameters), key);
  }

  /** Measured by the database's clock, which all processes share. */
  private async takeLease(key: RequestKey): Promise<void> {
    const taken = await this.database.query(
      `INSERT INTO idempotency_leases AS l (credential, method, path, key, until)
       VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
       ON CONFLICT (credential, method, path, key) DO UPDATE SET until = excluded.until WHERE l.until <= clock_timestamp()
       RETURNING until`,
      [key.credential, key.method, key.path, key.key, LEASE_SECONDS],
    );
    if (taken.length === 0) throw new Problem(KEY_IN_FLIGHT, { retryAfter: 1 });
  }

  private async endLease(key: RequestKey): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_leases WHERE credential = $1 AND method = $2 AND path = $3 AND key = $4',
      [key.credential, key.method, key.path, key.key],
    );
  }

  private async forget(): Promise<number> {
    // A process that died while it answered left its lease, which ran out a minute later.
    await this.database.query(`DELETE FROM idempotency_leases WHERE until < now() - interval '1 day'`);
    const gone = await this.database.query(
      `DELETE FROM idempotency_keys WHERE ctid IN (
         SELECT ctid FROM idempotency_keys WHERE expires_at <= $1 LIMIT ${FORGOTTEN_AT_ONCE}) RETURNING 1`,
      [this.clock.now()],
    );
    return gone.length;
  }

  private async begin(tx: Tx, key: RequestKey): Promise<void> {
    const [lock] = await tx.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken',
      [[key.credential, key.method, key.path, key.key].join('\n')],
    );
    // The lock ends with its transaction, however that ends: a crash leaves no key in flight.
    if (!lock?.taken) throw new Problem(KEY_IN_FLIGHT, { retryAfter: 1 });
    await this.throwStored((sql, parameters) => tx.query(sql, parameters), key);
  }

  private async throwStored(
    query: <Row>(sql: string, parameters: readonly unknown[]) => Promise<Row[]>,
    key: RequestKey,
  ): Promise<void> {
    const [stored] = await query<StoredAnswer & { bodyHash: string }>(
      `SELECT status, body, content_type AS "contentType", body_hash AS "bodyHash" FROM idempotency_keys
       WHERE credential = $1 AND method = $2 AND path = $3 AND key = $4 AND expires_at > $5`,
      [key.credential, key.method, key.path, key.key, this.clock.now()],
    );
    if (!stored) return;
    if (stored.bodyHash !== key.bodyHash) throw new Problem(KEY_REUSED);
    throw new IdempotentReplay(stored);
  }

  /** An expired answer gives way; a live one was the first and stays. */
  private async keep(tx: Tx, key: RequestKey, answer: StoredAnswer): Promise<void> {
    const now = this.clock.now();
    await tx.query(
      `INSERT INTO idempotency_keys AS k (credential, method, path, key, body_hash, status, body, content_type, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (credential, method, path, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
         body = excluded.body, content_type = excluded.content_type, expires_at = excluded.expires_at
       WHERE k.expires_at <= $10`,
      [
        ...[
          key.credential,
          key.method,
          key.path,
          key.key,
          key.bodyHash,
          answer.status,
          answer.body,
          answer.contentType,
        ],
        new Date(now.getTime() + KEPT_HOURS * 3_600_000),
        now,
      ],
    );
  }
}

/** @throws Problem 400 `idempotency-key-not-valid` */
function requestKey(request: FastifyRequest): RequestKey | undefined {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined || request.credentialId === undefined) return undefined;
  if (typeof key !== 'string' || !PRINTABLE.test(key)) throw new Problem(KEY_NOT_VALID);
  return {
    credential: request.credentialId,
    method: request.method,
    path: new URL(request.url, 'http://localhost').pathname,
    key,
    bodyHash: createHash('sha256').update(bodyBytes(request)).digest('base64url'),
  };
}

function identityOf({ credential, method, path, key, bodyHash }: RequestKey, now: Date): RequestIdentity {
  const id = createHash('sha256').update([credential, method, path, key].join('\n')).digest('base64url');
  return { id, bodyHash, since: new Date(now.getTime() - KEPT_HOURS * 3_600_000) };
}

function requestKeyOrNothing(request: FastifyRequest): RequestKey | undefined {
  try {
    return requestKey(request);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
