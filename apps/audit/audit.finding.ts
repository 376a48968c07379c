/** Something that must never be so. */
export interface Finding {
  /** The number in the list of docs/operating.md. */
  readonly invariant: number;
  /** An order number, or the id of a payment or of an object at Stripe. */
  readonly subject: string;
  readonly found: string;
}
