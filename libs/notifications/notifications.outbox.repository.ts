import { Injectable } from '@nestjs/common';
import { Database, newId, type Tx } from '#platform';
import type { Attempt } from './notification.entity.js';
import type { Consequence } from './notifications.retries.js';

/**
 * How long a try may take before it belongs to a dead process, in seconds of real time: the call's time-out, two short
 * transactions, and air.
 */
const LEASE_SECONDS = 30;
/** What is kept of a notification's tries: the three days make 16. */
const KEPT_ATTEMPTS = 50;
/** How many tries one endpoint is given at once, by all processes together, while it answers, and while it does not. */
const AT_ONCE = 4;
const AT_ONCE_FAILING = 1;

interface Message {
  readonly type: string;
  readonly orderNumber: string | null;
  readonly body: string;
  readonly at: Date;
}

/** A notification that this process may send, until its lease ends. */
export interface Claimed {
  readonly notificationId: string;
  readonly sequence: number;
  readonly endpointId: string;
  readonly orderNumber: string | null;
  readonly type: string;
  readonly body: string;
  readonly tries: number;
  readonly inOrder: boolean;
  readonly firstTriedAt: Date;
}

/** The outbox: rows written with what they tell of, claimed by senders, and forgotten. */
@Injectable()
export class NotificationsOutboxRepository {
  constructor(private readonly database: Database) {}

  /** @returns the ids of what is to be sent, one per endpoint */
  async insert(
    tx: Tx,
    endpoints: readonly { endpointId: string; partnerId: string }[],
    message: Message,
  ): Promise<string[]> {
    const ids = endpoints.map(() => newId('ntf'));
    // What waits for an earlier one of its order is not looked at before that one is due.
    await tx.query(
      `INSERT INTO notifications
         (notification_id, endpoint_id, partner_id, order_number, type, body, status, in_order, tries, due_at, attempts, created_at)
       SELECT t.notification_id, t.endpoint_id, t.partner_id, $4, $5, $6, 'Pending', $4::text IS NOT NULL, 0,
         greatest($7::timestamptz, (SELECT max(e.due_at) FROM notifications e
           WHERE e.endpoint_id = t.endpoint_id AND e.order_number = $4 AND e.status = 'Pending' AND e.in_order)), '[]', $7
       FROM unnest($1::text[], $2::text[], $3::text[]) AS t (notification_id, endpoint_id, partner_id)`,
      [
        ids,
        endpoints.map(({ endpointId }) => endpointId),
        endpoints.map(({ partnerId }) => partnerId),
        ...[message.orderNumber, message.type, message.body, message.at],
      ],
    );
    return ids;
  }

  /** Endpoints with something due that nobody is sending; those that answer come first, the others in any order. */
  async endpointsWithWork(now: Date): Promise<{ endpointId: string; isFailing: boolean }[]> {
    return this.database.query(
      `SELECT endpoint_id AS "endpointId", failing_since IS NOT NULL AS "isFailing" FROM notification_endpoints e
       WHERE disabled_at IS NULL AND EXISTS (SELECT FROM notifications n WHERE n.endpoint_id = e.endpoint_id
         AND n.status = 'Pending' AND n.due_at <= $1 AND (n.lease_until IS NULL OR n.lease_until < now()))
       ORDER BY failing_since IS NOT NULL, random()`,
      [now],
    );
  }

  /**
   * Takes the next notification that may be sent to an endpoint, whose row the caller has locked: no other process chooses
   * at the same time. It waits while an earlier one of its order is open, as long as that one holds the order up.
   */
  async claim(
    tx: Tx,
    endpointId: string,
    times: { dueBy: Date; now: Date },
    isFailing: boolean,
  ): Promise<Claimed | undefined> {
    const [claimed] = await tx.query<Claimed>(
      `UPDATE notifications SET lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds',
         first_tried_at = coalesce(first_tried_at, $3)
       WHERE notification_id = (
         SELECT n.notification_id FROM notifications n
         WHERE n.endpoint_id = $1 AND n.status = 'Pending' AND n.due_at <= $2
           AND (n.lease_until IS NULL OR n.lease_until < clock_timestamp())
           AND (SELECT count(*) FROM notifications f WHERE f.endpoint_id = $1 AND f.status = 'Pending'
             AND f.lease_until IS NOT NULL AND f.lease_until >= clock_timestamp()) < $4
           AND NOT (n.in_order AND EXISTS (SELECT FROM notifications e WHERE e.endpoint_id = $1
             AND e.order_number = n.order_number AND e.sequence < n.sequence AND e.status = 'Pending' AND e.in_order))
         ORDER BY n.due_at, n.sequence LIMIT 1)
       RETURNING notification_id AS "notificationId", sequence, endpoint_id AS "endpointId", order_number AS "orderNumber",
         type, body, tries, in_order AS "inOrder", first_tried_at AS "firstTriedAt"`,
      [endpointId, times.dueBy, times.now, isFailing ? AT_ONCE_FAILING : AT_ONCE],
    );
    return claimed;
  }

  async recordDelivered(tx: Tx, claimed: Claimed, attempt: Attempt): Promise<void> {
    await tx.query(
      `UPDATE notifications SET ${ADD_ATTEMPT}, lease_until = NULL,
         previous_status = CASE WHEN status = 'Pending' THEN status ELSE previous_status END,
         status = CASE WHEN status = 'Pending' THEN 'Delivered' ELSE status END
       WHERE notification_id = $1`,
      [claimed.notificationId, JSON.stringify([attempt])],
    );
    await this.letFollow(tx, claimed, new Date(attempt.at));
  }

  /** What was delivered meanwhile stays so, and what was asked for anew is due as it was asked: then this try is history. */
  async recordFailed(tx: Tx, claimed: Claimed, attempt: Attempt, next: Consequence): Promise<void> {
    await tx.query(`UPDATE notifications SET ${ADD_ATTEMPT}, lease_until = NULL WHERE notification_id = $1`, [
      claimed.notificationId,
      JSON.stringify([attempt]),
    ]);
    const changed = await tx.query(
      `UPDATE notifications SET status = $3, previous_status = CASE WHEN $3 = 'Pending' THEN previous_status ELSE status END,
         tries = $4, in_order = $5, due_at = $6
       WHERE notification_id = $1 AND status = 'Pending' AND first_tried_at = $2 RETURNING notification_id`,
      [claimed.notificationId, claimed.firstTriedAt, next.status, next.tries, next.inOrder, next.dueAt],
    );
    if (changed.length > 0) await this.letFollow(tx, claimed, next.followersDueAt);
  }

  /**
   * Removes what is older, at most `limit` rows: everything that is over, and what waits for an endpoint that is disabled.
   * @returns how many were removed
   */
  async forget(olderThan: Date, limit: number): Promise<number> {
    const removed = await this.database.query(
      `DELETE FROM notifications WHERE notification_id IN (
         SELECT n.notification_id FROM notifications n JOIN notification_endpoints e ON e.endpoint_id = n.endpoint_id
         WHERE n.created_at < $1 AND (n.status <> 'Pending' OR e.disabled_at IS NOT NULL) ORDER BY n.created_at LIMIT $2)
       RETURNING notification_id`,
      [olderThan, limit],
    );
    return removed.length;
  }

  /** The later ones of the same order that were not tried yet wait as long as this one. */
  private async letFollow(tx: Tx, claimed: Claimed, dueAt: Date): Promise<void> {
    if (!claimed.inOrder) return;
    await tx.query(
      `UPDATE notifications SET due_at = $4 WHERE endpoint_id = $1 AND order_number = $2 AND sequence > $3
         AND status = 'Pending' AND in_order AND tries = 0`,
      [claimed.endpointId, claimed.orderNumber, claimed.sequence, dueAt],
    );
  }
}

/** The newest tries; a partner may ask for a redelivery as often as it likes. */
const ADD_ATTEMPT = `attempts = jsonb_path_query_array(attempts || $2::jsonb, '$[last - ${KEPT_ATTEMPTS - 1} to last]')`;
