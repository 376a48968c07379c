import type { Database } from '#platform';
import type { Finding } from './audit.finding.js';

/** One statement: which rows contradict an invariant. It selects `subject` and `found`, and nothing when all is well. */
interface BookCheck {
  /** Its number in docs/scenarios.md. */
  readonly invariant: number;
  readonly sql: string;
}

/** A person is to look at it, or has said how it was settled: such an order stays as it is. */
const LISTED = (subject: string) =>
  `EXISTS (SELECT FROM operator_cases c WHERE c.subject = ${subject} AND (c.closed_at IS NULL OR c.settlement IS NOT NULL))`;

/** The payment that an order shows. */
const WITH_PAYMENT = `orders o JOIN payments p ON p.payment_id = o.payment->>'paymentId'`;

const AMOUNTS: readonly BookCheck[] = [
  {
    invariant: 1,
    sql: `SELECT payment_id AS subject, format('authorised %s, captured %s, refunded %s', amount_authorized, amount_captured, amount_refunded) AS found
      FROM payments WHERE amount_captured > amount_authorized OR amount_refunded > amount_captured OR amount_authorized < 0`,
  },
  {
    invariant: 1,
    sql: `SELECT p.payment_id AS subject, format('the payment is in %s, its order in %s', p.currency, o.currency) AS found
      FROM payments p JOIN orders o USING (order_number) WHERE p.currency <> o.currency`,
  },
  {
    invariant: 1,
    sql: `SELECT o.order_number AS subject, format('the total is %s, the items make %s', o.total_amount, coalesce(sum(i.total_amount), 0)) AS found
      FROM orders o LEFT JOIN order_items i USING (order_number) GROUP BY o.order_number
      HAVING o.total_amount <> coalesce(sum(i.total_amount), 0)`,
  },
  {
    invariant: 1,
    sql: `SELECT p.payment_id AS subject, format('%s refunded in the books, %s by its refunds', p.amount_refunded, coalesce(sum(r.amount), 0)) AS found
      FROM payments p LEFT JOIN refunds r ON r.payment_id = p.payment_id AND r.status = 'Succeeded'
      GROUP BY p.payment_id HAVING p.amount_refunded <> coalesce(sum(r.amount), 0)`,
  },
  {
    invariant: 1,
    sql: `SELECT p.payment_id AS subject, format('%s refunded or about to be, %s captured', sum(r.amount), p.amount_captured) AS found
      FROM payments p JOIN refunds r ON r.payment_id = p.payment_id AND r.status <> 'Failed'
      GROUP BY p.payment_id HAVING sum(r.amount) > p.amount_captured`,
  },
  {
    invariant: 2,
    sql: `SELECT o.order_number AS subject, format('captured %s, delivered %s', p.amount_captured, d.value) AS found
      FROM ${WITH_PAYMENT},
        LATERAL (SELECT coalesce(sum(total_amount) FILTER (WHERE status = 'Delivered'), 0) AS value
                 FROM order_items i WHERE i.order_number = o.order_number) d
      WHERE o.status IN ('Fulfilled', 'PartiallyFulfilled', 'FulfillmentError')
        AND p.amount_captured <> d.value AND NOT ${LISTED('o.order_number')}`,
  },
];

const STATES: readonly BookCheck[] = [
  {
    invariant: 3,
    sql: `SELECT o.order_number AS subject, format('%s, and its payment is %s over %s of %s', o.status, coalesce(p.status, 'missing'), coalesce(p.amount_authorized, 0), o.total_amount) AS found
      FROM orders o LEFT JOIN payments p ON p.payment_id = o.payment->>'paymentId'
      WHERE o.status IN ('Paid', 'InTransit', 'Delivered') AND o.total_amount > 0 AND NOT ${LISTED('o.order_number')}
        AND (p.status IS NULL OR p.amount_authorized < o.total_amount
          OR p.status NOT IN ('Authorized', 'Capturing', 'Captured', 'PartiallyCaptured', 'Releasing', 'Released'))`,
  },
  {
    invariant: 4,
    sql: `SELECT order_number AS subject, format('%s payments are live', count(*)) AS found FROM payments
      WHERE status NOT IN ('Released', 'Abandoned', 'Expired', 'Failed') GROUP BY order_number HAVING count(*) > 1`,
  },
  {
    invariant: 6,
    sql: `SELECT order_number AS subject, format('became Paid %s times', count(*)) AS found FROM order_timeline
      WHERE type = 'order.paid' GROUP BY order_number HAVING count(*) > 1`,
  },
  {
    invariant: 9,
    sql: `SELECT p.payment_id AS subject, format('the reservation ran out at %s and counts still', p.authorization_expires_at) AS found
      FROM payments p WHERE p.status = 'Authorized' AND p.authorization_expires_at < $1::timestamptz - interval '1 hour'
        AND NOT ${LISTED('p.order_number')}`,
  },
  {
    invariant: 9,
    sql: `SELECT o.order_number AS subject, format('cancelled, and the payment %s is %s', p.payment_id, p.status) AS found
      FROM orders o JOIN payments p USING (order_number)
      WHERE o.status = 'Canceled' AND p.status IN ('Initializing', 'Pending', 'Processing', 'Authorized', 'Capturing', 'Releasing')`,
  },
];

const HISTORY: readonly BookCheck[] = [
  {
    invariant: 7,
    sql: `SELECT order_number AS subject, format('line %s goes on from %s, the one before ended in %s', id, from_status, before) AS found
      FROM (SELECT *, lag(to_status) OVER (PARTITION BY order_number ORDER BY id) AS before FROM order_timeline
            WHERE type LIKE 'order.%' AND to_status IS NOT NULL) line
      WHERE from_status IS DISTINCT FROM before`,
  },
  {
    invariant: 7,
    sql: `SELECT payment AS subject, format('line %s goes on from %s, the one before ended in %s', id, from_status, before) AS found
      FROM (SELECT *, detail->>'paymentId' AS payment,
              lag(to_status) OVER (PARTITION BY detail->>'paymentId' ORDER BY id) AS before FROM order_timeline
            WHERE type LIKE 'payment.%' AND to_status IS NOT NULL) line
      WHERE from_status IS DISTINCT FROM before`,
  },
  {
    invariant: 11,
    sql: `SELECT o.order_number AS subject, format('is %s, the timeline ends in %s', o.status, last.to_status) AS found
      FROM orders o LEFT JOIN LATERAL (SELECT to_status FROM order_timeline t WHERE t.order_number = o.order_number
        AND type LIKE 'order.%' AND to_status IS NOT NULL ORDER BY id DESC LIMIT 1) last ON true
      WHERE o.status IS DISTINCT FROM last.to_status`,
  },
  {
    invariant: 11,
    sql: `SELECT p.payment_id AS subject, format('is %s, the timeline ends in %s', p.status, last.to_status) AS found
      FROM payments p LEFT JOIN LATERAL (SELECT to_status FROM order_timeline t WHERE t.order_number = p.order_number
        AND t.detail->>'paymentId' = p.payment_id AND type LIKE 'payment.%' AND to_status IS NOT NULL ORDER BY id DESC LIMIT 1) last ON true
      WHERE p.status IS DISTINCT FROM last.to_status`,
  },
  {
    invariant: 11,
    sql: `SELECT i.order_item_number AS subject, format('is %s, the timeline ends in %s', i.status, last.to_status) AS found
      FROM order_items i LEFT JOIN LATERAL (SELECT to_status FROM order_timeline t WHERE t.order_number = i.order_number
        AND t.detail->>'orderItemNumber' = i.order_item_number AND type LIKE 'item.%' AND to_status IS NOT NULL ORDER BY id DESC LIMIT 1) last ON true
      WHERE i.status <> 'New' AND i.status IS DISTINCT FROM last.to_status`,
  },
  {
    invariant: 11,
    sql: `SELECT r.refund_id AS subject, format('is %s, the timeline ends in %s', r.status, last.to_status) AS found
      FROM refunds r LEFT JOIN LATERAL (SELECT to_status FROM order_timeline t WHERE t.order_number = r.order_number
        AND t.detail->>'refundId' = r.refund_id AND type LIKE 'refund.%' ORDER BY id DESC LIMIT 1) last ON true
      WHERE r.status IS DISTINCT FROM last.to_status`,
  },
  {
    invariant: 11,
    sql: `SELECT o.order_number AS subject, format('shows its payment as %s over %s, which is %s over %s', o.payment->>'status', o.payment->>'amountCaptured', p.status, p.amount_captured) AS found
      FROM ${WITH_PAYMENT}
      WHERE (o.payment->>'status', (o.payment->>'amountAuthorized')::bigint, (o.payment->>'amountCaptured')::bigint,
             (o.payment->>'amountRefunded')::bigint, (o.payment->>'amountDisputed')::bigint)
        IS DISTINCT FROM (p.status, p.amount_authorized, p.amount_captured, p.amount_refunded, p.amount_disputed)`,
  },
];

const PROGRESS: readonly BookCheck[] = [
  {
    invariant: 12,
    sql: `SELECT o.order_number AS subject, format('is %s since %s, and nobody is told', o.status, o.updated_at) AS found
      FROM orders o WHERE (o.status IN ('Paid', 'InTransit', 'Delivered', 'Canceling')
          OR o.status = 'Payment' AND o.payment->>'status' IN ('Captured', 'PartiallyCaptured')) AND o.updated_at < $1::timestamptz - interval '1 day'
        AND NOT ${LISTED('o.order_number')}
        AND NOT EXISTS (SELECT FROM order_items i WHERE i.order_number = o.order_number AND i.status = 'InTransit' AND i.awaiting_report)`,
  },
  {
    invariant: 12,
    sql: `SELECT p.payment_id AS subject, format('is %s since %s', p.status, p.updated_at) AS found
      FROM payments p WHERE p.status IN ('Initializing', 'Releasing', 'Capturing') AND p.updated_at < $1::timestamptz - interval '1 day'
        AND NOT ${LISTED('p.order_number')}`,
  },
  {
    invariant: 12,
    sql: `SELECT r.refund_id AS subject, format('is Pending since %s, and Stripe does not know it', r.created_at) AS found
      FROM refunds r WHERE r.status = 'Pending' AND r.stripe_refund_id IS NULL AND r.created_at < $1::timestamptz - interval '1 day'`,
  },
];

/** What the database says against itself. */
export async function auditBooks(database: Database, now: Date): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { invariant, sql } of [...AMOUNTS, ...STATES, ...HISTORY, ...PROGRESS]) {
    const rows = await database.query<{ subject: string; found: string }>(sql, sql.includes('$1') ? [now] : []);
    findings.push(...rows.map((row) => ({ invariant, ...row })));
  }
  return findings;
}
