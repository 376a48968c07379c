import { invalidRequest } from '../http/errors.js';

/** Amounts are at most eight digits (facts §7.1). */
export const LARGEST_AMOUNT = 99_999_999;

/** Currencies whose minor unit is the unit itself (facts §7.3; UGX stands apart, see `refuseFraction`). */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
/** Three decimals, of which the last must be 0: amounts are multiples of ten (facts §7.3). */
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));
/** Two decimals in the API, but no fractions can be charged: multiples of 100 (facts §7.4, §7.5). */
const WHOLE_UNITS_ONLY = new Set('isk ugx'.split(' '));

/** The smallest charge in the minor unit (facts §7.2). */
const SMALLEST: Readonly<Record<string, number>> = {
  usd: 50,
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
};

/** Every currency that Stripe takes (https://docs.stripe.com/currencies). */
const PRESENTMENT = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp ' +
    'cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk ' +
    'jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn ' +
    'nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std ' +
    'szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw'
  ).split(' '),
);

/** Lower-cases a currency and refuses one that Stripe does not know. */
export function currencyOf(code: string, param: string): string {
  const currency = code.toLowerCase();
  if (PRESENTMENT.has(currency)) return currency;
  const message = `Invalid currency: ${currency}. Stripe currently supports these currencies: ${[...PRESENTMENT].join(', ')}`;
  throw invalidRequest(message, { param });
}

export function decimalsOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** `1050` of `eur` as `10.50 EUR`, for messages. */
export function formatAmount(amount: number, currency: string): string {
  const decimals = decimalsOf(currency);
  return `${(amount / 10 ** decimals).toFixed(decimals)} ${currency.toUpperCase()}`;
}

/** The smallest charge in a currency's minor unit; for one that Stripe publishes none for, one unit that can be paid. */
export function smallestCharge(currency: string): number {
  const published = SMALLEST[currency];
  if (published !== undefined) return published;
  if (WHOLE_UNITS_ONLY.has(currency)) return 100;
  return THREE_DECIMAL.has(currency) ? 10 : 1;
}

/** Refuses an amount that its currency cannot charge. @throws amount_too_small, amount_too_large, and the no-fraction codes. */
export function checkChargeable(amount: number, currency: string, param: string): void {
  if (amount > LARGEST_AMOUNT) {
    const message = `Amount must be no more than ${formatAmount(LARGEST_AMOUNT, currency)}`;
    throw invalidRequest(message, { code: 'amount_too_large', param });
  }
  refuseFraction(amount, currency, param);
  const smallest = smallestCharge(currency);
  if (amount < smallest) {
    const message = `Amount must be at least ${formatAmount(smallest, currency)}`;
    throw invalidRequest(message, { code: 'amount_too_small', param });
  }
}

/** Refuses fractions that no one can pay (facts §7.3, §7.4, §7.5: three-decimal currencies in tens, ISK and UGX in hundreds). */
export function refuseFraction(amount: number, currency: string, param: string): void {
  if (WHOLE_UNITS_ONLY.has(currency) && amount % 100 !== 0) {
    const message = `Invalid amount: ${currency.toUpperCase()} amounts must be divisible by 100, because fractions cannot be charged.`;
    throw invalidRequest(message, { code: 'invalid_charge_amount_no_decimal_compatible', param });
  }
  if (THREE_DECIMAL.has(currency) && amount % 10 !== 0) {
    const message = `Invalid amount: the last digit of a ${currency.toUpperCase()} amount must be 0.`;
    throw invalidRequest(message, { code: 'invalid_charge_amount', param });
  }
}
