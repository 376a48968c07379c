import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock, Database, type Tx, Schedules } from '#platform';
import { IdempotencyRepository, type RequestKey, type StoredAnswer } from './idempotency.repository.js';
import { KEY_IN_FLIGHT, KEY_NOT_VALID, KEY_REUSED, Problem, PROBLEM_TYPE } from './problem.js';
import { bodyBytes } from './request-context.js';

/** How long a first answer is kept and replayed. */
const KEPT_HOURS = 24;
/** A call that is answered later than this belongs to a dead process: Stripe is given 20 s at most. */
const LEASE_SECONDS = 45;
/** Expired answers are deleted this often. */
const FORGET_SECONDS = 600;
const JSON_TYPE = 'application/json; charset=utf-8';
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Names a request with a key, for an effect that is to find what an earlier try of it began. */
export interface RequestIdentity {
  readonly id: string;
  /** Another body under the same id is another request, and refused. */
  readonly bodyHash: string;
  /** What was begun before this is forgotten, as the kept answer would be. */
  readonly since: Date;
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
    private readonly repository: IdempotencyRepository,
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
      if (key) await this.throwStored(key);
      const { status, body } = await effect(key && identityOf(key, this.clock.now()));
      const answer = { status, body: JSON.stringify(body), contentType: JSON_TYPE };
      if (key) await this.database.transaction(async (tx) => this.keep(tx, key, answer));
      void reply.status(status);
      return body;
    } finally {
      if (key) await this.repository.endLease(key);
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
    if (key) await this.throwStored(key);
  }

  private async takeLease(key: RequestKey): Promise<void> {
    if (!(await this.repository.takeLease(key, LEASE_SECONDS))) throw new Problem(KEY_IN_FLIGHT, { retryAfter: 1 });
  }

  private async forget(): Promise<number> {
    return this.repository.forget(this.clock.now());
  }

  private async begin(tx: Tx, key: RequestKey): Promise<void> {
    if (!(await this.repository.lock(tx, key))) throw new Problem(KEY_IN_FLIGHT, { retryAfter: 1 });
    await this.throwStored(key, tx);
  }

  private async throwStored(key: RequestKey, tx?: Tx): Promise<void> {
    const stored = await this.repository.find(key, this.clock.now(), tx);
    if (!stored) return;
    if (stored.bodyHash !== key.bodyHash) throw new Problem(KEY_REUSED);
    throw new IdempotentReplay(stored);
  }

  private async keep(tx: Tx, key: RequestKey, answer: StoredAnswer): Promise<void> {
    const now = this.clock.now();
    await this.repository.keep(tx, key, answer, now, new Date(now.getTime() + KEPT_HOURS * 3_600_000));
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
