import { Injectable } from '@nestjs/common';
import { Database, type Counted, type Tx } from '#platform';
import type { ClosedCase, OpenCase, OperatorCase, Settlement } from './operator-case.js';

/** The table `operator_cases`: a row per case; at most one of a kind and subject is open. */
@Injectable()
export class CasesRepository {
  constructor(private readonly database: Database) {}

  /** Writes nothing while a case of the same kind and subject is open. */
  async insert(tx: Tx, entry: OperatorCase, openedAt: Date): Promise<void> {
    await tx.query(
      `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING`,
      [entry.kind, entry.subject, entry.reason, entry.nextStep, JSON.stringify(entry.facts ?? {}), openedAt],
    );
  }

  async close(tx: Tx, kind: string, subject: string, closedAt: Date): Promise<void> {
    await tx.query('UPDATE operator_cases SET closed_at = $3 WHERE kind = $1 AND subject = $2 AND closed_at IS NULL', [
      kind,
      subject,
      closedAt,
    ]);
  }

  /** Which of some subjects have a case of one of these kinds, open or closed. */
  async subjectsOf(kinds: readonly string[], subjects: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ subject: string }>(
      'SELECT DISTINCT subject FROM operator_cases WHERE subject = ANY($2) AND kind = ANY($1)',
      [kinds, subjects],
    );
    return new Set(rows.map(({ subject }) => subject));
  }

  /** The longest open first. @param subject only cases about it; all of them when it is left out */
  async open(subject: string | undefined, limit: number): Promise<OpenCase[]> {
    return this.database.query(
      `SELECT id, kind, subject, reason, next_step AS "nextStep", facts, opened_at AS "openedAt"
       FROM operator_cases WHERE closed_at IS NULL AND ($1::text IS NULL OR subject = $1 OR facts->>'orderNumber' = $1)
       ORDER BY opened_at, id LIMIT $2`,
      [subject ?? null, limit],
    );
  }

  async countOpen(): Promise<Counted[]> {
    return this.database.query(
      `SELECT kind AS name, count(*)::int AS count FROM operator_cases WHERE closed_at IS NULL GROUP BY kind ORDER BY kind`,
    );
  }

  /** Locks a case that is open; `undefined` when it is not. */
  async lockOpen(tx: Tx, id: number): Promise<ClosedCase | undefined> {
    const [open] = await tx.query<ClosedCase>(
      'SELECT kind, subject FROM operator_cases WHERE id = $1 AND closed_at IS NULL FOR UPDATE',
      [id],
    );
    return open;
  }

  async closeById(tx: Tx, id: number, closedAt: Date, settlement: Settlement | null): Promise<void> {
    const closed = [id, closedAt, settlement];
    await tx.query('UPDATE operator_cases SET closed_at = $2, settlement = $3 WHERE id = $1', closed);
  }
}
