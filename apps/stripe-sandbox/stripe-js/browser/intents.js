/** What PaymentIntents and SetupIntents call the same things. */
/** @type {Record<'payment' | 'setup', IntentKind>} */
const KINDS = {
  payment: {
    path: 'payment_intents',
    prefix: 'pi',
    result: 'paymentIntent',
    field: 'payment_intent',
    error: 'last_payment_error',
  },
  setup: {
    path: 'setup_intents',
    prefix: 'seti',
    result: 'setupIntent',
    field: 'setup_intent',
    error: 'last_setup_error',
  },
};

/** @param {unknown} clientSecret @returns {'payment' | 'setup' | null} */
function kindOf(clientSecret) {
  if (typeof clientSecret !== 'string') return null;
  if (/^pi_[A-Za-z0-9]+_secret_/.test(clientSecret)) return 'payment';
  return /^seti_[A-Za-z0-9]+_secret_/.test(clientSecret) ? 'setup' : null;
}

/** @returns {Promise<never>} what a page waits for while the browser goes elsewhere */
const leaving = () => new Promise(() => undefined);

/** The intents of one kind, as a browser may use them. */
class Intents {
  #api;
  #kind;

  /**
   * @param {Api} api
   * @param {'payment' | 'setup'} kind
   */
  constructor(api, kind) {
    this.#api = api;
    this.#kind = KINDS[kind];
  }

  /**
   * `pi_…_secret_…` names its intent.
   * @param {unknown} clientSecret
   * @param {string} method whom to blame
   */
  #path(clientSecret, method) {
    const kind = kindOf(clientSecret);
    if (typeof clientSecret === 'string' && kind !== null && KINDS[kind] === this.#kind) {
      return `${this.#kind.path}/${clientSecret.slice(0, clientSecret.indexOf('_secret_'))}`;
    }
    throw new IntegrationError(
      `Invalid value for stripe.${method} intent secret: value should be a client_secret string of the form ` +
        `${this.#kind.prefix}_\${id}_secret_\${secret}. You specified: ${String(clientSecret)}.`,
    );
  }

  /**
   * @param {unknown} clientSecret
   * @param {string} method
   * @returns {Promise<IntentResult>}
   */
  async retrieve(clientSecret, method) {
    const path = this.#path(clientSecret, method);
    return this.#resultOf(await this.#api.call('GET', path, { client_secret: clientSecret }));
  }

  /**
   * @param {string} method
   * @param {unknown} clientSecret
   * @param {Params} params
   * @param {{handleActions?: boolean}} [options]
   * @returns {Promise<IntentResult>}
   */
  async confirm(method, clientSecret, params, { handleActions = true } = {}) {
    const sent = { ...params, client_secret: clientSecret, use_stripe_sdk: true };
    const result = this.#resultOf(await this.#api.call('POST', `${this.#path(clientSecret, method)}/confirm`, sent));
    if (result.error !== undefined || !handleActions) return result;
    return result.intent.status === 'requires_action' ? this.act(result.intent) : result;
  }

  /**
   * Confirms with what is in the fields; what is wrong with them is said beside them.
   * @param {string} method
   * @param {unknown} clientSecret
   * @param {Params} params
   * @param {Elements} group
   * @param {object | undefined} billing
   * @param {{handleActions?: boolean}} [options]
   * @returns {Promise<IntentResult>}
   */
  async confirmForm(method, clientSecret, params, group, billing, options) {
    this.#path(clientSecret, method);
    const error = group.check();
    if (error !== null) return { error };
    const payment_method_data = { type: 'card', card: group.card(), billing_details: group.billing(billing) };
    const result = await this.confirm(method, clientSecret, { ...params, payment_method_data }, options);
    if (result.error !== undefined) group.showDecline(result.error);
    return result;
  }

  /**
   * The bank's page. Whatever the customer did there: how the intent stands is asked of Stripe.
   * @param {IntentJson} intent
   * @returns {Promise<IntentResult>}
   */
  async act(intent) {
    const { redirect_to_url, use_stripe_sdk } = intent.next_action ?? {};
    if (redirect_to_url !== undefined) {
      location.assign(redirect_to_url.url);
      return leaving();
    }
    if (use_stripe_sdk !== undefined) await showChallenge(use_stripe_sdk.stripe_js, intent.id);
    const result = await this.retrieve(intent.client_secret, 'handleNextAction');
    if (result.error !== undefined) return result;
    const failure = result.intent[this.#kind.error];
    return failure == null ? result : { error: { ...failure, [this.#kind.field]: result.intent } };
  }

  /**
   * What a method of Stripe.js answers: the intent under its own name.
   * @param {IntentResult} result
   * @returns {StripeJsAnswer}
   */
  answer(result) {
    return result.error === undefined ? { [this.#kind.result]: result.intent } : { error: result.error };
  }

  /** @param {IntentJson} intent @returns {StripeJsAnswer} */
  nothingToDo(intent) {
    const message = `handleNextAction: The ${this.#kind.result} supplied is not in the requires_action state.`;
    const code = `${this.#kind.field}_unexpected_state`;
    return { error: { type: 'invalid_request_error', code, message, [this.#kind.field]: intent } };
  }

  /**
   * The page's address with what Stripe appends to it.
   * @param {string} returnUrl
   * @param {IntentJson} intent
   */
  returnAddress(returnUrl, intent) {
    const url = new URL(returnUrl);
    url.searchParams.set(this.#kind.field, intent.id);
    url.searchParams.set(`${this.#kind.field}_client_secret`, intent.client_secret);
    url.searchParams.set('redirect_status', intent.status === 'processing' ? 'pending' : 'succeeded');
    return url.href;
  }

  /** @param {ApiAnswer} answer @returns {IntentResult} */
  #resultOf(answer) {
    if (answer.error !== undefined) return { error: answer.error };
    return { intent: /** @type {IntentJson} */ (/** @type {object} */ (answer)) };
  }
}
