import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { eventually } from '../support/eventually.js';
import { openSandbox, refusal, type Fixture } from './sandbox.fixture.js';

let f: Fixture;
let stripe: Stripe;
beforeAll(async () => {
  f = await openSandbox();
  stripe = f.stripe;
});
afterAll(() => f.sandbox.close());

const create = (idempotencyKey: string, amount = 5000) =>
  stripe.paymentIntents.create({ amount, currency: 'eur' }, { idempotencyKey });

describe('idempotency keys (facts §6)', () => {
  test('the first answer is given again', async () => {
    const first = await create('same');
    const second = await create('same');
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  });

  test('other parameters are refused', async () => {
    await create('other');
    expect(await refusal(create('other', 6000))).toMatchObject({
      statusCode: 400,
      rawType: 'idempotency_error',
      type: 'StripeIdempotencyError',
    });
  });

  test('another endpoint is another request', async () => {
    await create('endpoint');
    expect((await refusal(stripe.customers.create({}, { idempotencyKey: 'endpoint' }))).rawType).toBe(
      'idempotency_error',
    );
  });

  test('declines are replayed, without a second charge', async () => {
    const pay = () =>
      stripe.paymentIntents.create(
        {
          amount: 5000,
          currency: 'eur',
          confirm: true,
          return_url: 'https://a.example/',
          payment_method: 'pm_card_chargeDeclined',
        },
        { idempotencyKey: 'declined' },
      );
    const [first, second] = [await refusal(pay()), await refusal(pay())];
    expect(second.payment_intent?.id).toBe(first.payment_intent?.id);
    expect((await stripe.charges.list({ payment_intent: first.payment_intent?.id ?? '' })).data).toHaveLength(1);
  });

  test('500s are replayed', async () => {
    await f.control('POST', 'faults', { kind: 'error', status: 500, path: '/v1/payment_intents', method: 'POST' });
    expect((await refusal(create('broken'))).statusCode).toBe(500);
    expect((await refusal(create('broken'))).statusCode).toBe(500);
    expect((await create('broken, another key')).status).toBe('requires_payment_method');
  });

  test('what failed validation is not kept', async () => {
    await refusal(
      stripe.paymentIntents.create({ amount: 5000 } as Stripe.PaymentIntentCreateParams, {
        idempotencyKey: 'corrected',
      }),
    );
    expect((await create('corrected')).amount).toBe(5000);
  });

  test('the same key in flight is 409', async () => {
    await f.control('POST', 'faults', { kind: 'hold', path: '/v1/payment_intents' });
    const first = create('flight');
    await eventually(
      () => f.control<{ data: object[] }>('GET', 'faults'),
      ({ data }) => data.length === 0,
    );
    const error = await refusal(create('flight'));
    await f.control('DELETE', 'faults');
    expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect((await create('flight').catch(async () => first)).id).toBe((await first).id);
  });

  test('429 comes before the key, and is not kept', async () => {
    await f.control('POST', 'faults', { kind: 'rate_limit', path: '/v1/payment_intents' });
    expect(await refusal(create('limited'))).toMatchObject({ statusCode: 429, code: 'rate_limit' });
    expect((await create('limited')).object).toBe('payment_intent');
  });

  test('a cut connection after the work leaves its answer to be replayed', async () => {
    await f.control('POST', 'faults', { kind: 'drop_after', path: '/v1/payment_intents', times: 2 });
    expect((await refusal(create('cut'))).type).toBe('StripeConnectionError');
    await f.control('DELETE', 'faults');
    const replayed = await create('cut');
    expect(replayed.lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  test('a key of more than 255 characters is refused', async () => {
    expect((await refusal(create('k'.repeat(256)))).statusCode).toBe(400);
  });

  test('keys are forgotten after 24 h by the clock', async () => {
    const own = await openSandbox();
    const make = () => own.stripe.customers.create({}, { idempotencyKey: 'daily' });
    const first = await make();
    await own.control('POST', 'clock', { advanceSeconds: 24 * 3600 - 5 });
    expect((await make()).id).toBe(first.id);
    await own.control('POST', 'clock', { advanceSeconds: 10 });
    expect((await make()).id).not.toBe(first.id);
    await own.sandbox.close();
  });
});
