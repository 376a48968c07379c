import type { Order } from '../holdfast.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { headlineOf, whenOf } from './words.js';

/** A customer's own orders, newest first. @param older leads on to those before them */
export function ordersPage(orders: readonly Order[], older: string | null): string {
  return layout(
    'Your orders',
    html`<h1>Your orders</h1>
      ${
        orders.length === 0
          ? html`<section class="panel">
              <p>You have not ordered anything yet.</p>
              <div class="actions"><a class="button main" href="/">Choose tickets</a></div>
            </section>`
          : html`<ul class="panel rows">
              ${orders.map(row)}
            </ul>`
      }
      ${older !== null && html`<p class="actions"><a class="button" href="/orders?cursor=${older}">Older orders</a></p>`}`,
    { current: 'orders' },
  );
}

function row(order: Order): Html {
  const { title, tone } = headlineOf(order);
  const names = order.items.map(({ name, quantity }) => `${quantity} × ${name}`).join(', ');
  return html`<li>
    <div>
      <a href="/orders/${order.orderNumber}">Order ${order.orderNumber}</a>
      <span class="quiet">${whenOf(order.createdAt)}</span><br />${names}
    </div>
    <div class="ending">
      <span class="sum">${money(order.totalAmount, order.currency)}</span>
      <span class="badge ${tone}">${title}</span>
    </div>
  </li>`;
}
