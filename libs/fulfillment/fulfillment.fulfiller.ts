import type { Deliverable, OrderItemEntity } from '#orders';

/** What came of asking for an item. A thrown error means "try again". */
export type Fulfilment =
  | { readonly kind: 'delivered'; readonly deliverables: readonly Deliverable[]; readonly statusText?: string }
  | { readonly kind: 'failed'; readonly statusText: string }
  /** Somebody will report the outcome. */
  | { readonly kind: 'reported-later' };

/** Delivers items of one kind. It may be asked twice for the same item; only one answer is recorded. */
export interface Fulfiller {
  readonly name: OrderItemEntity['fulfiller'];
  /** @param attempt 1 for the first time this item is asked for */
  deliver(item: OrderItemEntity, attempt: number): Promise<Fulfilment>;
}
