import type { Moves } from '#platform';

export type OrderStatus =
  | 'New'
  | 'Placed'
  | 'Payment'
  | 'Paid'
  | 'InTransit'
  | 'Delivered'
  | 'Fulfilled'
  | 'PartiallyFulfilled'
  | 'FulfillmentError'
  | 'Canceling'
  | 'Canceled'
  | 'Expired';

/** Mirrored by the CHECK `orders_move_check`; no other move exists. */
export const ORDER_MOVES: Moves<OrderStatus> = {
  New: ['Placed', 'Canceled', 'Expired'],
  Placed: ['New', 'Payment', 'Paid', 'Canceled', 'Expired'],
  Payment: ['Paid', 'Placed', 'Canceling', 'Expired'],
  Paid: ['InTransit', 'Canceling'],
  InTransit: ['Delivered', 'Canceling'],
  Delivered: ['Fulfilled', 'PartiallyFulfilled', 'FulfillmentError'],
  Fulfilled: [],
  PartiallyFulfilled: [],
  FulfillmentError: [],
  Canceling: ['Canceled'],
  Canceled: [],
  Expired: ['New', 'Placed'],
};

export const ORDER_STATUSES = Object.keys(ORDER_MOVES) as OrderStatus[];

/** The statuses in which a partner may change or delete an order. */
export const CHANGEABLE: readonly OrderStatus[] = ['New', 'Placed', 'Expired'];

export type OrderItemStatus = 'New' | 'InTransit' | 'Delivered' | 'Failed' | 'Canceled';

/** Mirrored by the CHECK `order_items_move_check`. */
export const ORDER_ITEM_MOVES: Moves<OrderItemStatus> = {
  New: ['InTransit', 'Canceled'],
  InTransit: ['Delivered', 'Failed', 'Canceled'],
  Delivered: [],
  Failed: [],
  Canceled: [],
};
