import { Injectable } from '@nestjs/common';
import { Clock, Database, type Tx } from '#platform';
import type { Stripe } from '#stripe';

/** What became of an event: it had its effect, it waits for Stripe to deliver it again, or nobody here knows its object. */
type EventStatus = 'processed' | 'failed' | 'unmatched';

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
}
