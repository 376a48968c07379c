import { expect, test } from '@jest/globals';
import type { Order, Payment } from '../holdfast.js';
import { money } from '../money.js';
import { moneyPicture } from './money-picture.js';

/** What the picture says, and each part's width in per cent. */
function pictureOf(payment: Partial<Payment>, order: Partial<Order> = {}): { says: string; parts: string[] } {
  const paid: Payment = {
    ...{ paymentId: 'pay_1', procedure: 'intent', status: 'Authorized' },
    ...{ amountAuthorized: 10_000, amountCaptured: 0, amountRefunded: 0, amountDisputed: 0 },
    ...payment,
  };
  const { text } = moneyPicture({ currency: 'EUR', totalAmount: 10_000, payment: paid, ...order } as Order);
  const says = /aria-label="([^"]*)"/.exec(text)?.[1] ?? /<p>([^<]*)<\/p>/.exec(text)?.[1] ?? '';
  const parts = [...text.matchAll(/data-share="(\w+)"\s+style="width:(\d+)%"/g)];
  return { says, parts: parts.map(([, key, width]) => `${key} ${width}`) };
}

test.each<[string, Partial<Payment>, string, string[]]>([
  ['reserved', {}, '€100.00 still reserved', ['held 100']],
  ['being charged', { status: 'Capturing' }, '€100.00 still reserved', ['held 100']],
  ['being released', { status: 'Releasing' }, '€100.00 still reserved', ['held 100']],
  ['charged', { status: 'Captured', amountCaptured: 10_000 }, '€100.00 charged', ['captured 100']],
  [
    'charged in part',
    { status: 'PartiallyCaptured', amountCaptured: 6000 },
    '€60.00 charged, €40.00 released',
    ['captured 60', 'released 40'],
  ],
  [
    'charged in part, and some of that paid back',
    { status: 'PartiallyCaptured', amountCaptured: 6000, amountRefunded: 2000 },
    '€40.00 charged, €20.00 charged and paid back, €40.00 released',
    ['captured 40', 'refunded 20', 'released 40'],
  ],
  [
    'paid back',
    { status: 'Captured', amountCaptured: 10_000, amountRefunded: 10_000 },
    '€100.00 charged and paid back',
    ['refunded 100'],
  ],
  [
    'taken back by the bank, and partly paid back before',
    { status: 'Captured', amountCaptured: 10_000, amountRefunded: 3000, amountDisputed: 7000 },
    '€70.00 charged and taken back by your bank, €30.00 charged and paid back',
    ['disputed 70', 'refunded 30'],
  ],
  [
    'taken back by the bank and paid back, both in full',
    { status: 'Captured', amountCaptured: 10_000, amountRefunded: 10_000, amountDisputed: 10_000 },
    '€100.00 charged and paid back',
    ['refunded 100'],
  ],
  ['released', { status: 'Released' }, '€100.00 released', ['released 100']],
  ['run out', { status: 'Expired' }, '€100.00 released', ['released 100']],
])('money that is %s', (_name, payment, says, parts) => {
  expect(pictureOf(payment)).toEqual({ says: `Of €100.00 reserved: ${says}`, parts });
});

test('no money, no picture', () => {
  const nothing = { amountAuthorized: 0 };
  expect(pictureOf({ ...nothing, status: 'Pending' })).toEqual({ says: 'Nothing is reserved yet.', parts: [] });
  expect(pictureOf({ ...nothing, status: 'Abandoned' })).toEqual({ says: 'Nothing was reserved.', parts: [] });
  const free = { ...nothing, status: 'NotRequired', procedure: 'none' as const };
  const says = 'There was nothing to pay, and nothing was reserved.';
  expect(pictureOf(free, { totalAmount: 0 })).toEqual({ says, parts: [] });
});

test('amounts are counted as Stripe counts them', () => {
  const shown = (currency: string) => money(1230, currency).replace('\u00a0', ' ');
  expect(['EUR', 'JPY', 'KWD', 'ISK'].map(shown)).toEqual(['€12.30', 'JP¥1,230', 'KWD 1.230', 'ISK 12.30']);
});
