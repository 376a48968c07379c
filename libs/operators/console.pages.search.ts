import type { OrderEntity } from '#orders';
import { formatMoney } from '#platform';
import { html, theirs, type Html } from './console.pages.html.js';
import { badge, layout, type Setting } from './console.pages.layout.js';
import { orderLink } from './console.pages.stuck.js';
import { OPERATOR_LIMITS } from './operators.limits.js';
import { utc } from './operators.text.js';

/** GET /console/orders: the orders that a text names, or the newest of all. */
export function searchPage(setting: Setting, text: string, orders: readonly OrderEntity[]): string {
  const isCut = orders.length >= OPERATOR_LIMITS.search;
  const title = text === '' ? 'The newest orders' : 'Orders found';
  const body = html`<h1>${title}</h1>
    ${text !== '' && html`<p>${orders.length === 0 ? 'Nothing is named' : `${orders.length} named`} “${theirs(text)}”.</p>`}
    ${
      orders.length === 0
        ? html`<p>
            An order is found by the whole of its number, the number of an item, your reference, or the id of an
            account, a partner, a payment, a refund, or of an intent, session, refund or dispute at Stripe.
          </p>`
        : html`<div class="card">
            <ul class="rows">
              ${orders.map(found)}
            </ul>
          </div>`
    }
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
