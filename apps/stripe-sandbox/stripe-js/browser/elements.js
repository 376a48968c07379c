/** @type {Record<string, CardFieldName[]>} */
const FIELDS_OF = {
  card: ['number', 'expiry', 'cvc'],
  payment: ['number', 'expiry', 'cvc'],
  cardNumber: ['number'],
  cardExpiry: ['expiry'],
  cardCvc: ['cvc'],
  linkAuthentication: ['email'],
  // Wallets: this browser has none, as far as Stripe.js can tell, and the elements stay empty.
  expressCheckout: [],
  paymentRequestButton: [],
};
const WALLETS = ['expressCheckout', 'paymentRequestButton'];

/** Which of a page's styles reach the fields: `appearance.variables`, and the `style.base` of the card elements. */
/** @type {Record<string, string>} */
const STYLED = {
  colorText: '--text',
  color: '--text',
  colorBackground: '--background',
  backgroundColor: '--background',
  colorDanger: '--danger',
  colorPrimary: '--primary',
  borderRadius: '--radius',
  fontFamily: '--font',
  fontSizeBase: '--size',
  fontSize: '--size',
};
/** `theme: 'night'`: readable without further ado. */
const NIGHT = { colorText: '#f4f5f8', colorBackground: '#22252f', colorDanger: '#ffb3bd', colorPrimary: '#b9b3ff' };

/** Errors have their room from the start: nothing moves under a mouse that is about to press the page's button. */
const FIELD_STYLE = `
:host { display: block; color: var(--text, inherit); font-family: var(--font, inherit); }
div.holder { container-type: inline-size; }
div.fields { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem 1rem; text-align: left; }
.number, .email, div:only-child { grid-column: 1 / -1; }
label { display: block; font-size: .9em; font-weight: 600; margin-bottom: .25rem; }
input { box-sizing: border-box; width: 100%; min-height: 44px; padding: .5rem .65rem; font: inherit; font-size: max(var(--size, 1em), 16px); color: var(--text, #1a1f36); background: var(--background, #fff); border: 1px solid #6b7385; border-radius: var(--radius, 6px); }
input::placeholder { color: color-mix(in srgb, var(--text, #1a1f36) 65%, var(--background, #fff)); opacity: 1; }
input[aria-invalid=true] { border-color: var(--danger, #a3142c); box-shadow: 0 0 0 1px var(--danger, #a3142c); }
input:focus-visible { outline: 3px solid var(--primary, #3d35b0); outline-offset: 1px; }
p { min-height: 1.4em; margin: .2rem 0 0; font-size: .82em; line-height: 1.4; color: var(--danger, #a3142c); }
@container (max-width: 34rem) { .expiry p, .cvc p { min-height: 2.8em; } }
`;

/** An element of Stripe.js. Its inputs live in a shadow tree, as Stripe's live in a frame: the page's style and scripts pass by. */
class StripeElement {
  /** @type {Map<string, Set<Function>>} */
  #handlers = new Map();
  /** @type {HTMLElement | null} */
  #container = null;
  #root = document.createElement('div');
  /** @type {Map<CardFieldName, CardField>} */
  fields = new Map();

  /**
   * @param {string} type
   * @param {Elements} group
   * @param {ElementOptions} options
   */
  constructor(type, group, options) {
    this._type = type;
    this.group = group;
    const shadow = this.#root.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(FIELD_STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const holder = document.createElement('div');
    const box = document.createElement('div');
    holder.className = 'holder';
    box.className = 'fields';
    holder.append(box);
    shadow.append(holder);
    for (const name of FIELDS_OF[type] ?? []) {
      const field = createCardField(name, box, () => group.text('number'));
      this.fields.set(name, field);
      this.#listen(name, field);
    }
    const { theme, variables } = group.options.appearance ?? {};
    this.#style({ ...(theme === 'night' ? NIGHT : {}), ...variables });
    this.update(options);
    const email = this.fields.get('email');
    if (email !== undefined) email.input.value = options.defaultValues?.email ?? '';
  }

  /** @param {Record<string, unknown>} styles */
  #style(styles) {
    for (const [name, value] of Object.entries(styles)) {
      const property = STYLED[name];
      if (property !== undefined && typeof value === 'string') this.#root.style.setProperty(property, value);
    }
  }

  /**
   * @param {CardFieldName} name
   * @param {CardField} field
   */
  #listen(name, { input, fault, show, text }) {
    input.addEventListener('input', (event) => {
      formatTyped(name, input, /** @type {InputEvent} */ (event));
      const found = fault();
      show(found?.early ? found.message : null);
      this.#changed();
    });
    input.addEventListener('focus', () => this.#emit('focus', { elementType: this._type }));
    input.addEventListener('blur', () => {
      if (text() !== '') show(fault()?.message ?? null);
      this.#changed();
      this.#emit('blur', { elementType: this._type });
    });
    input.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#emit('escape', { elementType: this._type });
      // In a form of the page, Enter submits it, as in Stripe's fields.
      if (key === 'Enter') this.#container?.closest('form')?.requestSubmit();
    });
  }

  /** @param {string | HTMLElement} target */
  mount(target) {
    const container = typeof target === 'string' ? document.querySelector(target) : target;
    if (!(container instanceof HTMLElement)) {
      throw new IntegrationError(
        `The selector you specified (${String(target)}) applies to no DOM elements that are currently on the page.`,
      );
    }
    if (this.group.destroyed.has(this))
      throw new IntegrationError('This Element has already been destroyed. Please create a new one.');
    this.#container = container;
    container.replaceChildren(this.#root);
    container.classList.add('StripeElement');
    this.#mark();
    queueMicrotask(() => {
      if (this._type === 'payment') this.#emit('loaderstart', { elementType: this._type });
      const wallets = WALLETS.includes(this._type) ? { availablePaymentMethods: undefined } : {};
      this.#emit('ready', { elementType: this._type, ...wallets });
    });
  }

  unmount() {
    this.#container?.classList.remove(
      'StripeElement',
      'StripeElement--empty',
      'StripeElement--complete',
      'StripeElement--invalid',
    );
    this.#root.remove();
    this.#container = null;
  }

  destroy() {
    this.unmount();
    this.group.forget(this);
  }

  get mounted() {
    return this.#container !== null;
  }

  /** @param {ElementOptions} options what else there is (layout, fields, terms, wallets, icons) changes nothing here */
  update(options) {
    this.#style(options.style?.base ?? {});
    if (typeof options.style?.invalid?.['color'] === 'string')
      this.#style({ colorDanger: options.style.invalid['color'] });
    if (options.disabled === undefined) return;
    for (const { input } of this.fields.values()) input.disabled = options.disabled;
  }

  /** There is one payment method, and it stays open. */
  collapse() {
    return this;
  }

  focus() {
    [...this.fields.values()][0]?.input.focus();
  }

  blur() {
    for (const { input } of this.fields.values()) input.blur();
  }

  clear() {
    for (const field of this.fields.values()) {
      field.input.value = '';
      field.show(null);
    }
    this.#changed();
  }

  /**
   * @param {string} event
   * @param {Function} handler
   */
  on(event, handler) {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return this;
  }

  /**
   * @param {string} event
   * @param {Function} handler
   */
  once(event, handler) {
    const first = (/** @type {object} */ detail) => {
      this.off(event, first);
      handler(detail);
    };
    return this.on(event, first);
  }

  /**
   * @param {string} event
   * @param {Function} [handler] left out: all of them
   */
  off(event, handler) {
    if (handler === undefined) this.#handlers.delete(event);
    else this.#handlers.get(event)?.delete(handler);
    return this;
  }

  /**
   * @param {string} event
   * @param {object} detail
   */
  #emit(event, detail) {
    for (const handler of this.#handlers.get(event) ?? []) handler(detail);
  }

  #state() {
    const fields = [...this.fields.values()];
    const shown = fields.find(({ input }) => input.getAttribute('aria-invalid') === 'true')?.fault();
    return {
      elementType: this._type,
      empty: fields.every(({ text }) => text() === ''),
      complete: fields.every(({ fault }) => fault() === null),
      error: shown ? { type: 'validation_error', code: shown.code, message: shown.message } : undefined,
      ...(this._type === 'linkAuthentication' ? { value: { email: this.group.text('email').trim() } } : {}),
      ...(this._type === 'payment' ? { collapsed: false, value: { type: 'card' } } : {}),
      ...(this.fields.has('number') && this._type !== 'payment'
        ? { brand: brandOf(digitsOf(this.group.text('number'))) }
        : {}),
    };
  }

  #mark() {
    const { empty, complete, error } = this.#state();
    this.#container?.classList.toggle('StripeElement--empty', empty);
    this.#container?.classList.toggle('StripeElement--complete', complete);
    this.#container?.classList.toggle('StripeElement--invalid', error !== undefined);
  }

  #changed() {
    this.#mark();
    this.#emit('change', this.#state());
  }
}
