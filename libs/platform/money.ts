/**
 * Amounts as Stripe counts them: integers in a currency's minor unit. The table is ours because Intl and ISO differ from
 * Stripe for ISK and UGX. Source: https://docs.stripe.com/currencies
 */
interface CurrencyRules {
  /** Digits of the minor unit as Stripe counts. */
  readonly decimals: 0 | 2 | 3;
  /** An amount must be a multiple of this to be payable: 10 for three decimals, 100 for ISK. */
  readonly multipleOf: 1 | 10 | 100;
  /** Smallest charge, minor units. Where Stripe publishes none, it decides itself by the settlement currency. */
  readonly minimum: number;
}

/** Stripe takes at most eight digits: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export const MAXIMUM_AMOUNT = 99_999_999;

const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMAL = 'BHD JOD KWD OMR TND'.split(' ');
// UGX is left out on purpose: Stripe's own pages contradict each other about its decimals.
const TWO_DECIMAL = (
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK ' +
  'DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP ' +
  'LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD ' +
  'RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ZAR ZMW'
).split(' ');

const MINIMUMS: Readonly<Record<string, number>> = {
  ...{
    USD: 50,
    AED: 200,
    AUD: 50,
    BGN: 100,
    BRL: 50,
    CAD: 50,
    CHF: 50,
    CZK: 1500,
    DKK: 250,
    EUR: 50,
    GBP: 30,
    HKD: 400,
  },
  ...{ HUF: 17_500, INR: 50, JPY: 50, MXN: 1000, MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200, SEK: 300, SGD: 50 },
  ...{ THB: 1000 },
};

const CURRENCIES: ReadonlyMap<string, CurrencyRules> = new Map([
  ...ZERO_DECIMAL.map((code) => [code, rules(code, 0, 1)] as const),
  ...TWO_DECIMAL.map((code) => [code, rules(code, 2, code === 'ISK' ? 100 : 1)] as const),
  ...THREE_DECIMAL.map((code) => [code, rules(code, 3, 10)] as const),
]);

function rules(
  code: string,
  decimals: CurrencyRules['decimals'],
  multipleOf: CurrencyRules['multipleOf'],
): CurrencyRules {
  return { decimals, multipleOf, minimum: MINIMUMS[code] ?? 1 };
}

/** @returns `undefined` for a currency that Stripe does not take or that is refused here. */
export function currencyRules(currency: string): CurrencyRules | undefined {
  return CURRENCIES.get(currency);
}

/** Two payable amounts can be added without leaving the integers that a double holds exactly. */
export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

/** `1234, 'EUR'` → `12.34 EUR`; for people, never for arithmetic. */
export function formatMoney(amount: number, currency: string): string {
  const decimals = CURRENCIES.get(currency)?.decimals ?? 2;
  const digits = String(Math.abs(amount)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals > 0 ? `.${digits.slice(-decimals)}` : '';
  return `${amount < 0 ? '-' : ''}${whole}${fraction} ${currency}`;
}
