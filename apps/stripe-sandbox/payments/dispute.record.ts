import type { Metadata } from '../http/metadata.js';

export interface DisputeRecord {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly charge: string;
  readonly payment_intent: string;
  readonly reason: 'fraudulent' | 'product_not_received';
  readonly status:
    | 'warning_needs_response'
    | 'warning_under_review'
    | 'warning_closed'
    | 'needs_response'
    | 'under_review'
    | 'won'
    | 'lost';
  readonly card_brand: string;
  /** What the merchant said, by Stripe's names. */
  readonly evidence: Readonly<Record<string, string>>;
  readonly submitted: boolean;
  readonly past_due: boolean;
  readonly metadata: Metadata;
}
