import {
  factsOf,
  lastWord,
  moneyOf,
  moneyOfOrder,
  moneySentence,
  needsSettlement,
  utc,
  visible,
  type Money,
  type MoneyPlace,
  type OrderFile,
  type StuckThing,
} from '#operators';
import { formatMoney } from '#platform';
import { SETTLEMENTS } from '#cases';

type Payment = OrderFile['payments'][number];
type Item = OrderFile['order']['items'][number];
type Told = OrderFile['notifications'][number];

/** What waits for a person, one paragraph each. */
export function printStuck(things: readonly StuckThing[]): string {
  if (things.length === 0) return 'Nothing needs a person.';
  const count = `${things.length} ${things.length === 1 ? 'thing needs' : 'things need'} a person, the longest waiting first`;
  return [count, ...things.map(stuckText)].join('\n\n');
}

/** An order as a person wants it: what it is, where its money is, what was tried, what happened, what is to be done. */
export function printFile(file: OrderFile): string {
  const { order, payments, refunds, disputes, notifications, timeline, stuck, cut } = file;
  const money = moneyOfOrder(order, payments, refunds);
  const head = [
    `Order ${order.orderNumber}  ${order.status}  ${formatMoney(order.totalAmount, order.currency)}`,
    `  partner ${order.partnerId}  account ${order.accountId}`,
    ...(order.externalReference === null ? [] : [`  reference ${visible(order.externalReference)}`]),
    `  created ${utc(order.createdAt)}  changed ${utc(order.updatedAt)}`,
  ];
  return [
    head,
    ['Where its money is', ...bar(money), `  ${moneySentence(money)}`],
    ['Items', ...(order.items.length === 0 ? ['  none'] : order.items.flatMap((item) => itemLines(item, file)))],
    ...payments.map((payment) => paymentLines(payment, file)),
    section('Refunds', refunds.map(refundLine)),
    section('Disputes', disputes.map(disputeLine)),
    ['Timeline', ...timeline.map((line) => timelineLine(line, order.currency))],
    section('Notifications to the partner', notifications.map(toldLine)),
    section('Needs a person', stuck.map(stuckText)),
    cut.length > 0 ? [`Of ${cut.join(', ')} only the newest are shown.`] : [],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

/** One sign per place; what it stands for is in the sentence below, in the same order. */
const SIGNS: Readonly<Record<MoneyPlace, string>> = {
  ...{ kept: '#', disputed: '!', refunding: '~', refunded: '<', reserved: '=', releasing: '-' },
  ...{ released: '.', lapsed: 'x', awaited: '?', never: '_' },
};
const BAR_WIDTH = 40;

function bar({ whole, parts }: Money): string[] {
  if (whole === 0) return [];
  const signs = parts.map(({ place, amount }) =>
    SIGNS[place].repeat(Math.max(1, Math.round((amount / whole) * BAR_WIDTH))),
  );
  return [`  [${signs.join('')}]`];
}

function itemLines(
  { orderItemNumber, status, quantity, name, totalAmount, ...item }: Item,
  { order }: OrderFile,
): string[] {
  const money = formatMoney(totalAmount, order.currency);
  const asked = item.fulfillmentAttempts > 0 ? `, asked ${item.fulfillmentAttempts}×` : '';
  return [
    `  ${orderItemNumber}  ${status.padEnd(9)}  ${quantity} × ${visible(name)}  ${money}  by ${item.fulfiller}${asked}`,
    ...(item.statusText === null ? [] : [`    ${visible(item.statusText)}`]),
  ];
}

function paymentLines(payment: Payment, { payments, refunds }: OrderFile): string[] {
  const { paymentId, status, procedure, paymentIntentId, checkoutSessionId, operationAttempt, updatedAt } = payment;
  const ids = [checkoutSessionId, paymentIntentId].filter((id) => id !== null);
  const which = `${payments.indexOf(payment) + 1} of ${payments.length}`;
  return [
    `Payment ${which}: ${paymentId}  ${status}  ${procedure === 'none' ? 'nothing to pay' : `by ${procedure}`}`,
    `  ${moneySentence(moneyOf(payment, refunds))}`,
    `  at Stripe: ${ids.length > 0 ? ids.join(', ') : 'nothing'}`,
    `  begun ${utc(payment.createdAt)}  changed ${utc(updatedAt)}  attempt in its key at Stripe: ${operationAttempt}`,
    ...(payment.authorizationExpiresAt ? [`  reserved until ${utc(payment.authorizationExpiresAt)}`] : []),
    ...(payment.declineCode === null ? [] : [`  declined: ${payment.declineCode}`]),
    ...(payment.failure ? [`  refused: ${payment.failure.code}: ${visible(payment.failure.message)}`] : []),
    ...(payment.releaseReason === null ? [] : [`  released because: ${payment.releaseReason}`]),
  ];
}

function refundLine(refund: OrderFile['refunds'][number]): string {
  const { refundId, status, amount, currency, stripeRefundId, reason, failure, createdAt } = refund;
  const why = [reason, failure && `${failure.code}: ${failure.message}`].filter((text) => text !== null);
  return `  ${utc(createdAt)}  ${status.padEnd(9)}  ${formatMoney(amount, currency)}  ${refundId}  ${stripeRefundId ?? ''}  ${visible(why.join('; '))}`.trimEnd();
}

function disputeLine({
  disputeId,
  status,
  amount,
  currency,
  reason,
  createdAt,
}: OrderFile['disputes'][number]): string {
  return `  ${utc(createdAt)}  ${status.padEnd(9)}  ${formatMoney(amount, currency)}  ${disputeId}  ${reason}`;
}

function timelineLine({ at, type, actor, from, to, detail }: OrderFile['timeline'][number], currency: string): string {
  const move = to ? [from, to].filter(Boolean).join(' → ') : '';
  const facts = factsOf(detail, currency).filter(([name]) => name !== 'payment id' && name !== 'procedure');
  const told = facts.map(([name, value]) => `${name} ${visible(value)}`).join(', ');
  return `  ${utc(at)}  ${type.padEnd(28)} ${actor.padEnd(9)} ${move}  ${told}`.trimEnd();
}

function toldLine(told: Told): string {
  const { createdAt, type, status, isHeld, attempts, lastAttempt, dueAt, endpointId } = told;
  const last = lastAttempt ? `${attempts} tried, last: ${lastWord(told)}` : 'not tried yet';
  const next = isHeld ? 'waits until its endpoint is enabled' : status === 'Pending' ? `next ${utc(dueAt)}` : '';
  return `  ${utc(createdAt)}  ${type.padEnd(28)} ${status.padEnd(9)}  ${visible(last)}  ${next}  to ${endpointId}`;
}

function stuckText({ source, id, kind, subject, orderNumber, since, reason, nextStep }: StuckThing): string {
  const order = orderNumber !== undefined && orderNumber !== subject ? `  order ${orderNumber}` : '';
  return [
    `${kind}  ${visible(subject)}${order}  since ${utc(since)}  (${source} ${id})`,
    `  ${visible(reason)}`,
    `  Next: ${visible(nextStep)}${COMMANDS[source](id, kind)}`,
  ].join('\n');
}

/** What is typed when the step was done. */
const COMMANDS: Readonly<Record<StuckThing['source'], (id: string, kind: string) => string>> = {
  case: (id, kind) =>
    `\n  Then: npm run orders -- close ${id}${needsSettlement(kind) ? ` --settlement ${SETTLEMENTS.join('|')}` : ''}`,
  job: (id) => `\n  Then: npm run orders -- replay ${id}`,
  event: () => '',
  endpoint: () => '',
};
