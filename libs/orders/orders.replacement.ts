import { invalidValue, type ValidationMessage } from '#http';
import type { ReplaceOrderDto } from './dto/order.request.dto.js';
import type { OrderEntity } from './order.entity.js';
import { faultsOfAmounts } from './orders.validation.js';

type Unchecked = { readonly [Name in keyof ReplaceOrderDto]?: unknown };

/** What a replacement may not say about the order it replaces. */
export function faultsOfReplacement(order: OrderEntity, replacement: Unchecked): ValidationMessage[] {
  const { items } = replacement;
  return [
    ...faultsOfFixed(order, replacement),
    ...faultsOfItemNumbers(order, Array.isArray(items) ? items : []),
    ...faultsOfAmounts(order.currency, items),
  ];
}

function faultsOfFixed(order: OrderEntity, replacement: Unchecked): ValidationMessage[] {
  return (['accountId', 'currency'] as const)
    .filter((member) => replacement[member] != null && replacement[member] !== order[member])
    .map((member) => invalidValue(member, 'cannot be changed'));
}

function faultsOfItemNumbers(order: OrderEntity, items: readonly unknown[]): ValidationMessage[] {
  const known = new Set<unknown>(order.items.map(({ orderItemNumber }) => orderItemNumber));
  return items.flatMap((item, index) => {
    const number = (item as { orderItemNumber?: unknown } | null)?.orderItemNumber;
    if (number == null || known.delete(number)) return [];
    return [invalidValue(`items[${index}].orderItemNumber`, 'there is no such item to keep, or it is sent twice')];
  });
}
