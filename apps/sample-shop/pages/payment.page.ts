import type { InitPaymentAnswer, Order, SavedCard } from '../holdfast.js';
import { money } from '../money.js';
import { cardStep } from './card-step.js';
import { expiryOf, nameOf } from './cards.page.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

interface PaymentView {
  readonly order: Order;
  /** What init payment answered, when a payment is under way. */
  readonly underWay: InitPaymentAnswer | undefined;
  readonly savedCards: readonly SavedCard[];
  readonly stripeJs: string;
  /** Back from Stripe's page without having paid. */
  readonly cameBack: boolean;
}

/** Paying for an order: first how, then, on this page or on Stripe's, with what. */
export function paymentPage(view: PaymentView): string {
  const { order, stripeJs, underWay } = view;
  const withCardForm = underWay?.initPaymentData.clientSecret !== undefined;
  const scripts = html`<script src="${stripeJs}"></script>
    <script src="/browser/pay.js" type="module"></script>`;
  return layout(
    `Pay ${money(order.totalAmount, order.currency)}`,
    html`<h1>Pay for your tickets</h1>
      <p class="lead">Order ${order.orderNumber}</p>
      <div class="columns">
        <section class="panel">${step(view)}</section>
        ${summary(order)}
      </div>`,
    withCardForm ? { scripts } : {},
  );
}

function step({ cameBack, order, savedCards, underWay }: PaymentView): Html {
  if (underWay === undefined) return order.totalAmount === 0 ? free(order) : howToPay(order, savedCards, cameBack);
  if (underWay.initPaymentData.clientSecret === undefined) return onStripesPage(order, underWay, cameBack);
  return html`${cardStep(order, underWay)} ${anotherWay(order)}
  ${underWay.initPaymentData.paymentApiKey?.startsWith('pk_test_') && TEST_CARDS}`;
}

function howToPay(order: Order, savedCards: readonly SavedCard[], cameBack: boolean): Html {
  return html`${
      cameBack &&
      html`<p class="hint" role="status">
        Stripe’s page can no longer be used for this order. Nothing has been charged; please choose again.
      </p>`
    }
    <form method="post" action="/orders/${order.orderNumber}/payment">
      <fieldset>
        <legend>How would you like to pay?</legend>
        ${savedCards.map(savedCard)}
        <label class="choice"
          ><input type="radio" name="how" value="hosted" ${savedCards.length === 0 && html`checked`} />
          <span
            ><strong>On Stripe’s page</strong>
            <span class="quiet">You leave us for a moment, and come back when it is done.</span></span
          ></label
        >
        <label class="choice"
          ><input type="radio" name="how" value="card" />
          <span
            ><strong>With a card, here</strong>
            <span class="quiet">Your card number goes to Stripe directly. We never see it.</span></span
          ></label
        >
      </fieldset>
      <div class="actions"><button class="main full" type="submit" data-testid="continue">Continue</button></div>
    </form>
    ${savedCards.length > 0 && html`<p class="below"><a href="/cards?order=${order.orderNumber}">Manage your saved cards</a></p>`}`;
}

function savedCard(saved: SavedCard, index: number): Html {
  return html`<label class="choice"
    ><input type="radio" name="how" value="${saved.id}" ${index === 0 && html`checked`} />
    <span
      ><strong>${nameOf(saved)}</strong> <span class="quiet">One click. Expires ${expiryOf(saved)}.</span></span
    ></label
  >`;
}

function free(order: Order): Html {
  return html`<h2>Nothing to pay</h2>
    <p>These are on us.</p>
    <form method="post" action="/orders/${order.orderNumber}/payment">
      <button class="main full" type="submit" data-testid="continue">Get them</button>
    </form>`;
}

const TEST_CARDS = html`<p class="quiet hint">
  No real money: 4242 4242 4242 4242 is a good card, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks you to
  confirm. Any date to come, any code.
</p>`;

function onStripesPage(order: Order, { initPaymentData }: InitPaymentAnswer, cameBack: boolean): Html {
  return html`<h2>${cameBack ? 'You came back without paying' : 'You are paying on Stripe’s page'}</h2>
    <p>Nothing has been charged. Your tickets are still here.</p>
    <div class="actions">
      <a class="button main full" href="${initPaymentData.checkoutUrl ?? ''}" data-testid="go-on">Go on to pay</a>
    </div>
    ${anotherWay(order)}`;
}

function anotherWay(order: Order): Html {
  return html`<form method="post" action="/orders/${order.orderNumber}/payment/abandon" class="below">
    <button class="full" type="submit" data-testid="another-way">Pay another way</button>
  </form>`;
}

function summary(order: Order): Html {
  const rows = order.items.map(
    ({ name, quantity, totalAmount }) =>
      html`<tr>
        <td>${quantity} × ${name}</td>
        <td class="sum">${money(totalAmount, order.currency)}</td>
      </tr>`,
  );
  return html`<section class="panel" aria-labelledby="summary">
    <h2 id="summary">Your order</h2>
    <table>
      <thead class="hidden">
        <tr>
          <th scope="col">Ticket</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
      <tfoot>
        <tr>
          <td>Total</td>
          <td class="sum" data-testid="total">${money(order.totalAmount, order.currency)}</td>
        </tr>
      </tfoot>
    </table>
    <p class="quiet">Reserved when you pay. Charged when you have your tickets, and only for those.</p>
  </section>`;
}
