import type { Database } from '#platform';
import { METADATA_SOURCE } from '#payments';
import type { Stripe, StripeGateway } from '#stripe';
import type { Finding } from './audit.finding.js';
import { firstPaymentAt, paymentsAtStripe, type PaymentRow } from './audit.stripe.repository.js';

/** What an intent may be at Stripe while the books call its payment so; the books may be behind by one event, never ahead. */
const FITTING: Readonly<Record<string, readonly Stripe.PaymentIntent.Status[]>> = {
  Initializing: [
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'processing',
    'requires_capture',
  ],
  Pending: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
  Processing: ['processing'],
  Authorized: ['requires_capture'],
  Capturing: ['requires_capture', 'succeeded'],
  Captured: ['succeeded'],
  PartiallyCaptured: ['succeeded'],
  Releasing: [
    ...(['requires_payment_method', 'requires_confirmation', 'requires_action', 'processing'] as const),
    ...(['requires_capture', 'canceled'] as const),
  ],
  Released: ['canceled'],
  Abandoned: ['canceled'],
  Expired: ['canceled'],
  Failed: ['canceled'],
};

const PAYABLE: readonly string[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
];

/** What the database and Stripe say against each other. */
export async function auditStripe(database: Database, stripe: StripeGateway): Promise<Finding[]> {
  const rows = await paymentsAtStripe(database);
  // Stripe counts whole seconds of its own clock.
  const since = new Date((await firstPaymentAt(database)).getTime() - 60_000);
  const isOurs = (object: { metadata: Stripe.Metadata | null }) => object.metadata?.source === METADATA_SOURCE;
  const sessions = (await stripe.everySession(since)).filter(isOurs);
  const intents = withoutLeftOver((await stripe.everyIntent(since)).filter(isOurs), sessions);
  const refunds = await stripe.everyRefund(since);
  return [
    ...objectsWithoutRows(rows, intents, sessions),
    ...rowsWithoutObjects(rows, intents, sessions),
    ...rows.flatMap((row) => contradictions(row, intents, refunds)),
    ...besideTheBooks(rows, intents, sessions),
    ...payableTwice(intents, sessions),
  ];
}

/**
 * The intent of a page that is done can be paid by nobody when its payment came to nothing: it is over, whether Stripe had
 * it cancelled or not.
 */
function withoutLeftOver(
  intents: readonly Stripe.PaymentIntent[],
  sessions: readonly Stripe.Checkout.Session[],
): Stripe.PaymentIntent[] {
  const done = new Set(
    sessions.filter(({ status }) => status === 'complete').map(({ payment_intent }) => idOf(payment_intent)),
  );
  return intents.map((intent) =>
    done.has(intent.id) && intent.status === 'requires_payment_method' ? { ...intent, status: 'canceled' } : intent,
  );
}

function objectsWithoutRows(
  rows: readonly PaymentRow[],
  intents: readonly Stripe.PaymentIntent[],
  sessions: readonly Stripe.Checkout.Session[],
): Finding[] {
  const known = new Set(rows.map(({ paymentId }) => paymentId));
  return [...intents, ...sessions]
    .filter(({ metadata }) => !known.has(metadata?.paymentId ?? ''))
    .map(({ id, metadata }) => ({
      invariant: 5,
      subject: id,
      found: `is at Stripe with our metadata, and there is no payment ${metadata?.paymentId ?? ''}`,
    }));
}

function rowsWithoutObjects(
  rows: readonly PaymentRow[],
  intents: readonly Stripe.PaymentIntent[],
  sessions: readonly Stripe.Checkout.Session[],
): Finding[] {
  const ids = new Set([...intents, ...sessions].map(({ id }) => id));
  return rows.flatMap(({ paymentId, intentId, sessionId }) =>
    [intentId, sessionId]
      .filter((id) => id !== null && !ids.has(id))
      .map((id) => ({ invariant: 5, subject: paymentId, found: `its object ${id} is not at Stripe` })),
  );
}

function contradictions(
  row: PaymentRow,
  intents: readonly Stripe.PaymentIntent[],
  refunds: readonly Stripe.Refund[],
): Finding[] {
  const subject = row.paymentId;
  const intent = intents.find(({ id }) => id === row.intentId);
  if (!intent) return [];
  const findings: Finding[] = [];
  const note = (invariant: number, found: string) => findings.push({ invariant, subject, found });
  if (!FITTING[row.status]?.includes(intent.status)) note(5, `is ${row.status}, and ${intent.status} at Stripe`);
  if (intent.currency !== row.currency) note(1, `is in ${row.currency}, and in ${intent.currency} at Stripe`);
  if (
    intent.status === 'requires_capture' &&
    row.status === 'Authorized' &&
    intent.amount_capturable !== row.authorized
  )
    note(3, `reserves ${row.authorized}, and ${intent.amount_capturable} at Stripe`);
  if (intent.amount_received !== row.captured && row.status !== 'Capturing')
    note(2, `captured ${row.captured}, and ${intent.amount_received} at Stripe`);
  if (row.orderStatus === 'Canceled' && isHeld(intent.status))
    note(9, `its order is cancelled, and ${intent.status} at Stripe`);
  const refunded = refunds
    .filter((refund) => idOf(refund.payment_intent) === intent.id && refund.status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount, 0);
  // Stripe may show what was released, of a part or of all, as a refund too.
  const released = intent.amount - intent.amount_received;
  if (intent.status === 'succeeded' && refunded !== row.refunded && refunded !== row.refunded + released)
    note(1, `refunded ${row.refunded}, and ${refunded} at Stripe`);
  return findings;
}

/**
 * What a payment does not stand for holds nothing, whatever became of its order; and once the payment is over, nothing of
 * it can be paid any more.
 */
function besideTheBooks(
  rows: readonly PaymentRow[],
  intents: readonly Stripe.PaymentIntent[],
  sessions: readonly Stripe.Checkout.Session[],
): Finding[] {
  const byId = new Map(rows.map((row) => [row.paymentId, row]));
  const rowOf = ({ metadata }: { metadata: Stripe.Metadata | null }) => byId.get(metadata?.paymentId ?? '');
  const isOver = (row?: PaymentRow) => FITTING[row?.status ?? '']?.every((status) => status === 'canceled') ?? false;
  const beside = intents
    .map((intent) => ({ intent, row: rowOf(intent) }))
    .filter(({ intent, row }) => row && intent.id !== row.intentId)
    .filter(({ intent, row }) => isHeld(intent.status) || (isOver(row) && PAYABLE.includes(intent.status)))
    .map(({ intent: { id, status }, row }) => ({
      invariant: 4,
      subject: row?.paymentId ?? '',
      found: `the intent ${id} is ${status} beside its own`,
    }));
  const pages = sessions
    .map((page) => ({ page, row: rowOf(page) }))
    .filter(({ page, row }) => page.status === 'open' && isOver(row))
    .map(({ page, row }) => ({
      invariant: 5,
      subject: row?.paymentId ?? '',
      found: `is ${row?.status}, and its page ${page.id} is open at Stripe`,
    }));
  return [...beside, ...pages];
}

/** At most one payable object per order, at most one authorised; an open page and its intent are one. */
function payableTwice(
  intents: readonly Stripe.PaymentIntent[],
  sessions: readonly Stripe.Checkout.Session[],
): Finding[] {
  const open = sessions.filter(({ status }) => status === 'open');
  const ofOpen = new Set(open.map(({ payment_intent }) => idOf(payment_intent)));
  const alone = intents.filter(({ id, status }) => (PAYABLE.includes(status) || isHeld(status)) && !ofOpen.has(id));
  const byOrder = Map.groupBy([...open, ...alone], ({ metadata }) => metadata?.orderNumber ?? '');
  return [...byOrder]
    .filter(([, objects]) => objects.length > 1)
    .map(([subject, objects]) => ({
      invariant: 4,
      subject,
      found: `${objects.length} objects can be paid or are reserved at Stripe: ${objects.map(({ id }) => id).join(', ')}`,
    }));
}

function isHeld(status: Stripe.PaymentIntent.Status): boolean {
  return status === 'requires_capture';
}

function idOf(reference: string | { id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}
