import type { DisputeRecord } from '../payments/dispute.record.js';
import type { RefundRecord } from '../payments/refunds.js';
import type { World } from '../world.js';
import { badge, button, code, latest, row, table } from './dashboard.parts.js';
import { html, type Html } from './html.js';
import { money } from './money.js';

/** What became of money after it was taken: refunds and disputes, with what a bank may still do to them. */
export function refundsPart({ store: { refunds } }: World): Html {
  const rows = latest(refunds.walk(refunds.lastPosition, -1)).map((refund) =>
    row(code(refund.id), badge(refund.status), amountOf(refund), code(refund.payment_intent), settling(refund)),
  );
  return table('refunds', 'Refunds', ['Id', 'Status', 'Amount', 'Payment intent', 'Do'], rows);
}

export function disputesPart({ store: { disputes } }: World): Html {
  const rows = latest(disputes.walk(disputes.lastPosition, -1)).map((dispute) =>
    row(code(dispute.id), badge(dispute.status), amountOf(dispute), code(dispute.payment_intent), closing(dispute)),
  );
  return table('disputes', 'Disputes', ['Id', 'Status', 'Amount', 'Payment intent', 'Do'], rows);
}

function amountOf({ amount, currency }: RefundRecord | DisputeRecord): Html {
  return html`<span class="amount">${money(amount, currency)}</span>`;
}

function settling({ id, status }: RefundRecord): Html[] {
  const options = { look: 'slim', about: id } as const;
  const settle = (label: string, outcome: string) =>
    button(label, `refunds/${id}/settle`, { status: outcome }, options);
  if (status === 'pending') return [settle('Succeed', 'succeeded'), settle('Fail', 'failed')];
  return status === 'succeeded' ? [settle('Fail', 'failed')] : [];
}

function closing({ id, status }: DisputeRecord): Html[] {
  const options = { look: 'slim', about: id } as const;
  const close = (label: string, outcome: string) => button(label, `disputes/${id}/close`, { status: outcome }, options);
  if (status === 'won' || status === 'lost' || status === 'warning_closed') return [];
  if (status.startsWith('warning_')) return [close('Close', 'won')];
  return [close('Won', 'won'), close('Lost', 'lost')];
}
