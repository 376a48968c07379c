import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Database } from '#platform';
import { OrderEntity } from './order.entity.js';
import type { OrderStatus } from './order.state-machine.js';
import type { TimelineEntry } from './orders.repository.js';

/** An order that nobody touched since a time; a place in the list of them. */
export interface Forgotten {
  readonly orderNumber: string;
  /** With every digit of the database's: a `Date` has three, and would be before itself. */
  readonly touched: string;
}

/** Which orders time has something to say about; for whoever looks by a schedule. */
@Injectable()
export class OrdersDueRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(OrderEntity) private readonly rows: Repository<OrderEntity>,
  ) {}

  /**
   * The orders in some statuses that nobody touched since a time, the longest forgotten first. One that was charged before
   * it was Paid is not forgotten: it is on the operator's list.
   */
  async untouchedSince(
    statuses: readonly OrderStatus[],
    time: Date,
    limit: number,
    after?: Forgotten,
  ): Promise<Forgotten[]> {
    return this.database.query(
      `SELECT order_number AS "orderNumber", updated_at::text AS touched FROM orders
       WHERE status = ANY($1) AND updated_at <= $2 AND (updated_at, order_number) > ($4::timestamptz, $5)
         AND coalesce(payment->>'status', '') NOT IN ('Captured', 'PartiallyCaptured')
       ORDER BY updated_at, order_number LIMIT $3`,
      [statuses, time, limit, after?.touched ?? '-infinity', after?.orderNumber ?? ''],
    );
  }

  /** A page of the orders in some statuses that nobody touched since a time, by their numbers, with their items. */
  async page(statuses: readonly OrderStatus[], time: Date, after: string, limit: number): Promise<OrderEntity[]> {
    const numbers = await this.numbers(
      'status = ANY($1) AND updated_at <= $2 AND order_number > $3 ORDER BY order_number LIMIT $4',
      [statuses, time, after, limit],
    );
    return this.rows
      .createQueryBuilder('o')
      .leftJoinAndSelect('o.items', 'i')
      .where('o.order_number = ANY(:numbers)', { numbers })
      .orderBy({ 'o.orderNumber': 'ASC', 'i.position': 'ASC' })
      .getMany();
  }

  /** A page of the orders that are being fulfilled on a reservation that ends before a time, or has ended, by their numbers. */
  async onReservationUntil(time: Date, after: string, limit: number): Promise<string[]> {
    return this.numbers(
      `status IN ('Paid', 'InTransit') AND order_number > $2 AND (payment->>'status' = 'Expired'
         OR payment->>'status' = 'Authorized' AND payment->>'authorizationExpiresAt' <= $1)
       ORDER BY order_number LIMIT $3`,
      // Compared as text, which an index can hold: the summary has every time in this one form.
      [time.toISOString(), after, limit],
    );
  }

  /**
   * For an operator, who sees every partner's orders: those that a text names, the newest first; the newest of all for none. Without their items.
   * @param text an order or item number, a reference, or the id of an account, a payment, or an intent at Stripe
   */
  async search(text: string, limit: number): Promise<OrderEntity[]> {
    const query = this.rows.createQueryBuilder('o');
    if (text !== '') {
      query.where(
        `:text IN (o.order_number, o.external_reference, o.account_id, o.partner_id, o.payment->>'paymentId', o.payment->>'paymentIntentId')
         OR o.order_number = (SELECT i.order_number FROM order_items i WHERE i.order_item_number = :text)`,
        { text },
      );
    }
    return query.orderBy({ 'o.createdAt': 'DESC', 'o.orderNumber': 'DESC' }).limit(limit).getMany();
  }

  /** The newest lines of an order's history, the oldest of them first. */
  async newestOfTimeline(orderNumber: string, limit: number): Promise<(TimelineEntry & { at: Date })[]> {
    const newestFirst = await this.database.query<TimelineEntry & { at: Date }>(
      `SELECT at, type, from_status AS "from", to_status AS "to", actor, detail FROM order_timeline
       WHERE order_number = $1 ORDER BY id DESC LIMIT $2`,
      [orderNumber, limit],
    );
    return newestFirst.reverse();
  }

  private async numbers(where: string, parameters: readonly unknown[]): Promise<string[]> {
    const rows = await this.database.query<{ orderNumber: string }>(
      `SELECT order_number AS "orderNumber" FROM orders WHERE ${where}`,
      parameters,
    );
    return rows.map(({ orderNumber }) => orderNumber);
  }
}
