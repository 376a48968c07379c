import type { OrderEntity } from '#orders';
import { formatMoney } from '#platform';
import { html, theirs, type Html } from './console.pages.html.js';
import { badge, layout, type Setting } from './console.pages.layout.js';
import { orderLink } from './console.pages.stuck.js';
import { OPERATOR_LIMITS, utc } from '#operators';

const HOW_TO_FIND = html`<p>
  An order is found by its whole number, the number of an item, the partner’s reference, the id of an account, a
  partner, a payment or a refund, or the id of an intent, session, refund or dispute at Stripe.
</p>`;

/** GET /console/orders: the orders that a text names, or the newest of all. */
export function searchPage(setting: Setting, text: string, orders: readonly OrderEntity[]): string {
  const isCut = orders.length >= OPERATOR_LIMITS.search;
  const isSearch = text !== '';
  const title = !isSearch ? 'The newest orders' : orders.length === 0 ? 'No order found' : 'Orders found';
  const body = html`<h1>${title}</h1>
    ${isSearch && html`<p>${orders.length === 0 ? 'Nothing is named' : `${orders.length} named`} “${theirs(text)}”.</p>`}
    ${
      orders.length > 0 &&
      html`<div class="card">
        <ul class="rows">
          ${orders.map(found)}
        </ul>
      </div>`
    }
    ${orders.length === 0 && (isSearch ? HOW_TO_FIND : html`<p>There is none yet.</p>`)}
    ${isCut && html`<p class="quiet">These are the newest ${OPERATOR_LIMITS.search}; older ones are not shown.</p>`}`;
  return layout(setting, { title, body, here: '/console/orders', searched: text });
}

function found(order: OrderEntity): Html {
  const { orderNumber, status, payment, totalAmount, currency, partnerId, externalReference, updatedAt } = order;
  return html`<li>
    <div class="line">
      <strong>${orderLink(orderNumber)}</strong> ${badge(status)}
      ${payment !== null && html`<span class="of">payment ${payment.status}</span>`}
      <span class="amount end">${formatMoney(totalAmount, currency)}</span>
    </div>
    <div class="line of">
      <span>partner ${partnerId}</span> ${externalReference !== null && html`<span>${theirs(externalReference)}</span>`}
      <span class="end">changed ${utc(updatedAt)}</span>
    </div>
  </li>`;
}
