import type { PgBoss } from 'pg-boss';
import type { Tx } from './database.js';
import type { Counted } from './metrics.js';

export const DEAD_LETTERS = 'dead-letters';

/** A job that was tried as often as it may be, and waits for a person. */
export interface DeadJob {
  readonly id: string;
  readonly queue: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly tries: number;
  readonly diedAt: Date;
  readonly error: string;
}

/** As it lies in the queue. */
type Stored = Omit<DeadJob, 'error'> & { readonly output: object | null };

/** A transaction as pg-boss wants it, so that a job is written in it. */
export function databaseOf(tx: Tx) {
  return {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query<never>(text, values) }),
  };
}

/** Reads of pg-boss's own table that its API does not have. */
export class JobsRepository {
  constructor(private readonly boss: PgBoss) {}

  /** Those of some jobs that are neither waiting nor being done, with the error of an earlier one that failed for good. */
  async missing<Data extends object>(
    tx: Tx,
    name: string,
    jobs: readonly Data[],
  ): Promise<{ data: Data; givenUp: unknown }[]> {
    return tx.query(
      `SELECT wanted.data, (SELECT j.output FROM pgboss.job j WHERE j.name = $1 AND j.state = 'failed' AND j.data = wanted.data
         ORDER BY j.completed_on DESC LIMIT 1) AS "givenUp"
       FROM jsonb_array_elements($2::jsonb) AS wanted (data)
       WHERE wanted.data NOT IN (SELECT j.data FROM pgboss.job j WHERE j.name = $1 AND j.state < 'completed' AND j.data IS NOT NULL)`,
      [name, JSON.stringify(jobs)],
    );
  }

  /** The oldest first. @param about only jobs whose data holds one of these ids; all of them when it is left out */
  async dead(about: readonly string[] | undefined, limit: number): Promise<Stored[]> {
    const { rows }: { rows: Stored[] } = await this.boss.getDb().executeSql(
      `SELECT id, coalesce(source_name, '') AS queue, data, coalesce(source_retry_count, 0) + 1 AS tries,
         created_on AS "diedAt", source_output AS output
       FROM pgboss.job WHERE name = $1 AND state < 'active'
         AND ($2::text[] IS NULL OR EXISTS (SELECT FROM jsonb_each_text(data) WHERE value = ANY($2)))
       ORDER BY created_on, id LIMIT $3`,
      [DEAD_LETTERS, about ?? null, limit],
    );
    return rows;
  }

  /** How many of each kind are dead. */
  async countDead(): Promise<Counted[]> {
    const { rows }: { rows: Counted[] } = await this.boss.getDb().executeSql(
      `SELECT coalesce(source_name, '') AS name, count(*)::int AS count FROM pgboss.job
       WHERE name = $1 AND state < 'active' GROUP BY 1 ORDER BY 1`,
      [DEAD_LETTERS],
    );
    return rows;
  }

  async isDead(id: string): Promise<boolean> {
    const { rows } = await this.boss
      .getDb()
      .executeSql(`SELECT FROM pgboss.job WHERE name = $1 AND id = $2 AND state < 'active'`, [DEAD_LETTERS, id]);
    return rows.length > 0;
  }
}
