import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently, makeJobsDue } from '../support/idle-jobs.js';
import { charged, EVERY_TRY } from '../support/payment-steps.js';
import { RefundSteps } from '../support/refund-steps.js';

const CREATE = { method: 'POST', path: '/v1/refunds' };
const DAY_SECONDS = 24 * 3600;

/** Stripe's answer does not come, or says nothing; and what a process that was killed leaves behind. */
describe('refunds whose answer is not known', () => {
  let holdfast: Holdfast;
  let steps: RefundSteps;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
    steps = new RefundSteps(holdfast);
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await holdfast.controls.clearFaults();
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.startWorker();
  });

  const refund = (...parameters: Parameters<RefundSteps['refund']>) => steps.refund(...parameters);
  const refunded = async (number: string) => (await steps.payment(number)).amountRefunded;
  /** Nobody tells the service by an event what Stripe did. */
  const dropEvents = () =>
    holdfast.controls.webhooks({ mode: 'deliver', drop: ['refund.created', 'charge.refunded', 'refund.updated'] });
  const succeeded = (number: string) =>
    impatiently(
      holdfast,
      eventually(
        () => steps.list(number),
        (data) => data.length > 0 && data.every(({ status }) => status === 'Succeeded'),
      ),
    );

  it.each(['drop_before', 'drop_after', 'garbage', 'lock_timeout'])(
    '%s: Pending, its amount taken; the job asks again on the same key, and there is one refund (S49)',
    async (kind) => {
      const { number, intentId } = await charged(holdfast);
      await dropEvents();
      await holdfast.stopWorker();
      await holdfast.controls.fault({ kind, ...CREATE, times: EVERY_TRY });
      const answer = await refund(number, { amount: 1000 });
      expect([answer.status, answer.body.status]).toEqual([201, 'Pending']);
      expect(await refunded(number)).toBe(0);
      expect((await refund(number, { amount: 251 })).body.code).toBe('refund-exceeds-captured');

      await holdfast.controls.clearFaults();
      await holdfast.startWorker();
      expect(await succeeded(number)).toMatchObject([{ refundId: answer.body.refundId, amount: 1000 }]);
      expect(await refunded(number)).toBe(1000);
      expect(await steps.keys(number)).toEqual([`${answer.body.refundId}:refund:1`]);
      expect(await steps.atStripe(intentId)).toMatchObject([{ amount: 1000 }]);
    },
  );

  it('a failure that Stripe stored: looked for, then asked again on the next key', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.controls.fault({ kind: 'error', status: 500, ...CREATE });
    const { body } = await refund(number);
    expect(body.status).toBe('Pending');
    await succeeded(number);
    expect(await steps.keys(number)).toEqual([`${body.refundId}:refund:1`, `${body.refundId}:refund:2`]);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it('Stripe cannot even be looked at: still Pending, and found when it can', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.controls.fault({ kind: 'error', status: 500, ...CREATE });
    await holdfast.controls.fault({ kind: 'error', status: 500, method: 'GET', path: '/v1/refunds', times: 4 });
    const { body } = await refund(number);
    expect(body.status).toBe('Pending');
    await succeeded(number);
    expect(await steps.keys(number)).toHaveLength(2);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it.each([
    ['drop_after', 'is found by its metadata, and not asked for again', 1],
    ['drop_before', 'is asked for on the next key', 2],
  ])('%s, and Stripe may have forgotten the key: the refund %s', async (kind, _what, attempts) => {
    const { number, intentId } = await charged(holdfast);
    await dropEvents();
    await holdfast.stopWorker();
    await holdfast.controls.fault({ kind, ...CREATE, times: EVERY_TRY });
    const { refundId } = (await refund(number)).body;
    await holdfast.controls.clearFaults();
    await holdfast.controls.advance(DAY_SECONDS + 60);
    await holdfast.startWorker();
    await succeeded(number);
    expect(await steps.keys(number)).toEqual(Array.from({ length: attempts }, (_, n) => `${refundId}:refund:${n + 1}`));
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it('the event is faster than the answer: one refund, linked by its metadata, without a job (S50)', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.stopWorker();
    await holdfast.controls.fault({ kind: 'drop_after', ...CREATE, times: EVERY_TRY });
    const { body } = await refund(number);
    expect(await succeeded(number)).toMatchObject([{ refundId: body.refundId }]);
    expect(await refunded(number)).toBe(1250);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it('died after the claim, before Stripe was asked, and before the answer was kept: the same key gives the same refund', async () => {
    const { number, intentId } = await charged(holdfast);
    await holdfast.stopWorker();
    const key = { 'Idempotency-Key': `crash-${number}` };
    await holdfast.controls.fault({ kind: 'drop_before', ...CREATE, times: EVERY_TRY });
    const first = await refund(number, { amount: 1000 }, key);
    await holdfast.controls.clearFaults();
    const forget = () => holdfast.rows('DELETE FROM idempotency_keys WHERE key = $1', [key['Idempotency-Key']]);
    await forget();

    // The dead process still holds the refund: whoever repeats is told what is known.
    await holdfast.rows(`UPDATE refunds SET lease_until = now() + interval '1 minute' WHERE order_number = $1`, [
      number,
    ]);
    const held = await refund(number, { amount: 1000 }, key);
    expect(held.body).toEqual(first.body);
    await forget();
    // Another body under the key is another request, also when nothing was kept.
    expect((await refund(number, { amount: 999 }, key)).body.code).toBe('idempotency-key-reused');

    await holdfast.rows(`UPDATE refunds SET lease_until = now() - interval '1 second' WHERE order_number = $1`, [
      number,
    ]);
    const again = await refund(number, { amount: 1000 }, key);
    expect(again.body).toEqual({ ...first.body, status: 'Succeeded' });
    expect((await refund(number, { amount: 1000 }, key)).text).toBe(again.text);
    expect(await steps.list(number)).toHaveLength(1);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
    expect(await steps.keys(number)).toHaveLength(1);
  });

  it('died holding the lease: the job waits for it to run out, then finishes', async () => {
    const { number } = await charged(holdfast);
    await dropEvents();
    await holdfast.stopWorker();
    await holdfast.controls.fault({ kind: 'drop_after', ...CREATE, times: EVERY_TRY });
    await refund(number);
    await holdfast.controls.clearFaults();
    const held = (until: string) =>
      holdfast.rows(`UPDATE refunds SET lease_until = ${until} WHERE order_number = $1 RETURNING refund_id`, [number]);
    await held(`now() + interval '1 hour'`);
    const before = await steps.creates(number);
    await makeJobsDue(holdfast);
    await holdfast.startWorker();
    await eventually(
      () =>
        holdfast.rows(
          `SELECT FROM pgboss.job JOIN refunds ON refund_id = data->>'refundId' WHERE order_number = $1 AND state = 'retry'`,
          [number],
        ),
      (jobs) => jobs.length > 0,
    );
    expect(await steps.creates(number)).toEqual(before);
    await held('now()');
    await succeeded(number);
    expect(await steps.keys(number)).toHaveLength(1);
  });

  it('the same Idempotency-Key is one refund; other keys, and none, are others on purpose (S49)', async () => {
    const { number, intentId } = await charged(holdfast);
    const keyed = (key: string) => refund(number, { amount: 100 }, { 'Idempotency-Key': `${key}-${number}` });
    const first = await keyed('a');
    const again = await keyed('a');
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    expect((await refund(number, { amount: 101 }, { 'Idempotency-Key': `a-${number}` })).status).toBe(422);
    const others = [await keyed('b'), await refund(number, { amount: 100 }), await refund(number, { amount: 100 })];
    expect(new Set([first, ...others].map(({ body }) => body.refundId)).size).toBe(4);
    expect(await steps.atStripe(intentId)).toHaveLength(4);
    expect(await refunded(number)).toBe(400);
  });

  it('twenty at once on one key are one refund (S49)', async () => {
    const { number, intentId } = await charged(holdfast);
    const key = { 'Idempotency-Key': `together-${number}` };
    const answers = await Promise.all(Array.from({ length: 20 }, () => refund(number, { amount: 50 }, key)));
    const given = answers.filter(({ status }) => status === 201);
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status, body }) => status === 201 || body.code === 'idempotency-key-in-flight')).toBe(true);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it('Stripe refuses for good: 502, a Failed refund, its amount free again, and the key too', async () => {
    const { number, intentId } = await charged(holdfast);
    const key = { 'Idempotency-Key': `refused-${number}` };
    await holdfast.controls.fault({ kind: 'error', status: 400, code: 'insufficient_funds', ...CREATE });
    const answer = await refund(number, {}, key);
    expect([answer.status, answer.body.code]).toEqual([502, 'payment-provider-refused']);
    expect(answer.body.validationMessages).toMatchObject([{ code: 'insufficient_funds', source: 'payment' }]);
    const [failed] = await steps.list(number);
    expect(failed).toMatchObject({ status: 'Failed', amount: 1250, failureCode: 'insufficient_funds' });
    expect((await steps.history(number)).map(({ type }) => type)).toEqual(['refund.pending', 'refund.failed']);

    const second = await refund(number, {}, key);
    expect(second.body).toMatchObject({ status: 'Succeeded', amount: 1250 });
    expect(second.body.refundId).not.toBe(failed?.refundId);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
    expect(await refunded(number)).toBe(1250);
  });

  it('somebody refunded in the dashboard, and nobody heard of it: 409 once Stripe was read, and adopted', async () => {
    const { number, intentId } = await charged(holdfast);
    await dropEvents();
    await holdfast.stripe.refunds.create({ payment_intent: intentId, amount: 1000 });
    const answer = await refund(number, { amount: 500 });
    expect([answer.status, answer.body.code]).toEqual([409, 'refund-exceeds-captured']);
    expect(answer.body.detail).toContain('2.50 EUR are left');
    expect((await steps.list(number)).map(({ status, amount }) => [status, amount]).sort()).toEqual([
      ['Failed', 500],
      ['Succeeded', 1000],
    ]);
    expect(await refunded(number)).toBe(1000);
    expect((await refund(number)).body).toMatchObject({ amount: 250, status: 'Succeeded' });
  });

  it('a job that is done again has no second effect', async () => {
    const { number, intentId } = await charged(holdfast);
    const { refundId } = (await refund(number, { amount: 100 })).body;
    const before = [await holdfast.api.timeline(number), await steps.keys(number)];
    await makeJobsDue(holdfast);
    await eventually(
      () => holdfast.rows(`SELECT 1 FROM pgboss.job WHERE data->>'refundId' = $1 AND state <> 'completed'`, [refundId]),
      (open) => open.length === 0,
    );
    expect([await holdfast.api.timeline(number), await steps.keys(number)]).toEqual(before);
    expect(await steps.atStripe(intentId)).toHaveLength(1);
  });

  it('leaves no lease behind', async () => {
    expect(await holdfast.rows('SELECT 1 FROM refunds WHERE lease_until IS NOT NULL')).toEqual([]);
  });
});
