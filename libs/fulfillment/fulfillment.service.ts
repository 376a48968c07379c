import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Database, Jobs, sum, type Tx } from '#platform';
import { Problem } from '#http';
import { OrdersRepository, refusal, type Actor, type OrderEntity, type OrderItemEntity } from '#orders';
import { PaymentsSettle } from '#payments';
import type { ReportDto } from './dto/report.dto.js';
import { TryAgain, type Fulfilment, type Outcome, type Wish } from './fulfillment.fulfiller.js';
import { Fulfillers } from './fulfillment.fulfillers.js';
import { ITEM_NOT_FOUND, ITEM_NOT_REPORTABLE, REPORT_CONTRADICTS } from './fulfillment.errors.js';
import { FulfillmentLate } from './fulfillment.late.js';
import { FulfillmentMargin, NOT_DELIVERED_IN_TIME } from './fulfillment.margin.js';
import { outcomeOf, statusOf } from './fulfillment.outcome.js';
import { DELIVER_ITEM, jobOf, SETTLE_ORDER } from './fulfillment.queues.js';

/** The run of an order's items: start, one by one, settle. */
@Injectable()
export class FulfillmentService {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly settlement: PaymentsSettle,
    private readonly jobs: Jobs,
    private readonly margin: FulfillmentMargin,
    private readonly late: FulfillmentLate,
    private readonly fulfillers: Fulfillers,
  ) {}

  /** Moves a Paid order and its items to InTransit, with a job for each item; again is no second effect. */
  async start(orderNumber: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status !== 'Paid') return;
      await this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from: 'Paid', to: 'InTransit' } });
      const numbers = order.items.map(({ orderItemNumber }) => orderItemNumber);
      await this.orders.moveItems(tx, orderNumber, numbers, { from: 'New', to: 'InTransit', actor: 'holdfast' });
      for (const item of order.items) await this.jobs.send(tx, DELIVER_ITEM, jobOf(order, item));
    });
  }

  /** @throws Error when the fulfiller failed in a way that may pass; the job comes again */
  async deliver(orderNumber: string, orderItemNumber: string): Promise<void> {
    const claim = await this.claim(orderNumber, orderItemNumber);
    if (!claim) return;
    const fulfilment = claim.isUnfunded ? UNFUNDED : await this.call(claim);
    await this.record(claim, fulfilment);
  }

  /**
   * A partner's report about an item that it delivers itself.
   * @throws Problem 404 for an item of another order, 409 when the item cannot be reported or was reported otherwise
   */
  async report(order: OrderEntity, orderItemNumber: string, validated: () => ReportDto): Promise<OrderEntity> {
    const refused = await this.database.transaction(async (tx) => {
      const locked = await this.orders.lock(tx, order.orderNumber);
      const item = locked.items.find((candidate) => candidate.orderItemNumber === orderItemNumber);
      if (!item) throw new Problem(ITEM_NOT_FOUND);
      const isReported = item.status === 'Delivered' || item.status === 'Failed';
      const isOpen = locked.status === 'InTransit' && item.status === 'InTransit';
      if (item.fulfiller === 'instant' || (!isReported && !isOpen)) {
        if (item.fulfillmentAttempts > 0) await this.noteRefused(tx, locked, item, validated);
        return refusal(ITEM_NOT_REPORTABLE, locked);
      }
      const dto = validated();
      if (isReported && !isSameReport(item, dto)) {
        await this.late.note(tx, locked, item, outcomeOf(dto), 'partner');
        return refusal(REPORT_CONTRADICTS, locked);
      }
      if (isOpen) await this.recordIn(tx, locked, orderItemNumber, outcomeOf(dto), 'partner');
      return undefined;
    });
    if (refused) throw refused;
    return this.orders.get(order.orderNumber);
  }

  /** The state refuses the report whatever it says; what it says is kept when it can be read. */
  private async noteRefused(
    tx: Tx,
    order: OrderEntity,
    item: OrderItemEntity,
    validated: () => ReportDto,
  ): Promise<void> {
    if (item.fulfiller === 'instant') return;
    try {
      await this.late.note(tx, order, item, outcomeOf(validated()), 'partner');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** Charges what was delivered and releases the rest. */
  async settle(orderNumber: string): Promise<void> {
    const order = await this.orders.get(orderNumber);
    if (order.status !== 'Delivered' || !order.payment) return;
    const delivered = order.items.filter(({ status }) => status === 'Delivered');
    const value = sum(delivered.map(({ totalAmount }) => totalAmount));
    await this.settlement.settle(orderNumber, order.payment.paymentId, value);
  }

  // CLAIM: under the order's lock, which a cancellation needs too
  private async claim(
    orderNumber: string,
    orderItemNumber: string,
  ): Promise<(Wish & { isUnfunded: boolean }) | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      const item = order.items.find((candidate) => candidate.orderItemNumber === orderItemNumber);
      if (order.status !== 'InTransit' || item?.status !== 'InTransit' || item.awaitingReport) return undefined;
      const attempt = await this.orders.countFulfillmentAttempt(tx, orderItemNumber);
      return { order, item, attempt, isUnfunded: item.totalAmount > 0 && this.margin.isReached(order) };
    });
  }

  // CALL
  private async call(wish: Wish): Promise<Fulfilment> {
    try {
      return await this.fulfillers.of(wish.item).deliver(wish);
    } catch (error) {
      // What is not said to be showable stays in the log.
      const again = error instanceof TryAgain ? error : new TryAgain('something went wrong here');
      if (wish.attempt < again.maximumAttempts) throw error;
      return { kind: 'failed', statusText: `Gave up after ${wish.attempt} attempts: ${again.message}` };
    }
  }

  // RECORD
  private async record({ order, item }: Wish, fulfilment: Fulfilment): Promise<void> {
    const { orderItemNumber } = item;
    await this.database.transaction(async (tx) => {
      const locked = await this.orders.lock(tx, order.orderNumber);
      if (fulfilment.kind === 'reported-later') {
        await this.orders.awaitReport(tx, orderItemNumber);
      } else if (fulfilment.kind === 'not-now') {
        await this.orders.takeBackFulfillmentAttempt(tx, orderItemNumber);
        await this.jobs.send(tx, DELIVER_ITEM, jobOf(order, item), fulfilment.seconds);
      } else {
        const isRecorded = await this.recordIn(tx, locked, orderItemNumber, fulfilment, 'holdfast');
        const now = locked.items.find((candidate) => candidate.orderItemNumber === orderItemNumber);
        if (!isRecorded && now) await this.late.note(tx, locked, now, fulfilment, 'holdfast');
      }
    });
  }

  private async recordIn(
    tx: Tx,
    order: OrderEntity,
    orderItemNumber: string,
    outcome: Outcome,
    actor: Actor,
  ): Promise<boolean> {
    const { orderNumber } = order;
    const { statusText } = outcome;
    const deliverables = outcome.kind === 'delivered' ? outcome.deliverables : undefined;
    const move = { from: 'InTransit', to: statusOf(outcome), actor, statusText, deliverables } as const;
    const moved = await this.orders.moveItems(tx, orderNumber, [orderItemNumber], move);
    if (moved.length === 0) return false;
    if (order.items.some((item) => item.status === 'InTransit' && !moved.includes(item.orderItemNumber))) return true;
    await this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from: 'InTransit', to: 'Delivered' } });
    await this.jobs.send(tx, SETTLE_ORDER, { orderNumber });
    return true;
  }
}

const UNFUNDED = { kind: 'failed', statusText: NOT_DELIVERED_IN_TIME } as const;

/** What is left out is not contradicted; what is sent must be what was recorded. */
function isSameReport(item: OrderItemEntity, dto: ReportDto): boolean {
  const { outcome, statusText, deliverables } = dto;
  const sameText = statusText === undefined || statusText === item.statusText;
  const told = (list: readonly { type: string; value: string }[]) => list.map(({ type, value }) => [type, value]);
  const nothingTold = deliverables === undefined || outcome === 'Failed';
  const sameGoods = nothingTold || isDeepStrictEqual(told(deliverables), told(item.deliverables));
  return item.status === outcome && sameText && sameGoods;
}
