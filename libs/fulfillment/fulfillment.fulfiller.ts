import { NotYet } from '#platform';
import type { Deliverable, OrderEntity, OrderItemEntity } from '#orders';

/** What is asked for. */
export interface Wish {
  readonly order: OrderEntity;
  readonly item: OrderItemEntity;
  /** 1 for the first time this item is asked for. */
  readonly attempt: number;
}

/** An item's outcome, which is final. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly deliverables: readonly Deliverable[]; readonly statusText?: string }
  | { readonly kind: 'failed'; readonly statusText: string };

/** What came of asking for an item. A thrown error means "try again": see {@link TryAgain}. */
export type Fulfilment =
  | Outcome
  /** Somebody will report the outcome. */
  | { readonly kind: 'reported-later' }
  /** Nobody was asked, and this was no attempt: ask again, not before that many seconds. */
  | { readonly kind: 'not-now'; readonly seconds: number };

/** How often an item is asked for, unless its fulfiller says otherwise: then it fails, so that its order reaches an end. */
const MAXIMUM_ATTEMPTS = 20;

/** Thrown when another try may succeed. Its message is shown as the item's text when the last one has failed. */
export class TryAgain extends NotYet {
  constructor(
    reason: string,
    readonly maximumAttempts = MAXIMUM_ATTEMPTS,
  ) {
    super(reason);
  }
}

/** Delivers items of one kind. It may be asked twice for the same item; only one answer is recorded. */
export interface Fulfiller {
  /** What partners call it in an item's `fulfiller`. */
  readonly name: OrderItemEntity['fulfiller'];
  deliver(wish: Wish): Promise<Fulfilment>;
}
