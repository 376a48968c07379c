import { decimalsOf } from '../payments/currencies.js';

/** `1050` of `eur` as `€10.50`, for people. Stripe's decimals, which are not always those that `Intl` knows (facts §7.8). */
export function money(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const fraction = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, ...fraction });
  return format.format(amount / 10 ** decimals);
}
