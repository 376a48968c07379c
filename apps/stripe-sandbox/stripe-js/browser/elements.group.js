/** Beside which field Stripe's card errors belong; a decline belongs to the card. */
/** @type {Record<string, CardFieldName>} */
const FIELD_OF_CODE = {
  invalid_expiry_month: 'expiry',
  invalid_expiry_year: 'expiry',
  expired_card: 'expiry',
  invalid_cvc: 'cvc',
  incorrect_cvc: 'cvc',
};

/** What `stripe.elements()` gives: elements that belong together, such as the three of a split card form. */
class Elements {
  /** @type {Set<StripeElement>} */
  #elements = new Set();
  /** @type {WeakSet<StripeElement>} */
  destroyed = new WeakSet();
  submitted = false;

  /** @param {ElementsOptions} options */
  constructor(options) {
    this.options = options;
    const { mode, amount, currency } = options;
    if ('paymentMethodTypes' in options) {
      throw new IntegrationError(
        'Invalid value for elements(): paymentMethodTypes is no longer supported. Use allowedPaymentMethodTypes instead.',
      );
    }
    if (mode !== undefined && !['payment', 'setup', 'subscription'].includes(mode)) {
      throw new IntegrationError(
        `Invalid value for elements(): mode should be payment, setup or subscription. You specified: ${mode}.`,
      );
    }
    if (mode === 'payment' && !(Number.isInteger(amount) && Number(amount) > 0 && /^[a-z]{3}$/.test(currency ?? ''))) {
      throw new IntegrationError(
        'Invalid value for elements(): with mode "payment", give an amount (a positive integer) and a currency (three lower-case letters).',
      );
    }
  }

  /**
   * @param {string} type
   * @param {ElementOptions} [options]
   */
  create(type, options = {}) {
    if (FIELDS_OF[type] === undefined) {
      throw new IntegrationError(
        `A valid Element name must be provided. The sandbox has: ${Object.keys(FIELDS_OF).join(', ')}; you specified: ${type}.`,
      );
    }
    if (type === 'payment' && this.options.clientSecret === undefined && this.options.mode === undefined) {
      throw new IntegrationError(
        'In order to create a payment element, you must pass a clientSecret or mode when creating the Elements group.',
      );
    }
    if (this.getElement(type) !== null) {
      throw new IntegrationError(`Can only create one Element of type ${type} through \`elements()\`.`);
    }
    const element = new StripeElement(type, this, options);
    this.#elements.add(element);
    return element;
  }

  /** @param {string} type */
  getElement(type) {
    return [...this.#elements].find((element) => element._type === type) ?? null;
  }

  /** @param {ElementsOptions} options */
  update(options) {
    this.options = { ...this.options, ...options };
    this.submitted = false;
  }

  /** The intent is read anew at every confirmation, so there is nothing to fetch. */
  async fetchUpdates() {
    return {};
  }

  /** Checks the form, and shows what is missing. With `mode` it comes before the intent is made. */
  async submit() {
    const error = this.check();
    this.submitted = error === null;
    return error === null ? {} : { error };
  }

  /** @param {StripeElement} element */
  forget(element) {
    this.#elements.delete(element);
    this.destroyed.add(element);
  }

  /** @returns {Map<CardFieldName, CardField>} */
  fields() {
    return new Map([...this.#elements].flatMap((element) => [...element.fields]));
  }

  /** @param {CardFieldName} name */
  text(name) {
    return this.fields().get(name)?.text() ?? '';
  }

  /**
   * The first error of the form; every one is shown beside its field.
   * @returns {StripeJsError | null}
   */
  check() {
    /** @type {StripeJsError | null} */
    let first = null;
    for (const { fault, input, show } of this.fields().values()) {
      const found = fault();
      show(found?.message ?? null);
      if (found === null || first !== null) continue;
      first = { type: 'validation_error', code: found.code, message: found.message };
      input.focus();
    }
    return first;
  }

  /**
   * Shows an error of Stripe's API beside the field it is about.
   * @param {StripeJsError} error
   */
  showDecline(error) {
    if (error.type !== 'card_error') return;
    const name = FIELD_OF_CODE[error.code ?? ''] ?? 'number';
    this.fields().get(name)?.show(error.message);
  }

  /**
   * What the page says of the customer, and the address that was typed into the link authentication element.
   * @param {object | undefined} given
   */
  billing(given) {
    const email = this.text('email').trim();
    return email === '' ? given : { email, ...given };
  }

  /** The card as Stripe's API takes it. */
  card() {
    const { month, year } = expiryOf(this.text('expiry'));
    return { number: digitsOf(this.text('number')), exp_month: month, exp_year: year, cvc: this.text('cvc') };
  }
}
