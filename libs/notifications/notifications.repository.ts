import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Tx } from '#platform';
import type { Owner } from '#partners';
import type { NotificationListQuery } from './dto/notification.dto.js';
import { NotificationEndpointEntity } from './notification-endpoint.entity.js';
import { NotificationEntity, type NotificationShown } from './notification.entity.js';

/** Reading and asking anew; the sending is in `notifications.outbox.repository.ts`. */
@Injectable()
export class NotificationsRepository {
  constructor(
    @InjectRepository(NotificationEntity) private readonly rows: Repository<NotificationEntity>,
    @InjectRepository(NotificationEndpointEntity) private readonly endpoints: Repository<NotificationEndpointEntity>,
  ) {}

  async find(owner: Owner, notificationId: string): Promise<NotificationEntity | undefined> {
    const { partnerId } = owner;
    return (await this.rows.findOneBy({ notificationId, partnerId })) ?? undefined;
  }

  /** Newest first, one further than the page. @param before the `sequence` that the page before ended with */
  async list(partnerId: string, filter: NotificationListQuery, before?: number): Promise<NotificationShown[]> {
    const query = this.rows
      .createQueryBuilder('n')
      .where('n.partner_id = :partnerId', { partnerId })
      .orderBy('n.sequence', 'DESC')
      .limit(filter.limit + 1);
    const { orderNumber, endpointId } = filter;
    if (orderNumber !== undefined) query.andWhere('n.order_number = :orderNumber', { orderNumber });
    if (endpointId !== undefined) query.andWhere('n.endpoint_id = :endpointId', { endpointId });
    if (before !== undefined) query.andWhere('n.sequence < :before', { before });
    const rows = await query.getMany();
    const disabled = await this.disabled(partnerId);
    return rows.map((row) => ({ ...row, isHeld: disabled.has(row.endpointId) }));
  }

  /** One notification as it is now. @throws Error when it was deleted meanwhile */
  async get(tx: Tx, notificationId: string): Promise<NotificationShown> {
    const row = await tx.manager.findOneByOrFail(NotificationEntity, { notificationId });
    return { ...row, isHeld: false };
  }

  /**
   * To be sent at once, with three days of retries of its own; others of its order do not wait for it.
   * @returns whether it is still there
   */
  async askAnew(tx: Tx, notificationId: string, at: Date): Promise<boolean> {
    const asked = await tx.query(
      `UPDATE notifications SET previous_status = CASE WHEN status = 'Pending' THEN previous_status ELSE status END,
         status = 'Pending', due_at = $2, tries = 0, first_tried_at = NULL, in_order = false
       WHERE notification_id = $1 RETURNING notification_id`,
      [notificationId, at],
    );
    return asked.length > 0;
  }

  /** What waited while its endpoint was disabled is due, in the order in which it happened, with all its retries. */
  async askAnewAll(tx: Tx, endpointId: string, at: Date): Promise<void> {
    await tx.query(
      `UPDATE notifications SET due_at = $2, tries = 0, first_tried_at = NULL, in_order = order_number IS NOT NULL
       WHERE endpoint_id = $1 AND status = 'Pending'`,
      [endpointId, at],
    );
  }

  private async disabled(partnerId: string): Promise<ReadonlySet<string>> {
    const endpoints = await this.endpoints.find({
      select: { endpointId: true, disabledAt: true },
      where: { partnerId },
    });
    return new Set(endpoints.filter(({ disabledAt }) => disabledAt !== null).map(({ endpointId }) => endpointId));
  }
}
