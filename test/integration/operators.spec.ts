import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OperatorsService } from '#operators';
import { Clock, Database } from '#platform';
import { StripeGateway } from '#stripe';
import { audit } from '../../apps/audit/audit.js';
import { readCommand, UsageError } from '../../apps/orders/command.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { EVERY_TRY, intentIdOf, reserve, reserveManual, deliveredUnpaid } from '../support/payment-steps.js';

const KEY = 'operators-own-key';

interface Stuck {
  readonly source: string;
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly orderNumber?: string;
  readonly reason: string;
  readonly nextStep: string;
}

describe('operators', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ environment: { OPERATOR_KEY: KEY } });
  });
  afterAll(() => holdfast.stop());

  const ask = (path: string, method = 'GET') => holdfast.api.call(`/v1/operator/${path}`, { method, credential: KEY });
  const refusesUnknownNames = async (path: string) => {
    const body = { force: true, why: 'no' };
    const answer = await holdfast.api.call(`/v1/operator/${path}`, { method: 'POST', credential: KEY, body });
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { validationMessages: [{ memberNames: ['force'] }, { memberNames: ['why'] }] },
    ]);
  };
  const stuck = async (subject: string): Promise<Stuck[]> => {
    const { data } = (await ask('stuck')).body as { data: Stuck[] };
    return data.filter((thing) => thing.subject.includes(subject));
  };
  const command = (...argv: string[]) => readCommand(argv)(holdfast.app.get(OperatorsService, { strict: false }));

  it.each(['stuck', 'orders', 'orders/26-100000'])('nobody else sees /v1/operator/%s', async (path) => {
    for (const credential of [null, 'hf_test_demo', 'wrong'])
      expect((await holdfast.api.call(`/v1/operator/${path}`, { credential })).status).toBe(401);
  });

  it('shows everything about an order, and its last attempt among the others', async () => {
    const number = await holdfast.api.placeOrder();
    const first = intentIdOf(await holdfast.api.init(number));
    await holdfast.api.delete(`/v1/orders/${number}/payment`);
    const secret = await holdfast.api.init(number);
    await holdfast.controls.confirm(
      (secret.body as { initPaymentData: { clientSecret: string } }).initPaymentData.clientSecret,
    );
    await holdfast.api.orderIn(number, 'Fulfilled');

    const file = (await ask(`orders/${number}`)).body as {
      payments: { status: string; paymentIntentId: string }[];
      timeline: { type: string }[];
      stuck: unknown[];
    };
    expect(file.payments).toMatchObject([{ status: 'Abandoned', paymentIntentId: first }, { status: 'Captured' }]);
    expect(file.timeline.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'order.placed',
        'payment.abandoned',
        'order.paid',
        'payment.captured',
        'order.fulfilled',
      ]),
    );
    expect(file.stuck).toEqual([]);

    const printed = await command('show', number);
    expect(printed).toContain(`Order ${number}  Fulfilled`);
    expect(printed).toContain(first);
    expect(printed).toMatch(/order\.paid .*Payment → Paid/);
  });

  it('finds an order by whatever names it', async () => {
    const { number } = await reserve(holdfast);
    await holdfast.api.orderIn(number, 'Fulfilled');
    const { payment, accountId } = (await holdfast.api.order(number)) as {
      payment: { paymentId: string; paymentIntentId: string };
      accountId: string;
    };
    const names = [number, `${number}-1`, accountId, payment.paymentId, payment.paymentIntentId];
    for (const name of names) {
      const { data } = (await ask(`orders?query=${name}`)).body as { data: { orderNumber: string }[] };
      expect(data.map(({ orderNumber }) => orderNumber)).toContain(number);
    }
    const ended = await holdfast.api.placeOrder();
    const intent = intentIdOf(await holdfast.api.init(ended));
    await holdfast.api.delete(`/v1/orders/${ended}/payment`);
    expect((await ask(`orders?query=${intent}`)).body).toMatchObject({ data: [{ orderNumber: ended }] });
    expect((await ask('orders?query=nobody')).body).toEqual({ data: [] });
    expect(((await ask('orders')).body as { data: unknown[] }).data.length).toBeGreaterThan(1);
  });

  it('lists a case with its next step, and closes it once', async () => {
    const { number } = await reserveManual(holdfast);
    await holdfast.rows(
      `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at) VALUES ('planted', $1, 'because', 'do so', '{}', now())`,
      [number],
    );
    const [thing] = await stuck(number);
    expect(thing).toMatchObject({ source: 'case', kind: 'planted', orderNumber: number, nextStep: 'do so' });
    expect(await command('stuck')).toContain('Next: do so');
    expect(await command('show', number)).toContain('Needs a person');

    await refusesUnknownNames(`cases/${thing?.id}/close`);
    expect(await stuck(number)).toHaveLength(1);
    expect((await ask(`cases/${thing?.id}/close`, 'POST')).status).toBe(200);
    expect(await stuck(number)).toEqual([]);
    expect((await ask(`cases/${thing?.id}/close`, 'POST')).status).toBe(404);
    for (const id of ['0', 'x', '99999999999999999999', '1%00'])
      expect((await ask(`cases/${id}/close`, 'POST')).status).toBe(404);
    expect((await holdfast.api.timeline(number)).at(-1)).toMatchObject({
      type: 'operator.case_closed',
      actor: 'operator',
    });
  });

  it('an order that stays in Delivered is settled by a person, who says how; then it is forgotten by nobody', async () => {
    const number = await deliveredUnpaid(holdfast);
    const things = await eventually(
      () => stuck(number),
      ({ length }) => length === 2,
    );
    const [lost, uncharged] = ['reservation-lost', 'delivered-uncharged'].map(
      (kind) => things.find((thing) => thing.kind === kind)?.id ?? '',
    );
    const close = async (id: string | undefined, body?: object) => {
      const answer = await holdfast.api.call(`/v1/operator/cases/${id}/close`, {
        method: 'POST',
        credential: KEY,
        body,
      });
      return [answer.status, (answer.body as { detail?: string }).detail];
    };
    expect(await close(lost, { settlement: 'refunded' })).toEqual([400, 'settlement: is not for reservation-lost']);
    expect(await close(lost)).toEqual([200, undefined]);
    const needed = 'settlement: say how it was settled: collected, refunded, written-off';
    for (const body of [undefined, {}]) expect(await close(uncharged, body)).toEqual([400, needed]);
    expect((await close(uncharged, { settlement: 'forgotten' }))[0]).toBe(400);
    await expect(command('close', uncharged ?? '')).rejects.toThrow(needed);
    expect(await command('stuck')).toContain(`close ${uncharged} --settlement collected|refunded|written-off`);
    expect(await stuck(number)).toHaveLength(1);

    const audited = async () => {
      const get = <T>(token: abstract new (...parameters: never[]) => T) =>
        holdfast.app.get<T>(token, { strict: false });
      const findings = await audit(get(Database), get(StripeGateway), get(Clock), 10);
      return findings.filter(({ subject }) => subject === number).map(({ invariant }) => invariant);
    };
    await holdfast.passTime(2 * 24 * 3600);
    const closed = 'UPDATE operator_cases SET closed_at = $2, settlement = NULL WHERE id = $1';
    await holdfast.rows(closed, [uncharged, new Date()]);
    expect(await audited()).toEqual([3, 12]);
    await holdfast.rows(closed, [uncharged, null]);
    expect(await command('close', uncharged ?? '', '--settlement', 'written-off')).toBe('Closed.');
    expect(await audited()).toEqual([]);
    expect((await holdfast.api.timeline(number)).at(-1)).toMatchObject({
      ...{ type: 'operator.case_closed', actor: 'operator' },
      detail: { kind: 'delivered-uncharged', settlement: 'written-off' },
    });
    // However often it is looked at.
    await command('look', number);
    await holdfast.reconcile();
    const jobs = await holdfast.rows(
      `SELECT FROM pgboss.job WHERE name = 'fulfillment.settle' AND state < 'completed' AND data->>'orderNumber' = $1`,
      [number],
    );
    expect([jobs, await stuck(number)]).toEqual([[], []]);
    expect((await holdfast.api.order(number)).orderStatus).toBe('Delivered');
  });

  it('lists a dead job with its error, and replays it to its end', async () => {
    const { controls, api } = holdfast;
    const { number } = await reserveManual(holdfast);
    // The last try of the cancellation's job, with Stripe away.
    await controls.fault({ path: '/v1/payment_intents', kind: 'error', status: 503, times: EVERY_TRY });
    expect((await api.post(`/v1/orders/${number}/cancel`, {})).status).toBe(202);
    await holdfast.rows(
      `UPDATE pgboss.job SET retry_limit = 0, start_after = now() WHERE name = 'payments.release' AND data->>'paymentId' = (SELECT payment->>'paymentId' FROM orders WHERE order_number = $1)`,
      [number],
    );
    const dead = async () => {
      const { payment } = (await api.order(number)) as { payment: { paymentId: string } };
      return stuck(payment.paymentId);
    };
    const [thing] = await eventually(dead, (things) => things.length === 1);
    expect(thing).toMatchObject({ source: 'job', kind: 'payments.release' });
    expect(thing?.reason).toMatch(/^Given up after 1 try: .*Stripe/);

    await controls.clearFaults();
    await refusesUnknownNames(`jobs/${thing?.id}/replay`);
    expect(await dead()).toHaveLength(1);
    expect(await command('replay', thing?.id ?? '')).toBe('It is in its queue.');
    await api.orderIn(number, 'Canceled');
    expect(await dead()).toEqual([]);
    await expect(command('replay', thing?.id ?? '')).rejects.toThrow('There is no such dead job');
    expect((await ask('jobs/x/replay', 'POST')).status).toBe(404);
  });

  it('brings an order home when asked to look', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const { number } = await reserve(holdfast);
    expect((await api.order(number)).orderStatus).toBe('Payment');
    await refusesUnknownNames(`orders/${number}/look`);
    expect((await api.order(number)).orderStatus).toBe('Payment');
    expect((await ask(`orders/${number}/look`, 'POST')).body).toMatchObject({ order: { orderNumber: number } });
    await api.orderIn(number, 'Fulfilled');
    await controls.webhooks({ mode: 'deliver' });
    expect((await ask('orders/26-999999/look', 'POST')).status).toBe(404);
  });

  it('lists an event that keeps failing', async () => {
    await holdfast.rows(
      `INSERT INTO stripe_events (event_id, type, object_id, event_created_at, status, error, received_at)
       VALUES ('evt_planted', 'payment_intent.succeeded', 'pi_planted', now(), 'failed', 'Error: planted', now())`,
    );
    expect(await stuck('pi_planted')).toMatchObject([
      { source: 'event', id: 'evt_planted', reason: expect.stringContaining('planted') },
    ]);
  });

  it.each([[[]], [['show']], [['stuck', 'x']], [['show', 'a', 'b']], [['dance', 'x']], [['stuck', '--loud']]])(
    'the command %j is explained',
    (argv) => {
      expect(() => readCommand(argv)).toThrow(UsageError);
    },
  );
});
