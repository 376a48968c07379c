import { randomUUID } from 'node:crypto';
import { money, MOST_OF_ONE, TICKETS, type Ticket } from '../catalogue.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

/** Choosing tickets. The prices that are shown are for reading; those that count are the server's. */
export function ticketsPage(nothingChosen: boolean): string {
  return layout(
    'Tickets',
    html`<h1>What would you like to see?</h1>
      <p class="lead">We reserve the price on your card, and charge you only for the tickets that you get.</p>
      <form method="post" action="/orders">
        <input type="hidden" name="cart" value="${randomUUID()}" />
        <ul class="tickets">
          ${TICKETS.map(ticket)}
        </ul>
        <p class="wrong" role="alert">${nothingChosen && 'Please choose at least one ticket.'}</p>
        <div class="actions"><button class="main" type="submit" data-testid="order">Continue to payment</button></div>
      </form>`,
  );
}

function ticket({ sku, name, about, price }: Ticket): Html {
  return html`<li class="ticket">
    <div>
      <h2 id="${sku}-name">${name}</h2>
      <p class="quiet">${about}</p>
    </div>
    <span class="price">${price === 0 ? 'Free' : money(price)}</span>
    <div>
      <label for="${sku}">Quantity<span class="hidden"> of ${name}</span></label>
      <input id="${sku}" name="${sku}" type="number" inputmode="numeric" min="0" max="${MOST_OF_ONE}" value="0" />
    </div>
  </li>`;
}
