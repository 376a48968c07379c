/** The first digits tell the brand, as far as the test cards need it. */
/** @type {[RegExp, string][]} */
const BRANDS = [
  [/^4/, 'visa'],
  [/^(5[1-5]|2[2-7])/, 'mastercard'],
  [/^3[47]/, 'amex'],
  [/^(6011|64[4-9]|65)/, 'discover'],
  [/^3[068]/, 'diners'],
  [/^35/, 'jcb'],
  [/^62/, 'unionpay'],
];

/** @param {string} number */
function brandOf(number) {
  return BRANDS.find(([pattern]) => pattern.test(number))?.[1] ?? 'unknown';
}

/** @param {string} text */
const digitsOf = (text) => text.replace(/\D/g, '');

/** @param {string} number */
function lengthOf(number) {
  return { amex: 15, diners: 14 }[brandOf(number)] ?? 16;
}

/**
 * The check digit, https://en.wikipedia.org/wiki/Luhn_algorithm
 * @param {string} number
 */
function passesLuhn(number) {
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** @param {string} text `MM / YY` */
function expiryOf(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}

/**
 * @param {string} code
 * @param {string} message
 * @param {boolean} early
 */
const fault = (code, message, early) => ({ code, message, early });

/** Codes and sentences are those of Stripe.js. */
/** @type {Record<CardFieldName, CardFieldKind>} */
const CARD_FIELDS = {
  number: {
    label: 'Card number',
    inputMode: 'numeric',
    placeholder: '1234 1234 1234 1234',
    autocomplete: 'cc-number',
    format(text) {
      const digits = digitsOf(text).slice(0, lengthOf(digitsOf(text)));
      const groups =
        brandOf(digits) === 'amex' ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/ : /(\d{1,4})(\d{1,4})?(\d{1,4})?(\d{1,4})?/;
      return (groups.exec(digits) ?? []).slice(1).filter(Boolean).join(' ');
    },
    fault(text) {
      const digits = digitsOf(text);
      if (digits.length < lengthOf(digits)) return fault('incomplete_number', 'Your card number is incomplete.', false);
      return passesLuhn(digits) ? null : fault('invalid_number', 'Your card number is invalid.', true);
    },
  },
  expiry: {
    label: 'Expiration date',
    inputMode: 'numeric',
    placeholder: 'MM / YY',
    autocomplete: 'cc-exp',
    format(text) {
      // A browser fills in 04/2034.
      const digits = digitsOf(text)
        .replace(/^(\d\d)20(\d\d)$/, '$1$2')
        .replace(/^([2-9])/, '0$1')
        .slice(0, 4);
      return digits.length < 2 ? digits : `${digits.slice(0, 2)} / ${digits.slice(2)}`;
    },
    fault(text) {
      if (digitsOf(text).length < 4) {
        return fault('incomplete_expiry', "Your card's expiration date is incomplete.", false);
      }
      const { month, year } = expiryOf(text);
      const now = new Date();
      if (month < 1 || month > 12)
        return fault('invalid_expiry_month', "Your card's expiration month is invalid.", true);
      if (year < now.getFullYear()) {
        return fault('invalid_expiry_year_past', "Your card's expiration year is in the past.", true);
      }
      const past = year === now.getFullYear() && month < now.getMonth() + 1;
      return past ? fault('invalid_expiry_month_past', "Your card's expiration date is in the past.", true) : null;
    },
  },
  cvc: {
    label: 'Security code',
    inputMode: 'numeric',
    placeholder: 'CVC',
    autocomplete: 'cc-csc',
    format: (text) => digitsOf(text).slice(0, 4),
    fault(text, number) {
      const needed = brandOf(digitsOf(number)) === 'amex' ? 4 : 3;
      return text.length < needed ? fault('incomplete_cvc', "Your card's security code is incomplete.", false) : null;
    },
  },
  // The link authentication element: here an address and nothing more, as there is no Link.
  email: {
    label: 'Email',
    inputMode: 'email',
    placeholder: 'you@example.com',
    autocomplete: 'email',
    format: (text) => text.trim(),
    fault(text) {
      if (text.trim() === '') return fault('incomplete_email', 'Your email is incomplete.', false);
      const right = /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text.trim());
      return right ? null : fault('invalid_email', 'Your email address is invalid.', false);
    },
  },
};

let fieldsMade = 0;

/**
 * A labelled input with room for its error.
 * @param {CardFieldName} name
 * @param {ParentNode & Node} parent
 * @param {() => string} cardNumber
 * @returns {CardField}
 */
function createCardField(name, parent, cardNumber) {
  const kind = CARD_FIELDS[name];
  const id = `stripe-${name}-${++fieldsMade}`;
  const label = document.createElement('label');
  const input = document.createElement('input');
  const error = document.createElement('p');
  label.htmlFor = input.id = id;
  label.textContent = kind.label;
  Object.assign(input, { type: 'text', inputMode: kind.inputMode, placeholder: kind.placeholder });
  input.autocomplete = kind.autocomplete;
  input.dataset.field = name;
  error.id = `${id}-error`;
  error.dataset.testid = `${name}-error`;
  input.setAttribute('aria-describedby', error.id);
  const box = document.createElement('div');
  box.className = name;
  box.append(label, input, error);
  parent.append(box);
  return {
    input,
    text: () => input.value,
    fault: () => kind.fault(input.value, cardNumber()),
    show(message) {
      error.textContent = message ?? '';
      input.setAttribute('aria-invalid', String(message !== null));
    },
  };
}

/**
 * Writes what was typed as it is shown, unless the customer corrects in the middle of it.
 * @param {CardFieldName} name
 * @param {HTMLInputElement} input
 * @param {InputEvent} event
 */
function formatTyped(name, input, event) {
  if (name === 'email' || input.selectionStart !== input.value.length || event.inputType?.startsWith('delete')) return;
  input.value = CARD_FIELDS[name].format(input.value);
}
