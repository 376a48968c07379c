import type { SavedCard } from '../holdfast.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

const BRANDS: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
};

export const nameOf = ({ card }: SavedCard) => `${BRANDS[card.brand] ?? card.brand} ending in ${card.last4}`;
export const expiryOf = ({ card }: SavedCard) => `${String(card.expMonth).padStart(2, '0')} / ${card.expYear}`;

/** The cards that a customer has saved. @param orderNumber the order that is being paid for meanwhile, if there is one */
export function cardsPage(cards: readonly SavedCard[], orderNumber: string | undefined): string {
  return layout(
    'Your cards',
    html`<h1>Your cards</h1>
      <p class="lead">A saved card pays with one click. Its number is kept by Stripe, never by us.</p>
      ${
        cards.length === 0
          ? html`<section class="panel">
              <p>No card is saved. When you pay with a card, tick “Save this card for next time”.</p>
              ${orderNumber === undefined && html`<div class="actions"><a class="button main" href="/">Choose tickets</a></div>`}
            </section>`
          : html`<ul class="panel rows">
              ${cards.map((card) => row(card, orderNumber))}
            </ul>`
      }
      ${orderNumber !== undefined && html`<p class="actions"><a class="button" href="/orders/${orderNumber}">Back to your payment</a></p>`}`,
    { current: 'cards' },
  );
}

function row(saved: SavedCard, orderNumber: string | undefined): Html {
  return html`<li>
    <div><strong>${nameOf(saved)}</strong><br /><span class="quiet">Expires ${expiryOf(saved)}</span></div>
    <form method="post" action="/cards/remove">
      <input type="hidden" name="card" value="${saved.id}" />
      <input type="hidden" name="order" value="${orderNumber}" />
      <button type="submit">Remove<span class="hidden"> the ${nameOf(saved)}</span></button>
    </form>
  </li>`;
}
