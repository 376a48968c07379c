import { Clock, Database } from '#platform';
import { StripeGateway } from '#stripe';
import { audit } from '../../apps/audit/audit.js';
import type { LedgerEntry } from '../support/sandbox-controls.js';
import type { Holdfast } from '../support/holdfast.js';
import type { PlacedOrder, World } from './world.js';

interface OrderRow {
  readonly number: string;
  readonly status: string;
  readonly total: number;
  readonly delivered: number;
  readonly timesPaid: number;
  readonly cases: string[] | null;
  readonly items: Record<string, string>;
  readonly waitsForReport: boolean;
}

const SETTLED = ['Fulfilled', 'PartiallyFulfilled', 'FulfillmentError'];
const FINAL = [...SETTLED, 'Canceled', 'Expired'];
/** What was charged is then a person's matter, and no sum is promised. */
const SUM_IS_OPEN = ['captured-elsewhere', 'delivered-uncharged', 'reservation-lost', 'charged-other-than-delivered'];
const AUDIT_PAUSE_MS = 50;

/** @returns what is not as it must be at any quiet moment, in words; nothing when all is well */
export async function brokenPromises(world: World): Promise<string[]> {
  const { holdfast, orders, expectedCases } = world;
  const get = <T>(token: abstract new (...parameters: never[]) => T) => holdfast.app.get<T>(token, { strict: false });
  const findings = await audit(get(Database), get(StripeGateway), get(Clock), AUDIT_PAUSE_MS);
  const rows = await rowsOf(holdfast, orders);
  const ledger = await holdfast.controls.wholeLedger();
  const broken = findings.map(({ invariant, subject, found }) => `audit: invariant ${invariant}, ${subject} ${found}`);
  for (const order of orders) {
    const row = rows.find(({ number }) => number === order.number);
    if (!row) {
      broken.push(`${order.number} is gone`);
      continue;
    }
    const lines = ledger.filter(({ metadata }) => metadata.orderNumber === order.number);
    broken.push(...brokenMoney(row, lines), ...brokenWord(order, row));
    const unexpected = (row.cases ?? []).filter((kind) => !expectedCases.has(kind) && !isOwnCase(kind, order));
    if (unexpected.length > 0)
      broken.push(`${row.number} is on the operator's list without a reason: ${unexpected.join(', ')}`);
  }
  return [...broken, ...(await leftBehind(holdfast))];
}

/** A partner that does not report is always a reason. */
const isOwnCase = (kind: string, { items }: PlacedOrder): boolean =>
  kind === 'report-overdue' && items.some(({ isManual }) => isManual);

/** @returns the orders that time has not brought to an end */
export async function unfinished({ holdfast, orders }: World): Promise<string[]> {
  return (await rowsOf(holdfast, orders))
    .filter(({ status, cases, waitsForReport, total }) => {
      const waitsForAPerson = cases !== null || (total === 0 && waitsForReport);
      return !FINAL.includes(status) && !waitsForAPerson;
    })
    .map(({ number, status }) => `${number} is ${status} for ever`);
}

function brokenMoney(row: OrderRow, lines: readonly LedgerEntry[]): string[] {
  const { number } = row;
  const sum = (pick: (line: LedgerEntry) => number) => lines.reduce((total, line) => total + pick(line), 0);
  const received = sum(({ amount_received }) => amount_received);
  const isOpen = row.cases?.some((kind) => SUM_IS_OPEN.includes(kind)) ?? false;
  const broken: string[] = [];
  if (lines.filter(({ status }) => status === 'requires_capture').length > 1)
    broken.push(`${number} is reserved twice`);
  if (lines.some(({ movements }) => movements.filter(({ type }) => type === 'capture').length > 1))
    broken.push(`${number} was charged twice`);
  if (received > row.delivered && !isOpen) broken.push(`${number}: ${received} charged, ${row.delivered} delivered`);
  if (SETTLED.includes(row.status) && received !== row.delivered && !isOpen)
    broken.push(`${number} is settled: ${received} charged, ${row.delivered} delivered`);
  if (received > 0 && row.timesPaid !== 1 && !isOpen)
    broken.push(`${number} was charged and became Paid ${row.timesPaid} times`);
  if (lines.some(({ amount_refunded, amount_received }) => amount_refunded > amount_received))
    broken.push(`${number}: more refunded than charged`);
  return broken;
}

/** What somebody was told once stays true. */
function brokenWord({ number, reported, answered }: PlacedOrder, row: OrderRow): string[] {
  const broken = [...answered]
    .filter((status) => status !== row.status)
    .map((status) => `${number} was ${status}, and is ${row.status}`);
  for (const [item, outcome] of reported)
    if (row.items[item] !== outcome) broken.push(`${item} was reported ${outcome}, and is ${row.items[item]}`);
  return broken;
}

async function leftBehind(holdfast: Holdfast): Promise<string[]> {
  const rows = await holdfast.rows<{ what: string }>(
    `SELECT 'a job is dead: ' || data::text AS what FROM pgboss.job WHERE name = 'dead-letters'
     UNION ALL SELECT 'an event is kept as failed: ' || event_id || ' ' || coalesce(error, '') FROM stripe_events WHERE status = 'failed'
     UNION ALL SELECT 'a case: ' || kind || ' ' || subject FROM operator_cases WHERE closed_at IS NULL
       AND kind IN ('stripe-object-without-payment', 'event-keeps-failing', 'stripe-object-missing', 'work-keeps-failing', 'stray-charge', 'stray-reservation', 'payment-mismatch')`,
  );
  return rows.map(({ what }) => what);
}

async function rowsOf(holdfast: Holdfast, orders: readonly PlacedOrder[]): Promise<OrderRow[]> {
  const rows = await holdfast.rows<OrderRow>(
    `SELECT o.order_number AS number, o.status, o.total_amount AS total,
       (SELECT coalesce(sum(total_amount), 0) FROM order_items i WHERE i.order_number = o.order_number AND i.status = 'Delivered') AS delivered,
       (SELECT count(*)::int FROM order_timeline t WHERE t.order_number = o.order_number AND type = 'order.paid') AS "timesPaid",
       (SELECT array_agg(kind) FROM operator_cases c WHERE c.subject = o.order_number AND c.closed_at IS NULL) AS cases,
       (SELECT jsonb_object_agg(order_item_number, status) FROM order_items i WHERE i.order_number = o.order_number) AS items,
       EXISTS (SELECT FROM order_items i WHERE i.order_number = o.order_number AND i.status = 'InTransit' AND i.awaiting_report) AS "waitsForReport"
     FROM orders o WHERE o.order_number = ANY($1)`,
    [orders.map(({ number }) => number)],
  );
  // PostgreSQL's sums are strings here: they may be longer than a number.
  return rows.map((row) => ({ ...row, total: Number(row.total), delivered: Number(row.delivered) }));
}
