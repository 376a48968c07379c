import type { InitPaymentAnswer, Order } from '../holdfast.js';
import { money } from '../money.js';
import { html, type Html } from './html.js';

/**
 * Paying with a card on this page: the card form or, where a bank waits to hear from the customer, the way to it. Both lie
 * in the same place, so that nothing moves when `pay.js` shows the other.
 */
export function cardStep(order: Order, { initPaymentData, validationMessages }: InitPaymentAnswer): Html {
  const { clientSecret = '', paymentApiKey = '' } = initPaymentData;
  const said = (code: string) => validationMessages.some((message) => message.code === code);
  // What one click came to when it was made. If the bank has refused since, the card form is what is left.
  const asked = said('payment-action-required') && order.payment?.declineCode === undefined;
  return html`<div id="card-step" class="stack" data-shows="${asked ? 'bank' : 'form'}">
    <div id="at-the-bank">
      <h2>Your bank asks you to confirm</h2>
      <p>It reserves the money only when you have. Nothing has been charged.</p>
      <button id="confirm-at-bank" class="main full" type="button" data-testid="confirm-at-bank">
        Confirm with your bank
      </button>
      <button id="another-card" class="full" type="button" data-testid="another-card">Use another card</button>
      <p class="message wrong" role="alert"></p>
    </div>
    <form
      id="card-form"
      data-client-secret="${clientSecret}"
      data-publishable-key="${paymentApiKey}"
      data-status-path="/orders/${order.orderNumber}/status"
      data-save-path="/orders/${order.orderNumber}/payment/save-card"
    >
      <h2>Your card</h2>
      ${said('payment-method-declined') && html`<p class="wrong">Your saved card was declined. Please pay with another.</p>`}
      <div id="card-fields"></div>
      ${saveTick()}
      <p class="message wrong" role="alert" data-testid="card-message"></p>
      ${payButton(order)}
      <noscript><p class="wrong">The card form needs JavaScript. Without it, pay on Stripe’s page.</p></noscript>
    </form>
  </div>`;
}

/** Cannot be set before it is known what Stripe has: the wish may have been made before this page was loaded. */
function saveTick(): Html {
  return html`<label class="tick"
      ><input id="save-card" type="checkbox" autocomplete="off" aria-describedby="save-message" disabled />
      <span>Save this card for next time</span></label
    >
    <p id="save-message" class="quiet" role="status" data-testid="save-message"></p>`;
}

/** Without the script it would send the form to nowhere; `pay.js` sets it free, and then keeps it in the reach of the keyboard. */
function payButton(order: Order): Html {
  const label = `Pay ${money(order.totalAmount, order.currency)}`;
  return html`<button
    id="pay"
    class="main full"
    type="submit"
    disabled
    aria-disabled="true"
    data-label="${label}"
    data-testid="pay"
  >
    ${label}
  </button>`;
}
