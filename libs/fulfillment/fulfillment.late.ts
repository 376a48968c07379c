import { Injectable } from '@nestjs/common';
import { OperatorList } from '#cases';
import type { Tx } from '#platform';
import { OrdersRepository, type Actor, type OrderEntity, type OrderItemEntity } from '#orders';
import type { Outcome } from './fulfillment.fulfiller.js';
import { statusOf } from './fulfillment.outcome.js';

/** Outcomes that come when their item already has another one: they change nothing, and are not lost. */
@Injectable()
export class FulfillmentLate {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly operatorList: OperatorList,
  ) {}

  /** Notes the outcome in the order's history, and goods that nobody pays for on the operator's list; each once. */
  async note(tx: Tx, order: OrderEntity, item: OrderItemEntity, outcome: Outcome, actor: Actor): Promise<void> {
    const { orderItemNumber, status } = item;
    if (status === statusOf(outcome)) return;
    const { statusText } = outcome;
    const detail = {
      orderItemNumber,
      outcome: statusOf(outcome),
      itemStatus: status,
      ...(statusText && { statusText }),
    };
    await this.orders.noteOnce(tx, order.orderNumber, { type: 'item.late_outcome', actor, detail });
    if (outcome.kind !== 'delivered') return;
    await this.operatorList.add(tx, {
      kind: 'delivered-unpaid',
      subject: orderItemNumber,
      reason: `The supplier delivered the item when it was already ${status}: nothing is charged for it`,
      nextStep: 'Ask the partner whether the goods can be called back; if not, settle with the partner outside Stripe',
      facts: { orderNumber: order.orderNumber, ...detail, deliverables: outcome.deliverables },
    });
  }
}
