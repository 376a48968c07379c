import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import { offersToSave } from '../checkout/sessions.lifecycle.js';
import { cardByNumber } from '../payments/cards.js';
import { formatAmount } from '../payments/currencies.js';
import type { PaymentMethodRecord } from '../payments/payment-methods.js';
import type { World } from '../world.js';
import type { CheckoutForm, Field, FieldErrors } from './checkout.form.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { savedMethodsOf } from './saved-methods.js';

/** The hosted payment page. It works without JavaScript. */
export function checkoutPage(
  world: World,
  session: CheckoutSessionRecord,
  form: CheckoutForm,
  errors: FieldErrors,
): string {
  const total = formatAmount(session.amount_total, session.currency);
  const free = session.amount_total === 0;
  return layout(
    `Pay ${total}`,
    html`<h1>Pay ${total}</h1>
      ${lineItems(session)}
      <form class="card" method="post" action="/c/pay/${session.id}" novalidate style="margin-top:1.5rem">
        ${free ? html`<p>Nothing to pay.</p>` : payment(world, session, form, errors)}
        <button class="main full" type="submit" data-testid="pay">${free ? 'Complete' : `Pay ${total}`}</button>
      </form>
      ${session.cancel_url !== null && html`<p><a class="button full" data-testid="back" href="${session.cancel_url}">Back</a></p>`}
      <p class="quiet">Test card: 4242 4242 4242 4242, any future date, any code.</p>`,
  );
}

function lineItems(session: CheckoutSessionRecord): Html {
  const rows = session.line_items.map(
    (item) =>
      html`<tr>
        <td>${item.name}${item.quantity > 1 && html` <span class="quiet">× ${item.quantity}</span>`}</td>
        <td class="amount">${formatAmount(item.unit_amount * item.quantity, session.currency)}</td>
      </tr>`,
  );
  return html`<table class="card">
    <thead>
      <tr>
        <th scope="col">Item</th>
        <th scope="col" class="amount">Amount</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
    <tfoot>
      <tr>
        <td>Total</td>
        <td class="amount" data-testid="total">${formatAmount(session.amount_total, session.currency)}</td>
      </tr>
    </tfoot>
  </table>`;
}

function payment(world: World, session: CheckoutSessionRecord, form: CheckoutForm, errors: FieldErrors): Html {
  const saved = savedMethodsOf(world, session);
  const email = world.store.customers.get(session.customer ?? '')?.email ?? session.customer_email;
  return html`${saved.length > 0 && savedCards(saved, form)}
    ${
      email === null
        ? textField({ name: 'email', label: 'Email', value: form.email, autocomplete: 'email', type: 'email' })
        : html`<p class="quiet">${email}</p>`
    }
    ${textField({ name: 'cardNumber', label: 'Card number', value: form.cardNumber, autocomplete: 'cc-number', numeric: true }, errors)}
    <div class="pair">
      <div>
        ${textField({ name: 'cardExpiry', label: 'Expiration (MM / YY)', value: form.cardExpiry, autocomplete: 'cc-exp', numeric: true }, errors)}
      </div>
      <div>
        ${textField({ name: 'cardCvc', label: 'Security code', value: '', autocomplete: 'cc-csc', numeric: true }, errors)}
      </div>
    </div>
    ${textField({ name: 'billingName', label: 'Name on card', value: form.billingName, autocomplete: 'cc-name' })}
    ${offersToSave(session) && session.payment_intent_data.setup_future_usage === null && saveBox(form)}`;
}

function saveBox(form: CheckoutForm): Html {
  return html`<label class="inline"
    ><input type="checkbox" name="save" value="yes" data-testid="save" ${form.save ? 'checked' : ''} /> Save this card
    for later</label
  >`;
}

function savedCards(saved: readonly PaymentMethodRecord[], form: CheckoutForm): Html {
  const chosen = form.paymentMethod === '' ? saved[0]?.id : form.paymentMethod;
  const choices = saved.map((method) => {
    const { brand } = cardByNumber(method.card_number);
    const expiry = `${String(method.exp_month).padStart(2, '0')} / ${method.exp_year}`;
    return radio(method.id, chosen, `${brand} ending in ${method.card_number.slice(-4)}, expires ${expiry}`);
  });
  return html`<fieldset>
    <legend>Pay with</legend>
    ${choices}${radio('new', chosen, 'Another card, below')}
  </fieldset>`;
}

function radio(value: string, chosen: string | undefined, label: string): Html {
  return html`<label class="inline"
    ><input type="radio" name="paymentMethod" value="${value}" ${value === chosen ? 'checked' : ''} /> ${label}</label
  >`;
}

interface TextField {
  readonly name: Field | 'billingName' | 'email';
  readonly label: string;
  readonly value: string;
  readonly autocomplete: string;
  readonly type?: string;
  readonly numeric?: boolean;
}

/** A labelled input; its error is read out with it and announced when it appears. */
function textField(field: TextField, errors: Readonly<Record<string, string | undefined>> = {}): Html {
  const error = errors[field.name];
  return html`<label for="${field.name}">${field.label}</label>
    <input
      id="${field.name}"
      name="${field.name}"
      type="${field.type ?? 'text'}"
      value="${field.value}"
      autocomplete="${field.autocomplete}"
      ${field.numeric === true && html`inputmode="numeric"`}
      ${error !== undefined && html`aria-invalid="true" aria-describedby="${field.name}-error"`}
    />
    ${error !== undefined && html`<p class="error" id="${field.name}-error" role="alert" data-testid="${field.name}-error">${error}</p>`}`;
}
