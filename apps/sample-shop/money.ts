/**
 * Amounts are integers in a currency's minor unit as Stripe counts it, which is not always what a browser's tables say: ISK
 * has hundredths at Stripe (https://docs.stripe.com/currencies).
 */
const WHOLE = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THOUSANDTHS = 'BHD JOD KWD OMR TND'.split(' ');

function digitsOf(currency: string): number {
  if (WHOLE.includes(currency)) return 0;
  return THOUSANDTHS.includes(currency) ? 3 : 2;
}

/** @param amount in the currency's minor unit */
export function money(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency, ...shown }).format(amount / 10 ** digits);
}
