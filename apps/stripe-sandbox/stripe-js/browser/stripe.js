/** The object that `Stripe(publishableKey)` gives. Its methods answer as Stripe.js does: `{paymentIntent}` or `{error}`. */
class StripeJs {
  #api;
  #payments;
  #setups;

  /** @param {string} key */
  constructor(key) {
    this.#api = new Api(key);
    this.#payments = new Intents(this.#api, 'payment');
    this.#setups = new Intents(this.#api, 'setup');
    refuseWhatIsNotBuilt(this);
  }

  /** @param {ElementsOptions} [options] */
  elements(options = {}) {
    if (options.clientSecret !== undefined && kindOf(options.clientSecret) === null) {
      throw new IntegrationError(
        `Invalid value for elements(): clientSecret should be a client secret of the form \${id}_secret_\${secret}. ` +
          `You specified: ${String(options.clientSecret)}.`,
      );
    }
    return new Elements(options);
  }

  /**
   * `({type, card, billing_details})`, `({elements, params})`, or as it once was `('card', element, data)`.
   * @param {PaymentMethodRequest | string} data
   * @param {StripeElement} [element]
   * @param {{billing_details?: object, metadata?: object}} [more]
   * @returns {Promise<{paymentMethod: object, error?: never} | {error: StripeJsError, paymentMethod?: never}>}
   */
  async createPaymentMethod(data, element, more) {
    /** @type {PaymentMethodRequest} */
    const request = typeof data === 'string' ? { ...more, type: data, ...(element && { card: element }) } : data;
    const { elements, params = {}, card, billing_details, metadata, type = 'card' } = request;
    if (type !== 'card')
      throw new IntegrationError(`stripe.createPaymentMethod: the sandbox has cards only, not ${type}.`);
    const group = groupOf(elements === undefined ? card : elements.getElement('payment'), 'createPaymentMethod');
    if (elements !== undefined) refuseUnlessSubmitted(elements, 'createPaymentMethod');
    const error = group.check();
    if (error !== null) return { error };
    const billing = group.billing(params.billing_details ?? billing_details);
    const sent = { metadata, ...params, type: 'card', card: group.card(), billing_details: billing };
    const answer = await this.#api.call('POST', 'payment_methods', sent);
    if (answer.error === undefined) return { paymentMethod: answer };
    group.showDecline(answer.error);
    return { error: answer.error };
  }

  /**
   * @param {string} clientSecret
   * @param {CardConfirmation & {save_payment_method?: boolean}} [data]
   * @param {{handleActions?: boolean}} [options]
   */
  async confirmCardPayment(clientSecret, data = {}, options = {}) {
    const { save_payment_method, ...rest } = data;
    const saving = save_payment_method === true ? { setup_future_usage: 'on_session' } : {};
    return this.#confirmCard(this.#payments, 'confirmCardPayment', clientSecret, { ...saving, ...rest }, options);
  }

  /**
   * @param {string} clientSecret
   * @param {CardConfirmation} [data]
   * @param {{handleActions?: boolean}} [options]
   */
  async confirmCardSetup(clientSecret, data = {}, options = {}) {
    return this.#confirmCard(this.#setups, 'confirmCardSetup', clientSecret, data, options);
  }

  /**
   * @param {Intents} intents
   * @param {string} method
   * @param {string} clientSecret
   * @param {CardConfirmation} data
   * @param {{handleActions?: boolean}} options
   */
  async #confirmCard(intents, method, clientSecret, { payment_method, ...params }, options) {
    if (typeof payment_method !== 'object') {
      return intents.answer(await intents.confirm(method, clientSecret, { ...params, payment_method }, options));
    }
    const { card, billing_details } = payment_method;
    const group = groupOf(card, method);
    return intents.answer(await intents.confirmForm(method, clientSecret, params, group, billing_details, options));
  }

  /** @param {Confirmation} options */
  async confirmPayment(options) {
    return this.#confirmElements(this.#payments, 'confirmPayment', options);
  }

  /** @param {Confirmation} options */
  async confirmSetup(options) {
    return this.#confirmElements(this.#setups, 'confirmSetup', options);
  }

  /**
   * @param {Intents} intents
   * @param {'confirmPayment' | 'confirmSetup'} method
   * @param {Confirmation} options
   * @returns {Promise<StripeJsAnswer>} with `redirect: 'always'` (the default) only when it has failed
   */
  async #confirmElements(intents, method, { elements, clientSecret, confirmParams = {}, redirect = 'always' }) {
    const secret = clientSecret ?? elements?.options.clientSecret;
    const { return_url, payment_method_data, ...params } = confirmParams;
    if (redirect !== 'if_required' && typeof return_url !== 'string') {
      throw new IntegrationError(
        `stripe.${method}(): with redirect "always" (the default), confirmParams.return_url is required.`,
      );
    }
    if (elements !== undefined) groupOf(elements.getElement('payment'), method);
    const sent = { ...params, return_url };
    const billing = /** @type {{billing_details?: object} | undefined} */ (payment_method_data)?.billing_details;
    const result =
      elements === undefined
        ? await intents.confirm(method, secret, sent)
        : ((await faultOf(intents, elements, secret, method)) ??
          (await intents.confirmForm(method, secret, sent, elements, billing)));
    if (result.error !== undefined || redirect === 'if_required') return intents.answer(result);
    location.assign(intents.returnAddress(String(return_url), result.intent));
    return leaving();
  }

  /** @param {{clientSecret: string}} options */
  async handleNextAction({ clientSecret }) {
    const intents = kindOf(clientSecret) === 'setup' ? this.#setups : this.#payments;
    const result = await intents.retrieve(clientSecret, 'handleNextAction');
    if (result.error !== undefined) return intents.answer(result);
    if (result.intent.status !== 'requires_action') return intents.nothingToDo(result.intent);
    return intents.answer(await intents.act(result.intent));
  }

  /**
   * The older name.
   * @param {string} clientSecret
   */
  handleCardAction(clientSecret) {
    return this.handleNextAction({ clientSecret });
  }

  /** @param {string} clientSecret */
  async retrievePaymentIntent(clientSecret) {
    return this.#payments.answer(await this.#payments.retrieve(clientSecret, 'retrievePaymentIntent'));
  }

  /** @param {string} clientSecret */
  async retrieveSetupIntent(clientSecret) {
    return this.#setups.answer(await this.#setups.retrieve(clientSecret, 'retrieveSetupIntent'));
  }

  /**
   * Gone from Stripe.js itself; pages written before still call it.
   * @param {{sessionId: string}} options
   */
  async redirectToCheckout({ sessionId }) {
    if (!/^cs_/.test(sessionId))
      throw new IntegrationError(`stripe.redirectToCheckout: Invalid value for sessionId: ${sessionId}.`);
    location.assign(`${SANDBOX}/c/pay/${sessionId}`);
    return leaving();
  }

  /** Wallets: there are none. */
  paymentRequest() {
    return new NoWallet();
  }

  /** What the wrappers for modules and React say of themselves; nobody listens here. */
  registerAppInfo() {
    return undefined;
  }
  _registerWrapper() {
    return undefined;
  }
}

/**
 * @param {unknown} element
 * @param {string} method
 */
function groupOf(element, method) {
  if (!(element instanceof StripeElement)) throw new IntegrationError(`stripe.${method}: the card must be an Element.`);
  if (!element.mounted) {
    throw new IntegrationError(
      'We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is still mounted.',
    );
  }
  return element.group;
}

/**
 * With `mode` the elements came before the intent, and must have been submitted.
 * @param {Elements} elements
 * @param {string} method
 */
function refuseUnlessSubmitted({ options, submitted }, method) {
  if (options.mode === undefined || submitted) return;
  throw new IntegrationError(`elements.submit() must be called before stripe.${method}().`);
}

/**
 * ... and must mean the same money as the intent.
 * @param {Intents} intents
 * @param {Elements} elements
 * @param {unknown} secret
 * @param {string} method
 * @returns {Promise<{error: StripeJsError} | null>}
 */
async function faultOf(intents, elements, secret, method) {
  const { mode, amount, currency } = elements.options;
  refuseUnlessSubmitted(elements, method);
  if (mode !== 'payment') return null;
  const { error, intent } = await intents.retrieve(secret, method);
  if (error !== undefined) return { error };
  if (intent.amount === amount && intent.currency === currency) return null;
  const message = `The amount or currency given to elements() (${amount} ${currency}) is not the PaymentIntent's (${intent.amount} ${intent.currency}).`;
  return { error: { type: 'invalid_request_error', code: 'payment_intent_incompatible_payment_method', message } };
}

/**
 * The global that a page calls, with or without `new`.
 * @param {string} key
 */
function Stripe(key) {
  if (/^[sr]k_/.test(key)) {
    throw new IntegrationError(
      'You should not use your secret key with Stripe.js. Please pass a publishable key instead.',
    );
  }
  if (!/^pk_/.test(key))
    throw new IntegrationError(
      'Please call Stripe() with your publishable key. You used an empty string or something else.',
    );
  return new StripeJs(key);
}
Stripe.version = 'sandbox';

Object.assign(window, { Stripe });
