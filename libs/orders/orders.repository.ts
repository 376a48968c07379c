import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { Clock, Database, Events, mayMove, within, type Tx } from '#platform';
import { isStorable, positionAt, Problem } from '#http';
import type { Owner } from '#partners';
import type { OrderListQuery } from './dto/order.request.dto.js';
import { OrderEntity, OrderItemEntity, type PaymentSummary } from './order.entity.js';
import type { Deliverable } from './order.entity.js';
import { ORDER_ITEM_MOVES, ORDER_MOVES, type OrderItemStatus, type OrderStatus } from './order.state-machine.js';
import { ORDER_NOT_FOUND } from './orders.errors.js';
import { OrderItemMoved, OrderMoved } from './orders.events.js';

/** Who caused a change: `partner`, `account`, `stripe`, `holdfast` or `operator`. */
export type Actor = 'partner' | 'account' | 'stripe' | 'holdfast' | 'operator';

/** One line of an order's history. */
export interface TimelineEntry {
  readonly type: string;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly actor: Actor;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What changes about an order besides its content; written with its history in one statement. */
export interface OrderChange {
  readonly orderNumber: string;
  readonly actor: Actor;
  readonly move?: {
    readonly from: OrderStatus;
    readonly to: OrderStatus;
    readonly detail?: Readonly<Record<string, unknown>>;
  };
  /** The order must still be as it was read. */
  readonly expectVersion?: number;
  /** `undefined` leaves the summary as it is, `null` removes it. */
  readonly payment?: PaymentSummary | null;
  readonly entries?: readonly TimelineEntry[];
}

@Injectable()
export class OrdersRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(OrderEntity) private readonly rows: Repository<OrderEntity>,
    @InjectRepository(OrderItemEntity) private readonly items: Repository<OrderItemEntity>,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** An order with its items, or `undefined` when it is not the owner's. */
  async find(owner: Owner, orderNumber: string): Promise<OrderEntity | undefined> {
    const query = withItems(this.rows).where('o.order_number = :orderNumber', { orderNumber });
    return (await ownedBy(query, owner).getOne()) ?? undefined;
  }

  /** Newest first, one further than the page. The items are read apart: joined, a page would count them and not the orders. */
  async list(owner: Owner, filter: OrderListQuery): Promise<OrderEntity[]> {
    const { accountId, orderStatus: status, externalReference } = filter;
    const query = ownedBy(this.rows.createQueryBuilder('o'), owner);
    query.orderBy({ 'o.createdAt': 'DESC', 'o.orderNumber': 'DESC' }).limit(filter.limit + 1);
    if (accountId !== undefined) query.andWhere('o.account_id = :filterAccount', { filterAccount: accountId });
    if (status !== undefined) query.andWhere('o.status = :status', { status });
    if (externalReference !== undefined)
      query.andWhere('o.external_reference = :externalReference', { externalReference });
    const after = positionAt(filter.cursor);
    if (after) query.andWhere('(o.created_at, o.order_number) < (:createdAt, :id)', after);
    const orders = await query.getMany();
    const items = await this.items
      .createQueryBuilder('i')
      .where('i.order_number = ANY(:numbers)', { numbers: orders.map(({ orderNumber }) => orderNumber) })
      .orderBy('i.position', 'ASC')
      .getMany();
    const byOrder = Map.groupBy(items, ({ orderNumber }) => orderNumber);
    return orders.map((order) => ({ ...order, items: byOrder.get(order.orderNumber) ?? [] }));
  }

  /**
   * For whoever acts for nobody, or was found to be the owner before.
   * @throws Problem 404 when the order was deleted meanwhile
   */
  async get(orderNumber: string, tx?: Tx): Promise<OrderEntity> {
    // An operator may send anything; PostgreSQL refuses to look for text that it cannot store.
    if (!isStorable(orderNumber)) throw new Problem(ORDER_NOT_FOUND);
    const order = await withItems(within(this.rows, tx))
      .where('o.order_number = :orderNumber', { orderNumber })
      .getOne();
    if (!order) throw new Problem(ORDER_NOT_FOUND);
    return order;
  }

  /**
   * Locks the order's row until the transaction ends: the first lock of every transaction that needs several. The items are
   * read by a second statement: one that waited for a lock sees the row anew, and everything joined to it as it was before.
   * @throws Problem 404 when the order was deleted meanwhile
   */
  async lock(tx: Tx, orderNumber: string): Promise<OrderEntity> {
    await tx.query('SELECT FROM orders WHERE order_number = $1 FOR UPDATE', [orderNumber]);
    return this.get(orderNumber, tx);
  }

  /**
   * Applies a change and writes its history, in one statement.
   * @param beforeNews what else is written, and told, before the order's own move is told: the history has it in this order
   * @returns false, with nothing written, when the order is no longer in the status or the version that is expected
   * @throws Error when the move does not exist
   */
  async apply(tx: Tx, change: OrderChange, beforeNews?: () => Promise<void>): Promise<boolean> {
    const { move, payment, orderNumber } = change;
    if (move && !mayMove(ORDER_MOVES, move.from, move.to))
      throw new Error(`an order cannot move ${move.from} > ${move.to}`);
    const now = this.clock.now();
    const entries = [...(change.entries ?? []), ...(move ? [moveEntry(change.actor, move)] : [])];
    const updated = await tx.query(
      `WITH changed AS (
         UPDATE orders SET
           status = coalesce($3, status),
           previous_status = CASE WHEN $3::text IS NULL THEN previous_status ELSE status END,
           payment = CASE WHEN $4 THEN $5::jsonb ELSE payment END,
           payment_begun = payment_begun OR ($4 AND $5 IS NOT NULL),
           version = version + 1,
           updated_at = $6
         WHERE order_number = $1 AND ($2::text IS NULL OR status = $2) AND ($8::int IS NULL OR version = $8)
         RETURNING order_number),
       noted AS (${timelineInsert('$6', '$7')})
       SELECT order_number FROM changed`,
      [
        ...[orderNumber, move?.from ?? null, move?.to ?? null],
        ...[payment !== undefined, payment ? JSON.stringify(payment) : null, now, JSON.stringify(entries)],
        change.expectVersion ?? null,
      ],
    );
    if (updated.length === 0) return false;
    await beforeNews?.();
    if (move) await this.events.emit(tx, new OrderMoved(orderNumber, move.from, move.to));
    return true;
  }

  /** Adds a line to the history without changing the order. */
  async note(tx: Tx, orderNumber: string, entry: TimelineEntry): Promise<void> {
    await tx.query(`WITH changed AS (SELECT $1::text AS order_number) ${timelineInsert('$3', '$2')}`, [
      orderNumber,
      JSON.stringify([entry]),
      this.clock.now(),
    ]);
  }

  /** As {@link note}, unless the history already has this line, whoever caused it. */
  async noteOnce(tx: Tx, orderNumber: string, entry: TimelineEntry): Promise<void> {
    const known = await tx.query(
      'SELECT FROM order_timeline WHERE order_number = $1 AND type = $2 AND detail = $3::jsonb LIMIT 1',
      [orderNumber, entry.type, JSON.stringify(entry.detail ?? {})],
    );
    if (known.length === 0) await this.note(tx, orderNumber, entry);
  }

  /**
   * Moves items that are in `from`, with their history, in one statement.
   * @returns the numbers of those that moved
   */
  async moveItems(
    tx: Tx,
    orderNumber: string,
    items: readonly string[],
    move: {
      from: OrderItemStatus;
      to: OrderItemStatus;
      actor: Actor;
      statusText?: string | undefined;
      deliverables?: readonly Deliverable[] | undefined;
    },
  ): Promise<string[]> {
    if (!mayMove(ORDER_ITEM_MOVES, move.from, move.to))
      throw new Error(`an item cannot move ${move.from} > ${move.to}`);
    const moved = await tx.query<{ orderItemNumber: string }>(
      `WITH moved AS (
         UPDATE order_items SET status = $4, previous_status = $3, status_text = coalesce($5, status_text),
           deliverables = coalesce($6::jsonb, deliverables)
         WHERE order_number = $1 AND order_item_number = ANY($2) AND status = $3 RETURNING order_item_number, position),
       noted AS (
         INSERT INTO order_timeline (order_number, at, type, from_status, to_status, actor, detail)
         SELECT $1, $7, $8, $3, $4, $9, jsonb_strip_nulls(jsonb_build_object('orderItemNumber', order_item_number, 'statusText', $5::text))
         FROM moved ORDER BY position),
       touched AS (UPDATE orders SET updated_at = $7, version = version + 1 WHERE order_number = $1 AND EXISTS (SELECT FROM moved))
       SELECT order_item_number AS "orderItemNumber" FROM moved ORDER BY position`,
      [
        ...[orderNumber, items, move.from, move.to, move.statusText ?? null],
        ...[
          move.deliverables ? JSON.stringify(move.deliverables) : null,
          this.clock.now(),
          `item.${snakeCase(move.to)}`,
          move.actor,
        ],
      ],
    );
    for (const { orderItemNumber } of moved) {
      await this.events.emit(tx, new OrderItemMoved(orderNumber, orderItemNumber, move.to));
    }
    return moved.map(({ orderItemNumber }) => orderItemNumber);
  }

  /** The end of an order whose money is settled: what it is called follows from what its items came to. */
  async finishSettlement(tx: Tx, orderNumber: string): Promise<void> {
    const order = await this.lock(tx, orderNumber);
    if (order.status !== 'Delivered') return;
    const delivered = order.items.filter(({ status }) => status === 'Delivered').length;
    const to =
      delivered === 0 ? 'FulfillmentError' : delivered === order.items.length ? 'Fulfilled' : 'PartiallyFulfilled';
    await this.apply(tx, { orderNumber, actor: 'holdfast', move: { from: 'Delivered', to } });
  }

  /** The fulfiller is being asked for an item; a call that takes longer than a minute belongs to a dead worker. */
  async countFulfillmentAttempt(tx: Tx, orderItemNumber: string): Promise<number> {
    const [row] = await tx.query<{ attempts: number }>(
      `UPDATE order_items SET fulfillment_attempts = fulfillment_attempts + 1, asked_until = now() + interval '60 seconds'
       WHERE order_item_number = $1 RETURNING fulfillment_attempts AS attempts`,
      [orderItemNumber],
    );
    return row?.attempts ?? 0;
  }

  /** Whether a fulfiller may be delivering an item at this moment; by the database's clock, which all workers share. */
  async isBeingAsked(tx: Tx, orderNumber: string): Promise<boolean> {
    const asked = await tx.query(
      `SELECT 1 FROM order_items WHERE order_number = $1 AND status = 'InTransit' AND NOT awaiting_report AND asked_until > now()`,
      [orderNumber],
    );
    return asked.length > 0;
  }

  /** Nobody was asked after all. */
  async takeBackFulfillmentAttempt(tx: Tx, orderItemNumber: string): Promise<void> {
    await tx.query(
      `UPDATE order_items SET fulfillment_attempts = fulfillment_attempts - 1, asked_until = NULL
       WHERE order_item_number = $1`,
      [orderItemNumber],
    );
  }

  /** Its fulfiller took the item, and somebody will report: nobody need be asked for it again. */
  async awaitReport(tx: Tx, orderItemNumber: string): Promise<void> {
    await tx.query('UPDATE order_items SET awaiting_report = true WHERE order_item_number = $1', [orderItemNumber]);
  }

  async timeline(
    orderNumber: string,
    limit: number,
    after: number,
  ): Promise<(TimelineEntry & { id: number; at: Date })[]> {
    return this.database.query(
      `SELECT id, at, type, from_status AS "from", to_status AS "to", actor, detail FROM order_timeline
       WHERE order_number = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [orderNumber, after, limit],
    );
  }

  async insert(tx: Tx, order: OrderEntity): Promise<void> {
    await tx.manager.insert(OrderEntity, order);
    if (order.items.length > 0) await tx.manager.insert(OrderItemEntity, order.items);
  }

  /** Writes what a partner may change about an order, and its items in place of the former ones. */
  async replaceContent(tx: Tx, order: OrderEntity): Promise<void> {
    const { orderNumber, items } = order;
    await tx.manager.delete(OrderItemEntity, { orderNumber });
    if (items.length > 0) await tx.manager.insert(OrderItemEntity, items);
    const { nextItem, totalAmount, externalReference, metadata, updatedAt, version, wishedStatus } = order;
    await tx.manager.update(
      OrderEntity,
      { orderNumber },
      { nextItem, totalAmount, externalReference, metadata, updatedAt, version, wishedStatus },
    );
  }

  /** With its items and its history. */
  async delete(tx: Tx, orderNumber: string): Promise<void> {
    await tx.manager.delete(OrderItemEntity, { orderNumber });
    await tx.query('DELETE FROM order_timeline WHERE order_number = $1', [orderNumber]);
    await tx.manager.delete(OrderEntity, { orderNumber });
  }

  async nextOrderNumber(tx: Tx): Promise<string> {
    const [row] = await tx.query<{ value: number }>(`SELECT nextval('order_number_seq') AS value`);
    const year = String(this.clock.now().getUTCFullYear()).slice(-2);
    return `${year}-${row?.value ?? 0}`;
  }
}

/** Adds a list of lines, in their order, to the history of the order in `changed`. */
function timelineInsert(at: string, entries: string): string {
  return `INSERT INTO order_timeline (order_number, at, type, from_status, to_status, actor, detail)
    SELECT changed.order_number, ${at}, line->>'type', line->>'from', line->>'to', line->>'actor', coalesce(line->'detail', '{}')
    FROM changed, jsonb_array_elements(${entries}::jsonb) WITH ORDINALITY AS entry (line, n) ORDER BY n`;
}

function moveEntry(actor: Actor, move: NonNullable<OrderChange['move']>): TimelineEntry {
  return { type: `order.${snakeCase(move.to)}`, from: move.from, to: move.to, actor, detail: move.detail ?? {} };
}

/** `PartiallyFulfilled` → `partially_fulfilled` */
export function snakeCase(status: string): string {
  return status.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** An order as it is within a transaction. */
export async function orderWithin(tx: Tx, orderNumber: string): Promise<OrderEntity> {
  return withItems(tx.manager.getRepository(OrderEntity))
    .where('o.order_number = :orderNumber', { orderNumber })
    .getOneOrFail();
}

function withItems(rows: Repository<OrderEntity>): SelectQueryBuilder<OrderEntity> {
  return rows.createQueryBuilder('o').leftJoinAndSelect('o.items', 'i').orderBy('i.position', 'ASC');
}

/** The owner in the WHERE: someone else's order and none at all are the same. */
function ownedBy(query: SelectQueryBuilder<OrderEntity>, owner: Owner): SelectQueryBuilder<OrderEntity> {
  query.andWhere('o.partner_id = :partnerId', { partnerId: owner.partnerId });
  if (owner.accountId !== null) query.andWhere('o.account_id = :accountId', { accountId: owner.accountId });
  return query;
}
