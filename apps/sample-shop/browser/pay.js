/** The card form. It confirms the payment with Stripe, and leaves every judgement about the order to the next page. */

const form = /** @type {HTMLFormElement} */ (document.querySelector('#card-form'));
const payButton = /** @type {HTMLButtonElement} */ (form.querySelector('button[type=submit]'));
const bankButton = /** @type {HTMLButtonElement | null} */ (document.querySelector('#confirm-at-bank'));
const message = /** @type {HTMLElement} */ (document.querySelector('#card-message'));
const { clientSecret = '', publishableKey = '', statusPath = '' } = form.dataset;

let paying = false;

/** @param {boolean} busy */
function setBusy(busy) {
  paying = busy;
  payButton.setAttribute('aria-disabled', String(busy));
  payButton.textContent = busy ? 'One moment …' : (payButton.dataset.label ?? '');
}

/**
 * One attempt at a time: a second click while one is under way does nothing.
 * @param {() => Promise<{error?: StripeError}>} attempt
 */
async function pay(attempt) {
  if (paying) return;
  setBusy(true);
  message.textContent = '';
  const { error } = await attempt();
  if (error === undefined) return location.assign(statusPath);
  // Confirmed before, perhaps in another tab: the order's page knows where it is.
  const stillToPay = error.payment_intent?.status === 'requires_payment_method';
  if (error.code === 'payment_intent_unexpected_state' && !stillToPay) return location.reload();
  setBusy(false);
  // What is wrong with a field stands beside the field.
  if (error.type === 'validation_error') return;
  const reassurance = error.type === 'card_error' ? ' Nothing has been charged. Please try another card.' : '';
  message.textContent = `${error.message ?? 'The payment did not succeed.'}${reassurance}`;
}

if (window.Stripe) {
  const stripe = window.Stripe(publishableKey);
  const elements = stripe.elements({ clientSecret });
  const element = elements.create('payment');
  element.on('ready', () => setBusy(false));
  element.mount('#card-fields');

  const confirmParams = { return_url: new URL(statusPath, location.href).href };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void pay(() => stripe.confirmPayment({ elements, confirmParams }));
  });
  bankButton?.addEventListener('click', () => void pay(() => stripe.handleNextAction({ clientSecret })));
} else {
  message.textContent = 'The card form could not be loaded. Please reload this page, or pay another way.';
}
