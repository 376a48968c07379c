import type { JobKind } from '#platform';
import type { OrderEntity, OrderItemEntity } from '#orders';

const PATIENCE = { retryDelay: 1, retryDelayMax: 3600, concurrency: 4 };

/** Begins the fulfilment of an order that became Paid. */
export const START_FULFILLMENT: JobKind<{ orderNumber: string }> = {
  name: 'fulfillment.start',
  retryLimit: 40,
  ...PATIENCE,
};

/** Asks an item's fulfiller for it. `supplier` says who has to do with it: one that is slow keeps few of a worker's hands. */
export const DELIVER_ITEM: JobKind<{ orderNumber: string; orderItemNumber: string; supplier?: string }> = {
  ...{ name: 'fulfillment.deliver-item', retryLimit: 40, retryDelay: 1, retryDelayMax: 60 },
  ...{ concurrency: 12, concurrencyPerGroup: 4 },
  groupOf: ({ supplier }) => supplier,
};

/** Settles the money of an order whose items have their outcomes; tried for about two days. */
export const SETTLE_ORDER: JobKind<{ orderNumber: string }> = {
  name: 'fulfillment.settle',
  retryLimit: 60,
  ...PATIENCE,
};

/** Items of one partner with one fulfiller wait for each other, and not for anybody else's. */
export function jobOf({ orderNumber, partnerId }: OrderEntity, { orderItemNumber, fulfiller }: OrderItemEntity) {
  return { orderNumber, orderItemNumber, supplier: `${partnerId}/${fulfiller}` };
}
