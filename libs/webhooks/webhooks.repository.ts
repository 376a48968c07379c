import { Injectable } from '@nestjs/common';
import { Clock, Database, type Asked, type Tx } from '#platform';
import type { Stripe } from '#stripe';

/** What became of an event: it had its effect, it waits for Stripe to deliver it again, or nobody here knows its object. */
type EventStatus = 'processed' | 'failed' | 'unmatched';

export interface FailedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly objectId: string;
  readonly error: string | null;
  readonly tries: number;
  readonly receivedAt: Date;
}

/** Each costs a few calls to Stripe; the next run goes on. */
const RETRIED_AT_ONCE = 20;

/** One row per event: the database is where a repeated delivery is recognised. */
@Injectable()
export class WebhooksRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async isDone(eventId: string): Promise<boolean> {
    const rows = await this.database.query(`SELECT 1 FROM stripe_events WHERE event_id = $1 AND status <> 'failed'`, [
      eventId,
    ]);
    return rows.length > 0;
  }

  /**
   * Stores the event with what became of it.
   * @returns false when it already had its effect: a second delivery at the same moment
   */
  async store(
    tx: Tx,
    event: Stripe.Event,
    objectId: string,
    status: EventStatus,
    error: string | null = null,
  ): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO stripe_events AS e (event_id, type, object_id, api_version, event_created_at, status, error, received_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (event_id) DO UPDATE SET status = excluded.status, error = excluded.error, deliveries = e.deliveries + 1
         WHERE e.status = 'failed' RETURNING 1`,
      [
        event.id,
        event.type,
        objectId,
        event.api_version,
        new Date(event.created * 1000),
        status,
        error,
        this.clock.now(),
      ],
    );
    return rows.length > 0;
  }

  /** Up to when events were read, in Stripe's seconds; `undefined` before the first run. */
  async readUntil(): Promise<number | undefined> {
    const [row] = await this.database.query<{ seconds: number }>(
      'SELECT floor(extract(epoch FROM read_until))::float AS seconds FROM stripe_event_feed',
    );
    return row?.seconds;
  }

  /** Another process may have read further. */
  async advance(seconds: number): Promise<void> {
    await this.database.query(
      `INSERT INTO stripe_event_feed AS f (read_until) VALUES (to_timestamp($1))
       ON CONFLICT (is_only) DO UPDATE SET read_until = greatest(f.read_until, excluded.read_until)`,
      [seconds],
    );
  }

  /** Which of some events were never seen here: they have no row. */
  async unknown(eventIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ eventId: string }>(
      `SELECT id AS "eventId" FROM unnest($1::text[]) AS id
       WHERE NOT EXISTS (SELECT FROM stripe_events e WHERE e.event_id = id)`,
      [eventIds],
    );
    return new Set(rows.map(({ eventId }) => eventId));
  }

  /**
   * Events that failed and are to be tried again, those that were tried least first. By schedule each waits twice as long
   * as it did before, from a minute to weeks: longer than Stripe keeps it.
   */
  async failed(asked: Asked): Promise<{ eventId: string; tries: number }[]> {
    return this.database.query(
      `SELECT event_id AS "eventId", deliveries AS tries FROM stripe_events
       WHERE status = 'failed' AND ($2 OR received_at <= $1::timestamptz - interval '30 seconds' * power(2, least(deliveries, 17)))
       ORDER BY deliveries, received_at LIMIT $3`,
      [this.clock.now(), asked === 'by-hand', asked === 'by-hand' ? null : RETRIED_AT_ONCE],
    );
  }

  async countTry(eventId: string): Promise<void> {
    await this.database.query('UPDATE stripe_events SET deliveries = deliveries + 1 WHERE event_id = $1', [eventId]);
  }

  /** Stripe no longer has the event: what it was about is found by looking at the payment itself. */
  async giveUp(eventId: string): Promise<void> {
    await this.database.query(
      `UPDATE stripe_events SET status = 'unmatched' WHERE event_id = $1 AND status = 'failed'`,
      [eventId],
    );
  }

  async countFailures(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM stripe_events WHERE status = 'failed'`,
    );
    return row?.count ?? 0;
  }

  /** Events that have not had their effect yet, the oldest first; for people. */
  async failures(limit: number): Promise<FailedEvent[]> {
    return this.database.query(
      `SELECT event_id AS "eventId", type, object_id AS "objectId", error, deliveries AS tries, received_at AS "receivedAt"
       FROM stripe_events WHERE status = 'failed' ORDER BY received_at LIMIT $1`,
      [limit],
    );
  }
}
