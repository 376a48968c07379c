import { currencyRules, Problem, REQUEST_NOT_VALID, type ValidationMessage } from '#platform';
import type { ReplaceOrderDto } from './dto/order.request.dto.js';
import type { OrderEntity } from './order.entity.js';

/**
 * What a replacement may not say about the order it replaces.
 * @throws Problem 400 that names every fault
 */
export function checkReplacement(order: OrderEntity, dto: ReplaceOrderDto): void {
  const faults = [...faultsOfFixed(order, dto), ...faultsOfItemNumbers(order, dto), ...faultsOfAmounts(order, dto)];
  if (faults.length === 0) return;
  throw new Problem(REQUEST_NOT_VALID, {
    detail: faults.map(({ message }) => message).join('; '),
    validationMessages: faults,
  });
}

function fault(message: string, member: string): ValidationMessage {
  return {
    code: 'invalid-value',
    level: 'Error',
    message: `${member}: ${message}`,
    source: 'request',
    memberNames: [member],
  };
}

function faultsOfFixed(order: OrderEntity, dto: ReplaceOrderDto): ValidationMessage[] {
  return (['accountId', 'currency'] as const)
    .filter((member) => dto[member] !== undefined && dto[member] !== order[member])
    .map((member) => fault('cannot be changed', member));
}

function faultsOfItemNumbers(order: OrderEntity, dto: ReplaceOrderDto): ValidationMessage[] {
  const known = new Set(order.items.map(({ orderItemNumber }) => orderItemNumber));
  return dto.items.flatMap(({ orderItemNumber }, index) => {
    if (orderItemNumber === undefined || known.delete(orderItemNumber)) return [];
    return [fault(`there is no such item to keep, or it is sent twice`, `items[${index}].orderItemNumber`)];
  });
}

function faultsOfAmounts(order: OrderEntity, dto: ReplaceOrderDto): ValidationMessage[] {
  const multipleOf = currencyRules(order.currency)?.multipleOf ?? 1;
  return dto.items.flatMap(({ unitAmount }, index) =>
    unitAmount % multipleOf === 0
      ? []
      : [fault(`must be a multiple of ${multipleOf} in ${order.currency}`, `items[${index}].unitAmount`)],
  );
}
