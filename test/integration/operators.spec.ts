import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OperatorsService } from '#operators';
import { readCommand, UsageError } from '../../apps/orders/command.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { EVERY_TRY, intentIdOf, reserve, reserveManual } from '../support/payment-steps.js';

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
