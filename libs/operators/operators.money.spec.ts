import { describe, expect, it } from '@jest/globals';
import { PAYMENT_MOVES } from '#payments';
import { sum } from '#platform';
import { moneyOf, moneyOfOrder, moneySentence } from './operators.money.js';

type Asked = Parameters<typeof moneyOf>[0];
type Refund = Parameters<typeof moneyOf>[1][number];

const payment = (fields: Partial<Asked>): Asked => ({
  ...{ paymentId: 'pay_1', status: 'Pending', currency: 'EUR', amount: 3400 },
  ...{ amountAuthorized: 0, amountCaptured: 0, amountRefunded: 0, amountDisputed: 0 },
  ...fields,
});
const reserved = (fields: Partial<Asked>) => payment({ amountAuthorized: 3400, ...fields });
const partly = (fields: Partial<Asked>) => reserved({ status: 'PartiallyCaptured', amountCaptured: 2500, ...fields });
const pending = (amount: number, paymentId = 'pay_1'): Refund => ({ paymentId, status: 'Pending', amount });
const told = (asked: Asked, refunds: Refund[] = []) =>
  Object.fromEntries(moneyOf(asked, refunds).parts.map(({ place, amount }) => [place, amount]));

describe('the money of a payment', () => {
  it.each<[string, Asked, Refund[], Record<string, number>]>([
    ['asked for', payment({}), [], { awaited: 3400 }],
    ['reserved', reserved({ status: 'Authorized' }), [], { reserved: 3400 }],
    ['being charged', reserved({ status: 'Capturing' }), [], { reserved: 3400 }],
    ['charged', reserved({ status: 'Captured', amountCaptured: 3400 }), [], { kept: 3400 }],
    ['charged in part', partly({}), [], { kept: 2500, released: 900 }],
    ['refunded in part', partly({ amountRefunded: 500 }), [], { kept: 2000, refunded: 500, released: 900 }],
    ['being refunded', partly({}), [pending(500), pending(7, 'pay_2')], { kept: 2000, refunding: 500, released: 900 }],
    ['disputed', partly({ amountDisputed: 2500 }), [], { disputed: 2500, released: 900 }],
    ['being released', reserved({ status: 'Releasing' }), [], { releasing: 3400 }],
    ['released', reserved({ status: 'Released' }), [], { released: 3400 }],
    ['lapsed', reserved({ status: 'Expired' }), [], { lapsed: 3400 }],
    ['abandoned', payment({ status: 'Abandoned' }), [], { never: 3400 }],
    ['refused', payment({ status: 'Failed' }), [], { never: 3400 }],
    ['another amount', payment({ status: 'Releasing', amountAuthorized: 3000 }), [], { releasing: 3000, never: 400 }],
    ['more than asked', reserved({ status: 'Releasing', amountAuthorized: 5000 }), [], { releasing: 5000 }],
    ['free', payment({ status: 'NotRequired', amount: 0 }), [], {}],
  ])('%s', (_, asked, refunds, expected) => {
    expect(told(asked, refunds)).toEqual(expected);
  });

  it('makes up the whole, in every status and however much went back', () => {
    for (const status of Object.keys(PAYMENT_MOVES) as Asked['status'][]) {
      for (const amountCaptured of [0, 1, 3400]) {
        for (const [amountRefunded, amountDisputed] of [
          [0, 0],
          [1, 0],
          [3400, 3400],
        ] as const) {
          const { whole, parts } = moneyOf(reserved({ status, amountCaptured, amountRefunded, amountDisputed }), []);
          expect(sum(parts.map(({ amount }) => amount))).toBe(whole);
          expect(parts.every(({ amount }) => amount > 0)).toBe(true);
        }
      }
    }
  });

  it('is told in a sentence, what went back twice included', () => {
    expect(moneySentence(moneyOf(partly({}), []))).toBe(
      'Of 34.00 EUR: 25.00 EUR charged and kept · 9.00 EUR released, not charged.',
    );
    expect(moneySentence(moneyOf(partly({ amountRefunded: 2000, amountDisputed: 2500 }), []))).toMatch(
      /5\.00 EUR disputed.*20\.00 EUR refunded.* 20\.00 EUR went back twice/,
    );
    expect(moneySentence(moneyOf(payment({ status: 'NotRequired', amount: 0 }), []))).toBe('Free: no money moves.');
    const yen = moneyOf(payment({ currency: 'JPY', amount: 1250 }), []);
    expect(moneySentence(yen)).toBe('Of 1250 JPY: 1250 JPY asked for, not reserved yet.');
    expect(moneySentence({ ...yen, currency: 'KWD' })).toMatch(/^Of 1\.250 KWD/);
  });

  it('of an order without a payment is what nobody reserved', () => {
    expect(moneyOfOrder({ totalAmount: 5, currency: 'EUR', payment: null }, [], []).parts).toEqual([
      { place: 'never', amount: 5 },
    ]);
    expect(moneyOfOrder({ totalAmount: 0, currency: 'EUR', payment: null }, [], []).parts).toEqual([]);
  });
});
