import type { Tx } from '#platform';
import { orderDto, type OrderDto } from './dto/order.dto.js';
import { orderWithin } from './orders.repository.js';

/**
 * An order as the API shows it, as it is within the transaction that changes it. A read and nothing else: the one thing
 * beside events that the notifications room takes from here.
 */
export async function orderSnapshot(tx: Tx, orderNumber: string): Promise<OrderDto> {
  return orderDto(await orderWithin(tx, orderNumber));
}
