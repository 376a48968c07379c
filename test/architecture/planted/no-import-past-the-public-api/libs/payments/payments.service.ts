import { table } from '../orders/order.entity.js';

export const called = table;
