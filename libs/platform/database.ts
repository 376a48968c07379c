import { Inject, Injectable } from '@nestjs/common';
import {
  DataSource,
  QueryFailedError,
  type EntityManager,
  type ObjectLiteral,
  type QueryRunner,
  type Repository,
} from 'typeorm';
import type { GuardedDataSource } from './data-source.js';

/**
 * An open transaction, handed on visibly as the first argument to everything that must be true together. Whoever takes a
 * `Tx` neither commits nor calls anything outside the database.
 */
export interface Tx {
  readonly manager: EntityManager;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A repository of TypeORM: in the transaction when there is one, else on a connection of its own. */
export function within<Entity extends ObjectLiteral>(
  repository: Repository<Entity>,
  tx: Tx | undefined,
): Repository<Entity> {
  return tx ? tx.manager.withRepository(repository) : repository;
}

/** serialization_failure and deadlock_detected: PostgreSQL asks for the whole transaction again. */
const RETRIED_STATES = new Set(['40001', '40P01']);
const MAXIMUM_ATTEMPTS = 5;
/** System errors of a connection that could not be made, or was cut. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** What `pg` and its pool say of the same, without a code. */
const CONNECTION_GONE = /^(Connection terminated|timeout exceeded when trying to connect|Client .* is not queryable)/;

/** The one door to PostgreSQL. */
@Injectable()
export class Database {
  constructor(@Inject(DataSource) readonly dataSource: GuardedDataSource) {}

  /** Runs one statement outside any transaction. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await run<Row>(runner, sql, parameters);
    } finally {
      await runner.release();
    }
  }

  /** @throws Error when the database does not answer */
  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  /**
   * Runs `work` in a READ COMMITTED transaction and commits it. When PostgreSQL reports a serialisation failure or a
   * deadlock the whole of `work` runs again in a fresh transaction, a bounded number of times.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.assertOutsideTransaction('a second transaction');
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (attempt >= MAXIMUM_ATTEMPTS || !RETRIED_STATES.has(sqlState(error) ?? '')) throw error;
      }
    }
  }

  /**
   * A call to the outside while a transaction is open would hold its locks for as long as a stranger pleases, and could
   * not be rolled back. A second connection taken while one is held empties the pool: everybody then waits for everybody.
   * @throws Error when called inside {@link transaction}
   */
  assertOutsideTransaction(what: string): void {
    this.dataSource.assertOutsideTransaction(what);
  }

  private async once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('READ COMMITTED');
      const tx: Tx = { manager: runner.manager, query: (sql, parameters = []) => run(runner, sql, parameters) };
      const result = await this.dataSource.insideTransaction(() => work(tx));
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A failed rollback means a lost connection: PostgreSQL rolls back by itself, and the first error is the cause.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

async function run<Row>(runner: QueryRunner, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
  const result = await runner.query(sql, [...parameters], true);
  return result.records as Row[];
}

/**
 * Whether an error means that PostgreSQL was not there, or had no room, to do what it was asked; not that it refused. What
 * was asked may have been done all the same, when it was a commit.
 */
export function isDatabaseAway(error: unknown): boolean {
  const { severity, code, syscall, message } = causeOf(error);
  if (severity !== undefined) return severity === 'FATAL' || severity === 'PANIC' || code?.startsWith('53') === true;
  return syscall === 'connect' || NO_CONNECTION.has(code ?? '') || CONNECTION_GONE.test(message ?? '');
}

/** Without a `severity`, PostgreSQL did not say it. */
interface Cause {
  readonly severity?: string;
  /** SQLSTATE, or the code of a system error. */
  readonly code?: string;
  /** Of a system error: also a socket file that is not there fails to `connect`. */
  readonly syscall?: string;
  readonly message?: string;
}

function causeOf(error: unknown): Cause {
  if (error instanceof QueryFailedError) return error.driverError as Cause;
  return typeof error === 'object' && error !== null ? error : {};
}

/** The five-character SQLSTATE of a failed statement. */
function sqlState(error: unknown): string | undefined {
  return error instanceof QueryFailedError ? causeOf(error).code : undefined;
}
