import { currencyRules, formatMoney, MAXIMUM_AMOUNT } from '#platform';
import { invalidValue, type ValidationMessage } from '#http';

interface Draft {
  readonly currency: string;
  readonly totalAmount: number;
  readonly items: readonly { readonly fulfiller: string; readonly orderItemNumber: string }[];
}

/**
 * Each unit must be payable by itself: three-decimal currencies end in 0, ISK in 00. Amounts that are no whole numbers are
 * faults by other rules.
 */
export function faultsOfAmounts(currency: unknown, items: unknown): ValidationMessage[] {
  const multipleOf = currencyRules(String(currency))?.multipleOf ?? 1;
  return (Array.isArray(items) ? (items as unknown[]) : []).flatMap((item, index) => {
    const amount = (item as { unitAmount?: unknown } | null)?.unitAmount;
    if (!Number.isInteger(amount) || Number(amount) % multipleOf === 0) return [];
    return [invalidValue(`items[${index}].unitAmount`, `must be a multiple of ${multipleOf} in ${String(currency)}`)];
  });
}

/** What keeps an order from being Placed: complete, payable, and with someone who can deliver. */
export function faultsOfOrder(order: Draft, partner: { readonly fulfillmentUrl: string | null }): ValidationMessage[] {
  return [...faultsOfTotal(order), ...faultsOfItems(order, partner)];
}

function faultsOfTotal(order: Draft): ValidationMessage[] {
  const fault = (code: string, message: string, member: string): ValidationMessage[] => [
    { code, level: 'ValidationError', message, source: 'order', memberNames: [member] },
  ];
  if (order.items.length === 0) return fault('order-without-items', 'The order has no items', 'items');
  const minimum = currencyRules(order.currency)?.minimum ?? 0;
  if (order.totalAmount > MAXIMUM_AMOUNT) {
    const most = formatMoney(MAXIMUM_AMOUNT, order.currency);
    return fault('total-too-large', `The total is above ${most}, the most that can be paid at once`, 'totalAmount');
  }
  if (order.totalAmount > 0 && order.totalAmount < minimum) {
    const least = formatMoney(minimum, order.currency);
    return fault(
      'total-too-small',
      `The total is below ${least}, the smallest payment in this currency`,
      'totalAmount',
    );
  }
  return [];
}

function faultsOfItems(order: Draft, partner: { readonly fulfillmentUrl: string | null }): ValidationMessage[] {
  if (partner.fulfillmentUrl !== null) return [];
  return order.items
    .filter(({ fulfiller }) => fulfiller === 'http')
    .map(({ orderItemNumber }) => ({
      code: 'fulfillment-address-missing',
      level: 'ValidationError',
      message: 'The item is fulfilled over http, and no fulfilment address is registered for you',
      source: 'orderItem',
      orderItemNumber,
      memberNames: ['fulfiller'],
    }));
}
