import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencyRules, MAXIMUM_AMOUNT } from '#platform';
import { Holdfast } from '../support/holdfast.js';

const RUNS = 40;
const CURRENCIES = [
  'EUR',
  'USD',
  'JPY',
  'KRW',
  'CLP',
  'VND',
  'XOF',
  'KWD',
  'BHD',
  'JOD',
  'OMR',
  'TND',
  'ISK',
  'HUF',
  'GBP',
  'SEK',
];

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

/** Orders that can be paid: every unit a payable multiple, the total between the smallest and the largest charge. */
const order = fc
  .record({
    currency: fc.constantFrom(...CURRENCIES),
    units: fc.array(fc.tuple(fc.integer({ min: 0, max: 300_000 }), fc.integer({ min: 1, max: 30 })), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map(({ currency, units }) => {
    const { multipleOf = 1, minimum = 0 } = currencyRules(currency) ?? {};
    const items = units.map(([unit, quantity], n) => ({
      sku: `s${n}`,
      name: 'Item',
      quantity,
      unitAmount: unit * multipleOf,
    }));
    const total = items.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0);
    return { currency, items, total, minimum };
  })
  .filter(({ total, minimum }) => total > 0 && total >= minimum && total <= MAXIMUM_AMOUNT);

describe('amounts from order to Stripe', () => {
  it('S10 S11 are the same integer in every currency, by both procedures', async () => {
    const procedures = [
      {},
      { createCheckoutSession: true, successUrl: 'https://a.example/', errorUrl: 'https://b.example/' },
    ];
    const property = fc.asyncProperty(
      order,
      fc.constantFrom(...procedures),
      async ({ currency, items, total }, procedure) => {
        const created = await holdfast.api.post('/v1/orders', { accountId, currency, items, orderStatus: 'Placed' });
        expect(created.body.order).toMatchObject({ orderStatus: 'Placed', currency, totalAmount: total });
        const number = created.body.order.orderNumber as string;
        expect(await holdfast.api.init(number, procedure)).toMatchObject({ status: 200 });
        const path = 'createCheckoutSession' in procedure ? '/checkout/sessions' : '/payment_intents';
        const sent = (await holdfast.controls.writes(path)).at(-1);
        const atStripe = 'createCheckoutSession' in procedure ? await newestSession() : await newestIntent();
        expect(sent?.status).toBe(200);
        expect(atStripe).toEqual({ amount: total, currency: currency.toLowerCase(), orderNumber: number });
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  });
});

async function newestIntent() {
  const [intent] = (await holdfast.stripe.paymentIntents.list({ limit: 1 })).data;
  return { amount: intent?.amount, currency: intent?.currency, orderNumber: intent?.metadata.orderNumber };
}

async function newestSession() {
  const [session] = (await holdfast.stripe.checkout.sessions.list({ limit: 1 })).data;
  return { amount: session?.amount_total, currency: session?.currency, orderNumber: session?.metadata?.orderNumber };
}
