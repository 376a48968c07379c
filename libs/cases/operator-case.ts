/** Something that needs a person: what, why, and the safe next step. */
export interface OperatorCase {
  /** Stable and short, such as `capture-refused`; the same kind for the same subject is listed once. */
  readonly kind: string;
  /** What it is about: an order number, or the id of an object at Stripe that has no order. */
  readonly subject: string;
  readonly reason: string;
  readonly nextStep: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export type ClosedCase = Pick<OperatorCase, 'kind' | 'subject'>;
export type OpenCase = OperatorCase & { readonly id: number; readonly openedAt: Date };

/**
 * How a person settled what no rule of ours may decide: the customer paid in another way, got the difference back, or
 * the loss is written off. Mirrored by a CHECK.
 */
export const SETTLEMENTS = ['collected', 'refunded', 'written-off'] as const;
export type Settlement = (typeof SETTLEMENTS)[number];
