/** @returns {Promise<never>} what a page waits for while the browser goes elsewhere */
const leaving = () => new Promise(() => undefined);

/** The object that `Stripe(publishableKey)` gives. Its methods answer as Stripe.js does: `{paymentIntent}` or `{error}`. */
class StripeJs {
  #api;

  /** @param {string} key */
  constructor(key) {
    this.#api = new Api(key);
  }

  /** @param {ElementsOptions} [options] */
  elements(options = {}) {
    if (options.clientSecret !== undefined) intentIdOf(options.clientSecret, 'elements()');
    return new Elements(options);
  }

  /**
   * @param {{type?: string, card?: StripeElement, billing_details?: object, metadata?: object, elements?: Elements, params?: Params}} data
   * @returns {Promise<{paymentMethod: object, error?: never} | {error: StripeJsError, paymentMethod?: never}>}
   */
  async createPaymentMethod({ elements, params, card, ...rest }) {
    const group = elements ?? groupOf(card, 'createPaymentMethod');
    const error = group.check();
    if (error !== null) return { error };
    const answer = await this.#api.call('POST', 'payment_methods', {
      ...rest,
      ...params,
      type: 'card',
      card: group.card(),
    });
    if (answer.error === undefined) return { paymentMethod: answer };
    group.showDecline(answer.error);
    return { error: answer.error };
  }

  /**
   * @param {string} clientSecret
   * @param {Params & {payment_method?: string | {card: StripeElement, billing_details?: object}, save_payment_method?: boolean}} [data]
   * @param {{handleActions?: boolean}} [options]
   */
  async confirmCardPayment(clientSecret, data = {}, options = {}) {
    const { payment_method, save_payment_method, ...rest } = data;
    const params = { ...(save_payment_method === true ? { setup_future_usage: 'on_session' } : {}), ...rest };
    if (typeof payment_method !== 'object') {
      return this.#confirm('confirmCardPayment', clientSecret, { ...params, payment_method }, options);
    }
    const group = groupOf(payment_method.card, 'confirmCardPayment');
    return this.#confirmForm(
      'confirmCardPayment',
      clientSecret,
      params,
      group,
      payment_method.billing_details,
      options,
    );
  }

  /**
   * @param {{elements?: Elements, clientSecret?: string, confirmParams?: Params, redirect?: 'always' | 'if_required'}} options
   * @returns {Promise<IntentResult>} with `redirect: 'always'` (the default) only when it has failed
   */
  async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = 'always' }) {
    const secret = clientSecret ?? elements?.options.clientSecret;
    intentIdOf(secret, 'confirmPayment');
    const { return_url, payment_method_data, ...params } = confirmParams;
    if (redirect !== 'if_required' && typeof return_url !== 'string') {
      throw new IntegrationError(
        'stripe.confirmPayment(): with redirect "always" (the default), confirmParams.return_url is required.',
      );
    }
    if (elements !== undefined) groupOf(elements.getElement('payment'), 'confirmPayment');
    const sent = { ...params, return_url };
    const billing = /** @type {{billing_details?: object} | undefined} */ (payment_method_data)?.billing_details;
    const result =
      elements === undefined
        ? await this.#confirm('confirmPayment', secret, sent, {})
        : ((await this.#faultOf(elements, secret)) ??
          (await this.#confirmForm('confirmPayment', secret, sent, elements, billing, {})));
    if (result.error !== undefined || redirect === 'if_required') return result;
    location.assign(returnAddress(String(return_url), result.paymentIntent));
    return leaving();
  }

  /** @param {{clientSecret: string}} options */
  async handleNextAction({ clientSecret }) {
    const { error, paymentIntent } = await this.retrievePaymentIntent(clientSecret);
    if (error !== undefined) return { error };
    if (paymentIntent.status === 'requires_action') return this.#act(paymentIntent);
    const message = `handleNextAction: The PaymentIntent supplied is not in the requires_action state.`;
    return {
      error: {
        type: 'invalid_request_error',
        code: 'payment_intent_unexpected_state',
        message,
        payment_intent: paymentIntent,
      },
    };
  }

  /**
   * The older name.
   * @param {string} clientSecret
   */
  handleCardAction(clientSecret) {
    return this.handleNextAction({ clientSecret });
  }

  /**
   * @param {string} clientSecret
   * @returns {Promise<IntentResult>}
   */
  async retrievePaymentIntent(clientSecret) {
    const id = intentIdOf(clientSecret, 'retrievePaymentIntent');
    return resultOf(await this.#api.call('GET', `payment_intents/${id}`, { client_secret: clientSecret }));
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

  /**
   * Pays with what is in the fields. They belong to the one intent of `elements({clientSecret})`, or to any.
   * @param {string} method
   * @param {unknown} secret
   * @param {Params} params
   * @param {Elements} group
   * @param {object | undefined} billing
   * @param {{handleActions?: boolean}} options
   */
  async #confirmForm(method, secret, params, group, billing, options) {
    const error = group.check();
    if (error !== null) return { error };
    const payment_method_data = { type: 'card', card: group.card(), billing_details: billing };
    const result = await this.#confirm(method, secret, { ...params, payment_method_data }, options);
    if (result.error !== undefined) group.showDecline(result.error);
    return result;
  }

  /**
   * With `mode` the elements came before the intent: they must have been submitted, and mean the same money.
   * @param {Elements} elements
   * @param {unknown} secret
   * @returns {Promise<{error: StripeJsError} | null>}
   */
  async #faultOf(elements, secret) {
    const { mode, amount, currency } = elements.options;
    if (mode === undefined) return null;
    if (!elements.submitted)
      throw new IntegrationError('elements.submit() must be called before stripe.confirmPayment().');
    const { error, paymentIntent } = await this.retrievePaymentIntent(String(secret));
    if (error !== undefined) return { error };
    if (paymentIntent.amount === amount && paymentIntent.currency === currency) return null;
    const message = `The amount or currency given to elements() (${amount} ${currency}) is not the PaymentIntent's (${paymentIntent.amount} ${paymentIntent.currency}).`;
    return { error: { type: 'invalid_request_error', code: 'payment_intent_incompatible_payment_method', message } };
  }

  /**
   * @param {string} method
   * @param {unknown} clientSecret
   * @param {Params} params
   * @param {{handleActions?: boolean}} options
   * @returns {Promise<IntentResult>}
   */
  async #confirm(method, clientSecret, params, { handleActions = true }) {
    const id = intentIdOf(clientSecret, method);
    const sent = { ...params, client_secret: clientSecret, use_stripe_sdk: true };
    const result = resultOf(await this.#api.call('POST', `payment_intents/${id}/confirm`, sent));
    if (result.error !== undefined || !handleActions) return result;
    return result.paymentIntent.status === 'requires_action' ? this.#act(result.paymentIntent) : result;
  }

  /**
   * Whatever the customer did there: how the payment stands is asked of Stripe.
   * @param {PaymentIntentJson} intent
   * @returns {Promise<IntentResult>}
   */
  async #act(intent) {
    const { redirect_to_url, use_stripe_sdk } = intent.next_action ?? {};
    if (redirect_to_url !== undefined) {
      location.assign(redirect_to_url.url);
      return leaving();
    }
    if (use_stripe_sdk !== undefined) await showChallenge(use_stripe_sdk.stripe_js, intent.id);
    const result = await this.retrievePaymentIntent(intent.client_secret);
    if (result.error !== undefined) return result;
    const { paymentIntent } = result;
    const failure = paymentIntent.last_payment_error;
    return failure === null ? result : { error: { ...failure, payment_intent: paymentIntent } };
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
 * @param {ApiAnswer} answer
 * @returns {IntentResult}
 */
function resultOf(answer) {
  if (answer.error !== undefined) return { error: answer.error };
  return { paymentIntent: /** @type {PaymentIntentJson} */ (/** @type {object} */ (answer)) };
}

/**
 * The page's address with what Stripe appends to it.
 * @param {string} returnUrl
 * @param {PaymentIntentJson} intent
 */
function returnAddress(returnUrl, intent) {
  const url = new URL(returnUrl);
  url.searchParams.set('payment_intent', intent.id);
  url.searchParams.set('payment_intent_client_secret', intent.client_secret);
  url.searchParams.set('redirect_status', intent.status === 'processing' ? 'pending' : 'succeeded');
  return url.href;
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
