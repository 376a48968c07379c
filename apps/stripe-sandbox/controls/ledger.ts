import type { PaymentIntentRecord } from '../payments/payment-intent.record.js';
import type { World } from '../world.js';

/** What happened to the money of one payment. Amounts in the currency's minor unit. */
export interface LedgerLine {
  readonly id: string;
  readonly currency: string;
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  /** Captured money given back; unlike a charge's `amount_refunded` it does not count what a hold released. */
  readonly amount_refunded: number;
  readonly status: PaymentIntentRecord['status'];
  readonly metadata: PaymentIntentRecord['metadata'];
  readonly movements: PaymentIntentRecord['movements'];
}

export function ledger(world: World): LedgerLine[] {
  return [...world.store.paymentIntents.oldestFirst()].map((intent) => lineOf(world, intent));
}

function lineOf(world: World, intent: PaymentIntentRecord): LedgerLine {
  const { id, currency, amount, amount_capturable, amount_received, status, metadata, movements } = intent;
  const refunds = world.store.refunds.where('payment_intent', id);
  const standing = refunds.filter((refund) => refund.status === 'succeeded' || refund.status === 'pending');
  const amount_refunded = standing.reduce((sum, refund) => sum + refund.amount, 0);
  return { id, currency, amount, amount_capturable, amount_received, amount_refunded, status, metadata, movements };
}
