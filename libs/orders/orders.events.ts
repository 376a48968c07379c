import type { OrderItemStatus, OrderStatus } from './order.state-machine.js';

/** An order changed its status, in the transaction that hears this. */
export class OrderMoved {
  constructor(
    readonly orderNumber: string,
    readonly from: OrderStatus | null,
    readonly to: OrderStatus,
  ) {}
}

/** An item has its outcome, in the transaction that hears this. */
export class OrderItemMoved {
  constructor(
    readonly orderNumber: string,
    readonly orderItemNumber: string,
    readonly to: OrderItemStatus,
  ) {}
}
