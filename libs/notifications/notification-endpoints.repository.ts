import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Owner } from '#partners';
import type { Tx } from '#platform';
import { positionAt, type PageQuery } from '#http';
import { NotificationEndpointEntity, type FormerSecret } from './notification-endpoint.entity.js';

@Injectable()
export class NotificationEndpointsRepository {
  constructor(
    @InjectRepository(NotificationEndpointEntity) private readonly rows: Repository<NotificationEndpointEntity>,
  ) {}

  async find(owner: Owner, endpointId: string): Promise<NotificationEndpointEntity | undefined> {
    const { partnerId } = owner;
    return (await this.rows.findOneBy({ endpointId, partnerId })) ?? undefined;
  }

  /** Newest first, one further than the page. */
  async list(partnerId: string, page: PageQuery): Promise<NotificationEndpointEntity[]> {
    const query = this.rows
      .createQueryBuilder('e')
      .where('e.partner_id = :partnerId', { partnerId })
      .orderBy({ 'e.createdAt': 'DESC', 'e.endpointId': 'DESC' })
      .limit(page.limit + 1);
    const after = positionAt(page.cursor);
    if (after) query.andWhere('(e.created_at, e.endpoint_id) < (:createdAt, :id)', after);
    return query.getMany();
  }

  /** Counts a partner's endpoints; whoever adds one counts after the other until the transaction ends. */
  async countAlone(tx: Tx, partnerId: string): Promise<number> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`notification-endpoints:${partnerId}`]);
    return tx.manager.countBy(NotificationEndpointEntity, { partnerId });
  }

  async insert(tx: Tx, endpoint: NotificationEndpointEntity): Promise<void> {
    await tx.manager.insert(NotificationEndpointEntity, endpoint);
  }

  /** @returns `undefined` when it was deleted meanwhile */
  async lock(tx: Tx, endpointId: string): Promise<NotificationEndpointEntity | undefined> {
    // Weaker than FOR UPDATE: an order's transaction, which refers to the endpoint, does not wait for it.
    await tx.query('SELECT FROM notification_endpoints WHERE endpoint_id = $1 FOR NO KEY UPDATE', [endpointId]);
    return (await tx.manager.findOneBy(NotificationEndpointEntity, { endpointId })) ?? undefined;
  }

  async replaceSecret(
    tx: Tx,
    endpointId: string,
    secret: string,
    formerSecrets: readonly FormerSecret[],
  ): Promise<void> {
    const changed = { secret, formerSecrets: [...formerSecrets] };
    await tx.manager.update(NotificationEndpointEntity, { endpointId }, changed);
  }

  async change(
    tx: Tx,
    endpointId: string,
    fields: Pick<Partial<NotificationEndpointEntity>, 'failingSince' | 'disabledAt' | 'disabledReason'>,
  ): Promise<void> {
    await tx.manager.update(NotificationEndpointEntity, { endpointId }, fields);
  }

  /** With everything that was, or was to be, sent there. */
  async delete(tx: Tx, endpointId: string): Promise<void> {
    await tx.manager.delete(NotificationEndpointEntity, { endpointId });
  }

  /**
   * Which endpoints want to hear of an order: one statement, which is all that an order costs whose partner has none. The
   * lock keeps them until what is to be sent there is written.
   */
  async wanting(tx: Tx, orderNumber: string, type: string): Promise<{ endpointId: string; partnerId: string }[]> {
    return tx.query(
      `SELECT e.endpoint_id AS "endpointId", e.partner_id AS "partnerId"
       FROM orders o JOIN notification_endpoints e ON e.partner_id = o.partner_id
       WHERE o.order_number = $1 AND (e.events IS NULL OR $2 = ANY (e.events)) ORDER BY e.endpoint_id FOR KEY SHARE OF e`,
      [orderNumber, type],
    );
  }
}
