/** The card form. It confirms the payment with Stripe, and leaves every judgement about the order to the next page. */
import { SaveTick } from './save-tick.js';

const step = /** @type {HTMLElement} */ (document.querySelector('#card-step'));
const form = /** @type {HTMLFormElement} */ (step.querySelector('#card-form'));
const payButton = /** @type {HTMLButtonElement} */ (form.querySelector('button[type=submit]'));
const bankButton = /** @type {HTMLButtonElement} */ (step.querySelector('#confirm-at-bank'));
const { clientSecret = '', publishableKey = '', statusPath = '', savePath = '' } = form.dataset;

/** @type {Record<string, string>} */
const SHOWN = { form: 'card-form', bank: 'at-the-bank' };

let busy = false;

/** @param {boolean} now */
function setBusy(now) {
  busy = now;
  if (!now) payButton.disabled = false;
  payButton.setAttribute('aria-disabled', String(now));
  bankButton.setAttribute('aria-disabled', String(now));
  payButton.textContent = now ? 'One moment …' : (payButton.dataset.label ?? '');
}

/** @param {string} text beside the button that can be pressed next */
function say(text) {
  for (const message of step.querySelectorAll('.message')) {
    message.textContent = message.closest(`#${SHOWN[step.dataset.shows ?? '']}`) ? text : '';
  }
}

/** @param {'form' | 'bank'} which the customer is to go on with */
function turnTo(which) {
  step.dataset.shows = which;
}

/**
 * One attempt at a time: a second click while one is under way does nothing.
 * @param {SaveTick} tick
 * @param {() => Promise<{error?: StripeError} | 'not yet'>} attempt
 */
async function pay(tick, attempt) {
  if (busy) return;
  setBusy(true);
  tick.hold();
  say('');
  const outcome = await attempt();
  if (outcome !== 'not yet') {
    const { error } = outcome;
    // Paid before, perhaps in another tab, or given up there: the order's page knows where it is.
    const over = error?.payment_intent && !canBePaid(error.payment_intent);
    if (error === undefined || over) return location.assign(statusPath);
    complain(error);
  }
  await tick.show();
  setBusy(false);
}

/** @param {StripeError} error */
function complain(error) {
  if (error.payment_intent) turnTo(error.payment_intent.status === 'requires_action' ? 'bank' : 'form');
  // What is wrong with a field stands beside the field.
  if (error.type === 'validation_error') return;
  const refused = error.type === 'card_error' || error.code === 'payment_intent_authentication_failure';
  const reassurance = refused ? ' Nothing has been charged. Please try another card.' : '';
  say(`${error.message ?? 'The payment did not succeed.'}${reassurance}`);
}

/** @param {StripePaymentIntent} intent */
function canBePaid({ status }) {
  return ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(status);
}

if (window.Stripe) {
  const stripe = window.Stripe(publishableKey);
  const elements = stripe.elements({ clientSecret });
  const read = async () => (await stripe.retrievePaymentIntent(clientSecret)).paymentIntent;
  const tick = new SaveTick(savePath, read, () => elements.fetchUpdates());
  const element = elements.create('payment');
  element.on('ready', () => setBusy(false));
  element.mount('#card-fields');

  const confirmParams = { return_url: new URL(statusPath, location.href).href };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void pay(tick, async () =>
      (await tick.settled()) ? stripe.confirmPayment({ elements, confirmParams }) : 'not yet',
    );
  });
  bankButton.addEventListener('click', () => void pay(tick, () => stripe.handleNextAction({ clientSecret })));
  step.querySelector('#another-card')?.addEventListener('click', () => turnTo('form'));

  await tick.show();
  const intent = await read();
  // The bank was asked, and the customer was gone before it had an answer.
  if (intent?.status === 'requires_action') turnTo('bank');
  if (intent && !canBePaid(intent)) location.assign(statusPath);
} else {
  say('The card form could not be loaded. Please reload this page, or pay another way.');
}
