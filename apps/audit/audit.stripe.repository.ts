import type { Database } from '#platform';

export interface PaymentRow {
  readonly paymentId: string;
  readonly orderNumber: string;
  readonly orderStatus: string;
  readonly status: string;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  readonly intentId: string | null;
  readonly sessionId: string | null;
  readonly currency: string;
}

/** Every payment that Stripe should know, with the status of its order. */
export async function paymentsAtStripe(database: Database): Promise<PaymentRow[]> {
  return database.query(
    `SELECT p.payment_id AS "paymentId", p.order_number AS "orderNumber", o.status AS "orderStatus", p.status,
       p.amount_authorized AS authorized, p.amount_captured AS captured, p.amount_refunded AS refunded,
       p.payment_intent_id AS "intentId", p.checkout_session_id AS "sessionId", lower(p.currency) AS currency
     FROM payments p JOIN orders o USING (order_number) WHERE p.procedure <> 'none'`,
  );
}

/** When the oldest payment was made; now when there is none. */
export async function firstPaymentAt(database: Database): Promise<Date> {
  const [first] = await database.query<{ at: Date }>('SELECT coalesce(min(created_at), now()) AS at FROM payments');
  return first?.at ?? new Date();
}
