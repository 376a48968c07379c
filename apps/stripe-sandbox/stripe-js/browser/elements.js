/** @type {Record<string, CardFieldName[]>} */
const FIELDS_OF = {
  card: ['number', 'expiry', 'cvc'],
  payment: ['number', 'expiry', 'cvc'],
  cardNumber: ['number'],
  cardExpiry: ['expiry'],
  cardCvc: ['cvc'],
};

/** Errors have their room from the start: nothing moves under a mouse that is about to press the page's button. */
const FIELD_STYLE = `
:host { display: block; }
div.holder { container-type: inline-size; }
div.fields { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem 1rem; text-align: left; }
.number, div:only-child { grid-column: 1 / -1; }
label { display: block; font-size: .9em; font-weight: 600; margin-bottom: .25rem; }
input { box-sizing: border-box; width: 100%; min-height: 44px; padding: .5rem .65rem; font: inherit; font-size: max(1em, 16px); color: #1a1f36; background: #fff; border: 1px solid #6b7385; border-radius: 6px; }
input::placeholder { color: #626a7c; opacity: 1; }
input[aria-invalid=true] { border-color: #a3142c; box-shadow: 0 0 0 1px #a3142c; }
input:focus-visible { outline: 3px solid #3d35b0; outline-offset: 1px; }
p { min-height: 1.4em; margin: .2rem 0 0; font-size: .82em; line-height: 1.4; color: #a3142c; }
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
   */
  constructor(type, group) {
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
    queueMicrotask(() => this.#emit('ready', { elementType: this._type }));
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

  /** @param {{disabled?: boolean}} options what else there is (style, layout) changes nothing here */
  update(options) {
    if (options.disabled === undefined) return;
    for (const { input } of this.fields.values()) input.disabled = options.disabled;
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
