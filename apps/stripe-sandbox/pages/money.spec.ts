import { expect, test } from '@jest/globals';
import { money } from './money.js';

test.each([
  [5980, 'eur', '€59.80'],
  [123_456_789, 'usd', '$1,234,567.89'],
  [500, 'jpy', '¥500'],
  [10_250, 'kwd', 'KWD\u00a010.250'],
  // Two decimals at Stripe, none in the tables of others (facts §7.8).
  [10_000, 'isk', 'ISK\u00a0100.00'],
])('%i %s is shown as %s', (amount, currency, shown) => {
  expect(money(amount, currency)).toBe(shown);
});
