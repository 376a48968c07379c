/**
 * "Save this card": the wish lives at Stripe's intent, and the shop's server asks Holdfast to write it there. The tick is
 * the customer's word, so nothing is paid before the intent says what the tick says.
 */
export class SaveTick {
  #tick = /** @type {HTMLInputElement} */ (document.querySelector('#save-card'));
  #message = /** @type {HTMLElement} */ (document.querySelector('#save-message'));
  #path;
  #read;
  #changed;
  /** What the intent says, as last heard. */
  #saved = false;
  /** One call at a time, so that the last wish is the one that stays. */
  #agreeing = Promise.resolve(true);

  /**
   * @param {string} path of the shop's server
   * @param {() => Promise<StripePaymentIntent | undefined>} read Stripe's intent, if Stripe can be reached
   * @param {() => Promise<unknown>} changed the intent is another one now
   */
  constructor(path, read, changed) {
    this.#path = path;
    this.#read = read;
    this.#changed = changed;
    this.#tick.addEventListener('change', () => void this.#agree());
  }

  /** Shows what the intent says; it can be changed until a card is confirmed. */
  async show() {
    const intent = await this.#read();
    if (intent === undefined) return;
    this.#saved = intent.setup_future_usage !== null;
    this.#tick.checked = this.#saved;
    this.#tick.disabled = intent.status !== 'requires_payment_method';
  }

  /** For the time of an attempt to pay the tick stays as it is. */
  hold() {
    this.#tick.disabled = true;
  }

  /**
   * Before paying. Another tab may have changed the wish, so the intent is asked once more.
   * @returns {Promise<boolean>} whether the intent says what the customer sees
   */
  async settled() {
    const wish = this.#tick.checked;
    await this.#agreeing;
    // The wish could not be written down: the customer has to see that first.
    if (this.#tick.checked !== wish) return false;
    const intent = await this.#read();
    if (intent?.status === 'requires_payment_method') this.#saved = intent.setup_future_usage !== null;
    return this.#agree();
  }

  #agree() {
    this.#agreeing = this.#agreeing.then(() => this.#tell());
    return this.#agreeing;
  }

  async #tell() {
    const wish = this.#tick.checked;
    if (wish === this.#saved) return true;
    const answer = await fetch(this.#path, { method: wish ? 'PUT' : 'DELETE' }).catch(() => undefined);
    if (!answer?.ok) {
      // Also when it was done and only the answer was lost: Stripe knows.
      await this.show();
      this.#message.textContent = 'This could not be changed just now. Please try again.';
      return false;
    }
    this.#saved = wish;
    this.#message.textContent = wish ? 'It will be saved when you pay.' : 'It will not be saved.';
    await this.#changed();
    return true;
  }
}
