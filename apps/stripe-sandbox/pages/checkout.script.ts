import { Html } from './html.js';

/**
 * What the hosted page does beyond its form, which works without it: groups the digits, names the brand, and sends once.
 * The brands come with the form as pairs of name and pattern.
 */
export const CHECKOUT_SCRIPT = new Html(`<script>
(() => {
  const form = document.querySelector('form[data-brands]');
  const brands = JSON.parse(form.dataset.brands);
  const field = (name) => form.elements.namedItem(name);
  const digits = (text) => text.replace(/\\D/g, '');
  const brandOf = (number) => (brands.find(([, pattern]) => new RegExp(pattern).test(number)) || [''])[0];

  /** Rewrites what was typed and keeps the caret behind the digit that it was behind. */
  const formatted = (input, format) => {
    const before = digits(input.value.slice(0, input.selectionStart)).length;
    const atEnd = input.selectionStart === input.value.length;
    input.value = format(input.value);
    let caret = input.value.length;
    if (!atEnd) for (caret = 0; caret < input.value.length && digits(input.value.slice(0, caret)).length < before; ) caret += 1;
    input.setSelectionRange(caret, caret);
  };
  const onInput = (name, change) => field(name) && field(name).addEventListener('input', (event) => change(event.target, event.inputType || ''));

  onInput('cardNumber', (input) => {
    const brand = brandOf(digits(input.value));
    const groups = brand === 'American Express' ? /^(\\d{1,4})(\\d{1,6})?(\\d{1,5})?/ : /^(\\d{1,4})(\\d{1,4})?(\\d{1,4})?(\\d{1,7})?/;
    formatted(input, (text) => (groups.exec(digits(text)) || []).slice(1).filter(Boolean).join(' '));
    const shown = document.getElementById('cardNumber-brand');
    if (shown.textContent !== brand) shown.textContent = brand;
  });
  onInput('cardExpiry', (input, type) => {
    if (type.startsWith('delete')) return;
    formatted(input, (text) => {
      // 4 and more cannot begin a month of two digits; a slash that was typed ends a month of one.
      let all = digits(text).slice(0, 6);
      if (/^[2-9]/.test(all) || /^1\\s*\\//.test(text)) all = '0' + all;
      return all.length < 2 ? all : all.slice(0, 2) + ' / ' + all.slice(2);
    });
  });
  onInput('cardCvc', (input) => formatted(input, (text) => digits(text).slice(0, 4)));
  form.addEventListener('input', ({ target }) => {
    // What is being put right is no longer wrong; the server says when it still is.
    target.removeAttribute('aria-invalid');
  });

  const pay = form.querySelector('[data-testid=pay]');
  const label = pay.textContent;
  const busy = (is) => {
    pay.setAttribute('aria-busy', String(is));
    pay.textContent = is ? 'Processing…' : label;
  };
  form.addEventListener('submit', (event) => {
    if (pay.getAttribute('aria-busy') === 'true') event.preventDefault();
    else busy(true);
  });
  // Back from the next page, out of the browser's memory: it can be used again.
  window.addEventListener('pageshow', () => busy(false));
})();
</script>`);
