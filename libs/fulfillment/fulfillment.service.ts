import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Database, Jobs, Problem, sum, type Tx } from '#platform';
import { OrdersRepository, refusal, type Actor, type OrderEntity, type OrderItemEntity } from '#orders';
import { PaymentsSettle } from '#payments';
import type { ReportDto } from './dto/report.dto.js';
import type { Fulfiller, Fulfilment } from './fulfillment.fulfiller.js';
import { InstantFulfiller } from './fulfillment.instant.js';
import { ManualFulfiller } from './fulfillment.manual.js';
import { ITEM_NOT_FOUND, ITEM_NOT_REPORTABLE, REPORT_CONTRADICTS } from './fulfillment.errors.js';
import { FulfillmentMargin, NOT_DELIVERED_IN_TIME } from './fulfillment.margin.js';
import { DELIVER_ITEM, SETTLE_ORDER } from './fulfillment.queues.js';

/** A fulfiller that keeps failing fails its item in the end, so that the order reaches its own. */
const MAXIMUM_ATTEMPTS = 20;

/** The run of an order's items: start, one by one, settle. */
@Injectable()
export class FulfillmentService {
  private readonly fulfillers: readonly Fulfiller[];

  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly settlement: PaymentsSettle,
    private readonly jobs: Jobs,
    private readonly margin: FulfillmentMargin,
    instant: InstantFulfiller,
    manual: ManualFulfiller,
  ) {
    this.fulfillers = [instant, manual];
  }

  /** Moves a Paid order and its items to InTransit, with a job for each item; again is no second effect. */
  async start(orderNumber: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status !== 'Paid') return;
      await this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from: 'Paid', to: 'InTransit' } });
      const numbers = order.items.map(({ orderItemNumber }) => orderItemNumber);
      await this.orders.moveItems(tx, orderNumber, numbers, { from: 'New', to: 'InTransit', actor: 'holdfast' });
      for (const orderItemNumber of numbers) await this.jobs.send(tx, DELIVER_ITEM, { orderNumber, orderItemNumber });
    });
  }

  /** @throws Error when the fulfiller failed in a way that may pass; the job comes again */
  async deliver(orderNumber: string, orderItemNumber: string): Promise<void> {
    const claim = await this.claim(orderNumber, orderItemNumber);
    if (!claim) return;
    const fulfilment = claim.isUnfunded ? UNFUNDED : await this.call(claim.item, claim.attempt);
    if (fulfilment.kind === 'reported-later')
      await this.database.transaction((tx) => this.orders.awaitReport(tx, orderItemNumber));
    else await this.record(orderNumber, orderItemNumber, fulfilment, 'holdfast');
  }

  /**
   * A partner's report about an item that it delivers itself.
   * @throws Problem 404 for an item of another order, 409 when the item cannot be reported or was reported otherwise
   */
  async report(order: OrderEntity, orderItemNumber: string, validated: () => ReportDto): Promise<OrderEntity> {
    await this.database.transaction(async (tx) => {
      const locked = await this.orders.lock(tx, order.orderNumber);
      const item = locked.items.find((candidate) => candidate.orderItemNumber === orderItemNumber);
      if (!item) throw new Problem(ITEM_NOT_FOUND);
      const isReported = item.status === 'Delivered' || item.status === 'Failed';
      const isOpen = locked.status === 'InTransit' && item.status === 'InTransit';
      if (item.fulfiller === 'instant' || (!isReported && !isOpen)) throw refusal(ITEM_NOT_REPORTABLE, locked);
      const dto = validated();
      if (isReported && !isSameReport(item, dto)) throw refusal(REPORT_CONTRADICTS, locked);
      if (isReported) return;
      await this.recordIn(tx, locked, orderItemNumber, reported(dto), 'partner');
    });
    return this.orders.get(order.orderNumber);
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
  ): Promise<{ item: OrderItemEntity; attempt: number; isUnfunded: boolean } | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      const item = order.items.find((candidate) => candidate.orderItemNumber === orderItemNumber);
      if (order.status !== 'InTransit' || item?.status !== 'InTransit') return undefined;
      const attempt = await this.orders.countFulfillmentAttempt(tx, orderItemNumber);
      return { item, attempt, isUnfunded: item.totalAmount > 0 && this.margin.isReached(order) };
    });
  }

  // CALL
  private async call(item: OrderItemEntity, attempt: number): Promise<Fulfilment> {
    const fulfiller = this.fulfillers.find(({ name }) => name === item.fulfiller);
    if (!fulfiller) return { kind: 'failed', statusText: `Nobody delivers for the fulfiller ${item.fulfiller}` };
    try {
      return await fulfiller.deliver(item, attempt);
    } catch (error) {
      if (attempt < MAXIMUM_ATTEMPTS) throw error;
      return { kind: 'failed', statusText: `Gave up after ${attempt} attempts` };
    }
  }

  // RECORD
  private async record(orderNumber: string, orderItemNumber: string, fulfilment: Outcome, actor: Actor): Promise<void> {
    await this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status === 'InTransit') await this.recordIn(tx, order, orderItemNumber, fulfilment, actor);
    });
  }

  private async recordIn(
    tx: Tx,
    order: OrderEntity,
    orderItemNumber: string,
    fulfilment: Outcome,
    actor: Actor,
  ): Promise<void> {
    const { orderNumber } = order;
    const to = fulfilment.kind === 'delivered' ? 'Delivered' : 'Failed';
    const deliverables = fulfilment.kind === 'delivered' ? fulfilment.deliverables : undefined;
    const move = { from: 'InTransit', to, actor, statusText: fulfilment.statusText, deliverables } as const;
    const moved = await this.orders.moveItems(tx, orderNumber, [orderItemNumber], move);
    const open = order.items.filter((item) => item.status === 'InTransit' && !moved.includes(item.orderItemNumber));
    if (moved.length === 0 || open.length > 0) return;
    await this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from: 'InTransit', to: 'Delivered' } });
    await this.jobs.send(tx, SETTLE_ORDER, { orderNumber });
  }
}

const UNFUNDED = { kind: 'failed', statusText: NOT_DELIVERED_IN_TIME } as const;

type Outcome = Exclude<Fulfilment, { kind: 'reported-later' }>;

function reported(dto: ReportDto): Outcome {
  const { outcome, statusText, deliverables } = dto;
  if (outcome === 'Failed') return { kind: 'failed', statusText: statusText ?? 'Reported as failed' };
  return { kind: 'delivered', deliverables: deliverables ?? [], ...(statusText !== undefined && { statusText }) };
}

/** What is left out is not contradicted; what is sent must be what was recorded. */
function isSameReport(item: OrderItemEntity, dto: ReportDto): boolean {
  const { outcome, statusText, deliverables } = dto;
  const sameText = statusText === undefined || statusText === item.statusText;
  const told = (list: readonly { type: string; value: string }[]) => list.map(({ type, value }) => [type, value]);
  const nothingTold = deliverables === undefined || outcome === 'Failed';
  const sameGoods = nothingTold || isDeepStrictEqual(told(deliverables), told(item.deliverables));
  return item.status === outcome && sameText && sameGoods;
}
