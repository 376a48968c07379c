import type { Order } from '../holdfast.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';

/** A payment that is in one of these holds nothing any more: what was not charged has gone back. */
const SETTLED = ['Captured', 'PartiallyCaptured', 'Released', 'Expired', 'Abandoned', 'Failed', 'NotRequired'];

interface Share {
  readonly key: 'captured' | 'disputed' | 'refunded' | 'held' | 'released';
  readonly amount: number;
  readonly words: string;
}

/**
 * Where the money is: all of it was reserved; some is charged, some of that paid back or taken back by the customer's bank,
 * some is held, some released.
 */
export function moneyPicture({ currency, payment, totalAmount }: Order): Html {
  if (totalAmount === 0) return panel(html`<p>There was nothing to pay, and nothing was reserved.</p>`);
  if (payment === null) return html``;
  const { amountAuthorized, amountCaptured, amountRefunded, amountDisputed, status } = payment;
  const settled = SETTLED.includes(status);
  if (amountAuthorized === 0)
    return panel(html`<p>Nothing ${settled ? 'was' : 'is'} reserved${!settled && ' yet'}.</p>`);
  const left = amountAuthorized - amountCaptured;
  const released = settled ? left : 0;
  const held = left - released;
  // What was paid back already the bank can take back once more; it is drawn once.
  const disputed = Math.min(amountDisputed, amountCaptured - amountRefunded);
  const shares: readonly Share[] = [
    { key: 'captured', amount: amountCaptured - amountRefunded - disputed, words: 'charged' },
    { key: 'disputed', amount: disputed, words: 'charged and taken back by your bank' },
    { key: 'refunded', amount: amountRefunded, words: 'charged and paid back' },
    { key: 'held', amount: held, words: 'still reserved' },
    { key: 'released', amount: released, words: 'released' },
  ];
  const shown = shares.filter(({ amount }) => amount > 0);
  const of = (amount: number) => money(amount, currency);
  const words = shown.map(({ amount, words: what }) => `${of(amount)} ${what}`).join(', ');
  return panel(
    html`<div class="bar" role="img" aria-label="Of ${of(amountAuthorized)} reserved: ${words}" data-testid="picture">
        ${shown.map(({ key, amount }) => html`<span class="${key}" data-share="${key}" style="width:${(100 * amount) / amountAuthorized}%"></span>`)}
      </div>
      <dl class="money">
        ${entry('reserved', 'Reserved', of(amountAuthorized))}${entry('captured', 'Charged', of(amountCaptured))}
        ${entry('released', 'Released', of(released))}
        ${amountRefunded > 0 && entry('refunded', 'Paid back', of(amountRefunded))}
        ${amountDisputed > 0 && entry('disputed', 'Taken back by your bank', of(amountDisputed))}
      </dl>`,
  );
}

function panel(body: Html): Html {
  return html`<section class="panel" aria-labelledby="money">
    <h2 id="money">Your money</h2>
    ${body}
  </section>`;
}

function entry(key: string, label: string, amount: string): Html {
  return html`<div class="k-${key}">
    <dt>${label}</dt>
    <dd data-testid="${key}">${amount}</dd>
  </div>`;
}
