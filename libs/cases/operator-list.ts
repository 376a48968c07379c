import { Injectable } from '@nestjs/common';
import { Clock, Database, type Tx } from '#platform';
import type { Counted } from '#platform';

/** Something that needs a person: what, why, and the safe next step. */
export interface OperatorCase {
  /** Stable and short, such as `capture-refused`; the same kind for the same subject is listed once. */
  readonly kind: string;
  /** What it is about: an order number, or the id of an object at Stripe that has no order. */
  readonly subject: string;
  readonly reason: string;
  readonly nextStep: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export type ClosedCase = Pick<OperatorCase, 'kind' | 'subject'>;
export type OpenCase = OperatorCase & { readonly id: number; readonly openedAt: Date };

/**
 * How a person settled what no rule of ours may decide: the customer paid in another way, got the difference back, or
 * somebody bears it. Mirrored by a CHECK.
 */
export const SETTLEMENTS = ['collected', 'refunded', 'written-off'] as const;
export type Settlement = (typeof SETTLEMENTS)[number];

/** More than a person reads at once. */
const SHOWN = 200;

/** The list of what no rule of ours may decide. An entry is closed, never deleted. */
@Injectable()
export class OperatorList {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Adds a case in the transaction that found it; again is no second entry while the first is open. */
  async add(tx: Tx, entry: OperatorCase): Promise<void> {
    await tx.query(
      `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING`,
      [entry.kind, entry.subject, entry.reason, entry.nextStep, JSON.stringify(entry.facts ?? {}), this.clock.now()],
    );
  }

  /** Closes a case that somebody else has settled, if it is open. */
  async close(tx: Tx, kind: string, subject: string): Promise<void> {
    await tx.query('UPDATE operator_cases SET closed_at = $3 WHERE kind = $1 AND subject = $2 AND closed_at IS NULL', [
      kind,
      subject,
      this.clock.now(),
    ]);
  }

  /** Which of some subjects were ever given to a person by one of these kinds, be the case open or closed. */
  async subjectsOf(kinds: readonly string[], subjects: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ subject: string }>(
      'SELECT DISTINCT subject FROM operator_cases WHERE subject = ANY($2) AND kind = ANY($1)',
      [kinds, subjects],
    );
    return new Set(rows.map(({ subject }) => subject));
  }

  /**
   * The longest open first, as many as a person reads at once.
   * @param subject only what is about it; everything when it is left out
   */
  async open(subject?: string): Promise<OpenCase[]> {
    return this.database.query(
      `SELECT id, kind, subject, reason, next_step AS "nextStep", facts, opened_at AS "openedAt"
       FROM operator_cases WHERE closed_at IS NULL AND ($1::text IS NULL OR subject = $1 OR facts->>'orderNumber' = $1)
       ORDER BY opened_at, id LIMIT $2`,
      [subject ?? null, SHOWN],
    );
  }

  /** How many are open, of each kind. */
  async countOpen(): Promise<Counted[]> {
    return this.database.query(
      `SELECT kind AS name, count(*)::int AS count FROM operator_cases WHERE closed_at IS NULL GROUP BY kind ORDER BY kind`,
    );
  }

  /**
   * A person has dealt with it.
   * @param settlementOf says of what is being closed how it was settled, where that has to be said
   * @returns what was closed; `undefined` when it is not open
   */
  async closeById(
    tx: Tx,
    id: number,
    settlementOf: (open: ClosedCase) => Settlement | undefined,
  ): Promise<ClosedCase | undefined> {
    const [open] = await tx.query<ClosedCase>(
      'SELECT kind, subject FROM operator_cases WHERE id = $1 AND closed_at IS NULL FOR UPDATE',
      [id],
    );
    if (!open) return undefined;
    const closed = [id, this.clock.now(), settlementOf(open) ?? null];
    await tx.query('UPDATE operator_cases SET closed_at = $2, settlement = $3 WHERE id = $1', closed);
    return open;
  }
}
