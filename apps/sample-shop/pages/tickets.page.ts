import { CURRENCY, MOST_OF_ONE, TICKETS, type Choice, type Ticket } from '../catalogue.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';
import { artOf } from './art.js';
import { layout } from './layout.js';

/** Choosing tickets. The prices that are shown are for reading; those that count are the server's. */
export function ticketsPage({ cart, quantities, wrong }: Choice, fault: string | undefined): string {
  return layout(
    'Tickets',
    html`<h1>What would you like to see?</h1>
      <p class="lead">We reserve the price on your card, and charge you only for the tickets that you get.</p>
      <form method="post" action="/orders" novalidate>
        <input type="hidden" name="cart" value="${cart}" />
        <ul class="tickets">
          ${TICKETS.map((each) => ticket(each, quantities.get(each.sku) ?? '', wrong.includes(each.sku)))}
        </ul>
        <p class="wrong" role="alert">${fault}</p>
        <div class="actions"><button class="main" type="submit" data-testid="order">Continue to payment</button></div>
      </form>`,
    { current: 'tickets' },
  );
}

function ticket({ sku, name, about, price }: Ticket, quantity: string, wrong: boolean): Html {
  return html`<li class="ticket">
    ${artOf(sku)}
    <div>
      <h2 id="${sku}-name">${name}</h2>
      <p class="quiet">${about}</p>
    </div>
    <span class="price">${price === 0 ? 'Free' : money(price, CURRENCY)}</span>
    <div>
      <label for="${sku}">Quantity<span class="hidden"> of ${name}</span></label>
      <input
        id="${sku}"
        name="${sku}"
        type="number"
        inputmode="numeric"
        min="0"
        max="${MOST_OF_ONE}"
        value="${quantity || '0'}"
        ${wrong && html`aria-invalid="true" aria-describedby="${sku}-wrong"`}
      />
    </div>
    ${wrong && html`<p id="${sku}-wrong" class="wrong">Please enter a number from 0 to ${MOST_OF_ONE}.</p>`}
  </li>`;
}
