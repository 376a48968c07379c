/** Where the sandbox is: whence this script came. */
const SANDBOX = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).origin;

/** An error of the page's programmer, thrown as Stripe.js throws it. */
class IntegrationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'IntegrationError';
  }
}

/** Stripe's API with the publishable key, as a browser calls it. */
class Api {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
  }

  /**
   * @param {'GET' | 'POST'} method
   * @param {string} path
   * @param {Params} params
   * @returns {Promise<ApiAnswer>} what Stripe answers; a connection that fails is an answer with an error, too
   */
  async call(method, path, params) {
    const form = new URLSearchParams(encodeForm(params));
    const url = `${SANDBOX}/v1/${path}${method === 'GET' ? `?${form}` : ''}`;
    const headers = { Authorization: `Bearer ${this.key}` };
    try {
      const response = await fetch(url, method === 'GET' ? { headers } : { method, headers, body: form });
      return await response.json();
    } catch {
      return { id: '', error: { type: 'api_connection_error', message: UNREACHABLE } };
    }
  }
}

const UNREACHABLE = 'We are experiencing issues connecting to our payments provider. Please try again.';

/**
 * Nested parameters as Stripe's forms write them: `card[number]`. What is undefined is left out.
 * @param {Params} params
 * @param {string} [prefix]
 * @returns {[string, string][]}
 */
function encodeForm(params, prefix) {
  return Object.entries(params).flatMap(([key, value]) => {
    const name = prefix === undefined ? key : `${prefix}[${key}]`;
    if (value === undefined) return [];
    if (typeof value === 'object' && value !== null) return encodeForm(/** @type {Params} */ (value), name);
    return /** @type {[string, string][]} */ ([[name, value === null ? '' : String(value)]]);
  });
}
