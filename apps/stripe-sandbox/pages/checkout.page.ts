import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import { offersToSave } from '../checkout/sessions.lifecycle.js';
import { BRANDS, brandNameOf } from '../payments/cards.js';
import { challengeUrl } from '../payments/payment-intents.present.js';
import type { PaymentMethodRecord } from '../payments/payment-methods.js';
import type { World } from '../world.js';
import { FIELD_NAMES, usesNewCard, type CheckoutForm, type Field, type FieldErrors } from './checkout.form.js';
import { CHECKOUT_SCRIPT } from './checkout.script.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';
import { money } from './money.js';
import { savedMethodsOf } from './saved-methods.js';

/** The hosted payment page. It works without JavaScript. */
export function checkoutPage(
  world: World,
  session: CheckoutSessionRecord,
  form: CheckoutForm,
  errors: FieldErrors,
): string {
  const total = money(session.amount_total, session.currency);
  const free = session.amount_total === 0;
  const wrong = FIELD_NAMES.some((name) => errors[name] !== undefined);
  return layout(
    `${wrong ? 'Error: ' : ''}Pay ${total}`,
    html`${summary(session, total)}
      <section class="paying" aria-labelledby="pay-heading">
        <form
          class="card"
          method="post"
          action="/c/pay/${session.id}"
          novalidate
          data-brands="${JSON.stringify(BRANDS.map(({ name, pattern }) => [name, pattern.source]))}"
        >
          <h2 id="pay-heading">${free ? 'Nothing to pay' : 'Payment details'}</h2>
          ${unanswered(world, session)} ${!free && payment(world, session, form, errors)}
          <button class="main full" type="submit" data-testid="pay">${free ? 'Complete' : `Pay ${total}`}</button>
          <p class="quiet small">${whatHappens(session)}</p>
        </form>
        ${testCards()}
      </section>
      ${CHECKOUT_SCRIPT}`,
    'checkout',
  );
}

/** The customer left the bank's page, and may go back to it or pay otherwise. */
function unanswered(world: World, session: CheckoutSessionRecord): Html | false {
  const intent = world.store.paymentIntents.get(session.payment_intent ?? '');
  if (intent?.status !== 'requires_action') return false;
  return html`<p class="problem" data-testid="unanswered">
      Your bank still waits for your answer. <a href="${challengeUrl(world, intent)}">Answer it</a>, or pay in another
      way.
    </p>
    <input type="hidden" name="insteadOf" value="${intent.payment_method}" />`;
}

function summary(session: CheckoutSessionRecord, total: string): Html {
  const rows = session.line_items.map(
    (item) =>
      html`<li>
        <span>
          ${item.name}
          ${
            item.quantity > 1 &&
            html`<br /><span class="quiet small">${item.quantity} × ${money(item.unit_amount, session.currency)}</span>`
          }
        </span>
        <span class="amount">${money(item.unit_amount * item.quantity, session.currency)}</span>
      </li>`,
  );
  return html`<section class="summary" aria-labelledby="total-heading">
    ${session.cancel_url !== null && html`<a class="back" data-testid="back" href="${session.cancel_url}"><span aria-hidden="true">←&nbsp;</span>Back</a>`}
    <h1 id="total-heading">
      <span class="quiet">Pay</span>
      <span class="total">${total}</span>
    </h1>
    <ul class="items">
      ${rows}
    </ul>
    <div class="sum"><span>Total due</span><span class="amount" data-testid="total">${total}</span></div>
  </section>`;
}

/** The one idea of manual capture, told to the customer. */
function whatHappens(session: CheckoutSessionRecord): string {
  if (session.amount_total === 0) return 'No card is needed.';
  return session.payment_intent_data.capture_method === 'manual'
    ? 'The amount is reserved on your card now. You are charged later, and only for what you get.'
    : 'Your card is charged now.';
}

function testCards(): Html {
  const cards = [
    ['4242 4242 4242 4242', 'is accepted'],
    ['4000 0027 6000 3184', 'asks for 3-D Secure'],
    ['4000 0000 0000 9995', 'has insufficient funds'],
    ['4000 0000 0000 0002', 'is declined'],
    ['4000 0000 0000 6009', 'is accepted after a minute'],
  ];
  return html`<details class="tests">
    <summary>Test cards</summary>
    <dl class="small">
      ${cards.map(
        ([number, effect]) =>
          html`<dt><code>${number}</code></dt>
            <dd>${effect}</dd>`,
      )}
    </dl>
    <p class="quiet small">Any date to come, any security code.</p>
  </details>`;
}

function payment(world: World, session: CheckoutSessionRecord, form: CheckoutForm, errors: FieldErrors): Html {
  const saved = savedMethodsOf(world, session);
  const email = world.store.customers.get(session.customer ?? '')?.email ?? session.customer_email;
  // A browser shows and reads out the first field that is wrong; a saved card that was declined or removed has no field.
  const first = FIELD_NAMES.find((name) => errors[name] !== undefined);
  const ofSaved = first !== undefined && !usesNewCard(form);
  const text = (field: TextField) =>
    ofSaved
      ? textField(field, undefined)
      : textField({ ...field, focused: field.name === first }, errors[field.name as Field]);
  return html`${ofSaved && html`<p class="problem" role="alert" data-testid="${first}-error">${errors[first]}</p>`}
    ${email !== null && html`<p class="quiet">${email}</p>`} ${saved.length > 0 && savedCards(saved, form)}
    <div class="new-card">
      ${email === null && text({ name: 'email', label: 'Email', value: form.email, autocomplete: 'email', type: 'email' })}
      ${text({
        name: 'cardNumber',
        label: 'Card number',
        value: form.cardNumber,
        autocomplete: 'cc-number',
        numeric: true,
        placeholder: '1234 1234 1234 1234',
        aside: brandNameOf(form.cardNumber),
      })}
      <div class="pair">
        <div>
          ${text({ name: 'cardExpiry', label: 'Expires (MM/YY)', value: form.cardExpiry, autocomplete: 'cc-exp', numeric: true, placeholder: 'MM / YY' })}
        </div>
        <div>
          ${text({ name: 'cardCvc', label: 'Security code', value: '', autocomplete: 'cc-csc', numeric: true, placeholder: 'CVC' })}
        </div>
      </div>
      ${text({ name: 'billingName', label: 'Name on card', value: form.billingName, autocomplete: 'cc-name' })}
      ${offersToSave(session) && session.payment_intent_data.setup_future_usage === null && saveBox(form)}
    </div>`;
}

function saveBox(form: CheckoutForm): Html {
  return html`<label class="inline box"
    ><input type="checkbox" name="save" value="yes" data-testid="save" ${form.save ? 'checked' : ''} /> Save this card
    for later</label
  >`;
}

function savedCards(saved: readonly PaymentMethodRecord[], form: CheckoutForm): Html {
  const typed = form.cardNumber !== '' ? 'new' : form.paymentMethod;
  const there = saved.some(({ id }) => id === typed);
  const chosen = typed === '' ? saved[0]?.id : there ? typed : 'new';
  const choices = saved.map((method) => {
    const expiry = `${String(method.exp_month).padStart(2, '0')}/${method.exp_year % 100}`;
    const name = brandNameOf(method.card_number) || 'Card';
    return radio(
      method.id,
      chosen,
      html`${name} ending in ${method.card_number.slice(-4)}, <span class="quiet nowrap">expires ${expiry}</span>`,
    );
  });
  return html`<fieldset>
    <legend>Pay with</legend>
    <div class="choices">${choices}${radio('new', chosen, html`Another card`)}</div>
  </fieldset>`;
}

function radio(value: string, chosen: string | undefined, label: Html): Html {
  return html`<label class="inline"
    ><input type="radio" name="paymentMethod" value="${value}" ${value === chosen ? 'checked' : ''} />
    <span>${label}</span></label
  >`;
}

interface TextField {
  readonly name: Field | 'billingName' | 'email';
  readonly label: string;
  readonly value: string;
  readonly autocomplete: string;
  readonly type?: string;
  readonly numeric?: boolean;
  readonly placeholder?: string;
  /** Said beside the label, and changed as one types. */
  readonly aside?: string;
  readonly focused?: boolean;
}

/** A labelled input; its error is read out with it. */
function textField(field: TextField, error: string | undefined): Html {
  const { name } = field;
  const described = [field.aside !== undefined && `${name}-brand`, error !== undefined && `${name}-error`];
  const describedBy = described.filter((id) => id !== false).join(' ');
  return html`<div class="labelled">
      <label for="${name}">${field.label}</label>
      ${field.aside !== undefined && html`<span class="brand" id="${name}-brand" aria-live="polite">${field.aside}</span>`}
    </div>
    <input
      id="${name}"
      name="${name}"
      type="${field.type ?? 'text'}"
      value="${field.value}"
      autocomplete="${field.autocomplete}"
      ${field.numeric === true && html`inputmode="numeric"`}
      ${field.placeholder !== undefined && html`placeholder="${field.placeholder}"`}
      ${describedBy !== '' && html`aria-describedby="${describedBy}"`}
      ${error !== undefined && html`aria-invalid="true"`}
      ${field.focused === true && html`autofocus`}
    />
    ${error !== undefined && html`<p class="error" id="${name}-error" data-testid="${name}-error">${error}</p>`}`;
}
