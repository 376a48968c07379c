import type { Order } from './order.entity.js';

export interface Item {
  order: Order;
}
