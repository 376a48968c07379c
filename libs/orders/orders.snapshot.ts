import type { Tx } from '#platform';
import { orderDto, type OrderDto } from './dto/order.dto.js';
import { withItems } from './orders.repository.js';

/**
 * An order as the API shows it, as it is within the transaction that changes it. A read and nothing else: the one thing
 * beside events that the notifications room takes from here.
 */
export async function orderSnapshot(tx: Tx, orderNumber: string): Promise<OrderDto> {
  const query = withItems(tx.manager).where('o.order_number = :orderNumber', { orderNumber });
  return orderDto(await query.getOneOrFail());
}
