import type { OrderFile, StuckThing } from '#operators';
import { formatMoney } from '#platform';

type Payment = OrderFile['payments'][number];

/** What waits for a person, one paragraph each. */
export function printStuck(things: readonly StuckThing[]): string {
  if (things.length === 0) return 'Nothing needs a person.';
  return things.map(stuckText).join('\n\n');
}

/** An order as a person wants it: what it is, where its money is, what happened. */
export function printFile({ order, payments, timeline, stuck }: OrderFile): string {
  const money = (amount: number) => formatMoney(amount, order.currency);
  const parts = [
    `Order ${order.orderNumber}  ${order.status}  ${money(order.totalAmount)}`,
    `  partner ${order.partnerId}  account ${order.accountId}  ${order.externalReference ?? ''}`.trimEnd(),
    '',
    ...order.items.map(({ orderItemNumber, status, quantity, name, totalAmount, statusText }) =>
      `  ${orderItemNumber}  ${status.padEnd(9)}  ${quantity} × ${name}  ${money(totalAmount)}  ${statusText ?? ''}`.trimEnd(),
    ),
    ...payments.flatMap((payment) => ['', ...paymentLines(payment)]),
    '',
    'Timeline',
    ...timeline.map(({ at, type, actor, from, to, detail }) => {
      const move = to ? `${from ?? '·'} → ${to}` : '';
      return `  ${at.toISOString()}  ${type.padEnd(28)} ${actor.padEnd(9)} ${move}  ${facts(detail)}`.trimEnd();
    }),
    ...(stuck.length > 0 ? ['', 'Needs a person', '', ...stuck.map(stuckText)] : []),
  ];
  return parts.join('\n');
}

function paymentLines(payment: Payment): string[] {
  const money = (amount: number) => formatMoney(amount, payment.currency);
  const { paymentId, status, procedure, paymentIntentId, checkoutSessionId, operationAttempt, updatedAt } = payment;
  const ids = [checkoutSessionId, paymentIntentId].filter((id) => id !== null);
  return [
    `Payment ${paymentId}  ${status}  by ${procedure}`,
    `  asked ${money(payment.amount)}  reserved ${money(payment.amountAuthorized)}  captured ${money(payment.amountCaptured)}  refunded ${money(payment.amountRefunded)}  disputed ${money(payment.amountDisputed)}`,
    `  at Stripe: ${ids.length > 0 ? ids.join(', ') : 'nothing'}  attempt ${operationAttempt}  changed ${updatedAt.toISOString()}`,
    ...(payment.authorizationExpiresAt ? [`  reserved until ${payment.authorizationExpiresAt.toISOString()}`] : []),
    ...(payment.declineCode === null ? [] : [`  declined: ${payment.declineCode}`]),
    ...(payment.failure ? [`  refused: ${payment.failure.code}: ${payment.failure.message}`] : []),
  ];
}

function stuckText({ source, id, kind, subject, since, reason, nextStep }: StuckThing): string {
  return [
    `${kind}  ${subject}  since ${since.toISOString()}  (${source} ${id})`,
    `  ${reason}`,
    `  Next: ${nextStep}`,
  ].join('\n');
}

function facts(detail: object | undefined): string {
  return Object.entries(detail ?? {})
    .filter(([name]) => name !== 'paymentId')
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}
