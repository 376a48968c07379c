import { Injectable } from '@nestjs/common';
import { Database } from '#platform';
import type { Attempt } from './notification.entity.js';
import type { DisabledReason } from './notification-endpoint.entity.js';
import type { NotificationStatus } from './notification.state-machine.js';

/** An endpoint that does not answer with success at present, or is disabled. */
export interface Troubled {
  readonly endpointId: string;
  readonly partnerId: string;
  /** Scheme, host and port: partners put keys into the rest. */
  readonly origin: string;
  readonly failingSince: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledReason: DisabledReason | null;
  /** Messages that wait for it. */
  readonly waiting: number;
  /** What it answered last, or why it did not answer; `undefined` when nothing waits that was tried. */
  readonly lastAttempt: Attempt | undefined;
}

/** What a partner was, or is to be, told of an order. */
export interface ToldOfOrder {
  readonly notificationId: string;
  readonly endpointId: string;
  readonly type: string;
  readonly status: NotificationStatus;
  /** It waits until its endpoint is enabled. */
  readonly isHeld: boolean;
  readonly attempts: number;
  readonly lastAttempt: Attempt | undefined;
  /** The next try, while it is Pending. */
  readonly dueAt: Date;
  readonly createdAt: Date;
}

/** For operators, who see what every partner is told: no bodies, no whole addresses, no secrets. */
@Injectable()
export class NotificationsOverviewRepository {
  constructor(private readonly database: Database) {}

  /** The longest in trouble first. */
  async troubled(limit: number): Promise<Troubled[]> {
    const rows = await this.database.query<Omit<Troubled, 'origin'> & { url: string; lastAttempt: Attempt | null }>(
      `SELECT e.endpoint_id AS "endpointId", e.partner_id AS "partnerId", e.url, e.failing_since AS "failingSince",
         e.disabled_at AS "disabledAt", e.disabled_reason AS "disabledReason",
         (SELECT count(*)::int FROM notifications n WHERE n.endpoint_id = e.endpoint_id AND n.status = 'Pending') AS waiting,
         (SELECT n.attempts->-1 FROM notifications n WHERE n.endpoint_id = e.endpoint_id AND n.status <> 'Delivered'
            AND n.attempts <> '[]' ORDER BY n.attempts->-1->>'at' DESC LIMIT 1) AS "lastAttempt"
       FROM notification_endpoints e WHERE e.failing_since IS NOT NULL OR e.disabled_at IS NOT NULL
       ORDER BY least(e.failing_since, e.disabled_at), e.endpoint_id LIMIT $1`,
      [limit],
    );
    return rows.map(({ url, lastAttempt, ...row }) => ({
      ...row,
      ...{ origin: new URL(url).origin, lastAttempt: lastAttempt ?? undefined },
    }));
  }

  /** How many endpoints fail and are tried on, and how many are disabled. */
  async countTroubled(): Promise<{ failing: number; disabled: number }> {
    const [row] = await this.database.query<{ failing: number; disabled: number }>(
      `SELECT count(*) FILTER (WHERE disabled_at IS NULL)::int AS failing, count(disabled_at)::int AS disabled
       FROM notification_endpoints WHERE failing_since IS NOT NULL OR disabled_at IS NOT NULL`,
    );
    return row ?? { failing: 0, disabled: 0 };
  }

  /** The newest of an order, the oldest of them first. */
  async ofOrder(orderNumber: string, limit: number): Promise<ToldOfOrder[]> {
    const newestFirst = await this.database.query<Omit<ToldOfOrder, 'lastAttempt'> & { lastAttempt: Attempt | null }>(
      `SELECT n.notification_id AS "notificationId", n.endpoint_id AS "endpointId", n.type, n.status,
         e.disabled_at IS NOT NULL AND n.status = 'Pending' AS "isHeld", jsonb_array_length(n.attempts) AS attempts,
         n.attempts->-1 AS "lastAttempt", n.due_at AS "dueAt", n.created_at AS "createdAt"
       FROM notifications n JOIN notification_endpoints e ON e.endpoint_id = n.endpoint_id
       WHERE n.order_number = $1 ORDER BY n.sequence DESC LIMIT $2`,
      [orderNumber, limit],
    );
    return newestFirst.reverse().map((row) => ({ ...row, lastAttempt: row.lastAttempt ?? undefined }));
  }
}
