import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';
import { casesOf, EVERY_TRY, intentIdOf, reserve, secretOf } from '../support/payment-steps.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

const SECOND_SECRET = 'whsec_the_next_one';

describe('the webhook’s door', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    const environment = { STRIPE_WEBHOOK_SECRET: `whsec_holdfast_sandbox,${SECOND_SECRET}` };
    holdfast = await Holdfast.start({ environment });
  });
  afterAll(() => holdfast.stop());
  afterEach(() => holdfast.controls.heal());

  /** A reservation that no event has told of yet. */
  async function unheard(): Promise<{ number: string; event: Record<string, unknown> }> {
    await holdfast.controls.webhooks({ mode: 'hold' });
    const { number, intentId } = await reserve(holdfast, { items: [{ fulfiller: 'manual' }] });
    const intent = await holdfast.stripe.paymentIntents.retrieve(intentId);
    return { number, event: eventAbout('payment_intent.amount_capturable_updated', intent) };
  }

  const stored = async (event: Record<string, unknown>) =>
    (await holdfast.rows<{ status: string }>('SELECT status FROM stripe_events WHERE event_id = $1', [event.id])).map(
      ({ status }) => status,
    );
  const paidOnce = async (number: string) => {
    expect((await holdfast.api.timeline(number)).filter(({ to }) => to === 'Paid')).toHaveLength(1);
    const jobs = await holdfast.rows(
      `SELECT 1 FROM pgboss.job WHERE name = 'fulfillment.start' AND data->>'orderNumber' = $1`,
      [number],
    );
    expect(jobs).toHaveLength(1);
  };

  it('checks the signature over the bytes that came, whatever their layout (S18)', async () => {
    const { number, event } = await unheard();
    const bytes = `\n  ${JSON.stringify(event, null, 7)}\n\n`;
    expect(await deliver(holdfast, bytes)).toBe(200);
    // The order is Paid before the answer is given.
    expect(['Paid', 'InTransit']).toContain((await holdfast.api.order(number)).orderStatus);
    await paidOnce(number);
  });

  it('takes each of several secrets', async () => {
    const { number, event } = await unheard();
    expect(await deliver(holdfast, event, { secret: SECOND_SECRET })).toBe(200);
    await paidOnce(number);
  });

  it('refuses what is not signed by Stripe, and stores nothing (S19)', async () => {
    const { number, event } = await unheard();
    const payload = JSON.stringify(event);
    const now = Math.floor(Date.now() / 1000);
    const sign = (text: string, timestamp = now) =>
      holdfast.stripe.webhooks.generateTestHeaderString({ payload: text, secret: 'whsec_holdfast_sandbox', timestamp });
    const forgeries: [string, string, string | null][] = [
      ['no signature', payload, null],
      ['an empty one', payload, ''],
      ['nonsense', payload, 't=1,v1=00'],
      ['no scheme we know', payload, sign(payload).replace('v1=', 'v0=')],
      ['of another body', payload, sign(`${payload} `)],
      ['of an altered body', payload.replace('1250', '1251'), sign(payload)],
      ['too old', payload, sign(payload, now - 301)],
    ];
    for (const [, sent, signature] of forgeries) expect(await deliver(holdfast, sent, { signature })).toBe(400);
    expect(await deliver(holdfast, event, { secret: 'whsec_wrong' })).toBe(400);
    expect(await deliver(holdfast, 'not JSON')).toBe(400);
    expect(await deliver(holdfast, '[]')).toBe(400);
    expect(await deliver(holdfast, '{}')).toBe(400);
    expect(await deliver(holdfast, { ...event, object: 'v2.core.event' })).toBe(400);

    expect(await stored(event)).toEqual([]);
    expect((await holdfast.api.order(number)).orderStatus).toBe('Payment');
  });

  it('ignores events of others, with 200 and nothing stored (S17)', async () => {
    const { number, event } = await unheard();
    const intent = (event.data as { object: { metadata: Record<string, string> } }).object;
    const foreign = (metadata: unknown) => eventAbout(event.type as string, { ...intent, metadata });
    const ignored = [
      foreign({}),
      foreign(null),
      foreign({ source: 'another-app', paymentId: 'pay_1' }),
      foreign({ ...intent.metadata, source: 'Holdfast' }),
      { ...event, id: 'evt_live', livemode: true },
      eventAbout('customer.created', { id: 'cus_1', object: 'customer', metadata: intent.metadata }),
      eventAbout('invoice.paid', { id: 'in_1', object: 'invoice' }),
    ];
    for (const one of ignored) {
      expect(await deliver(holdfast, one)).toBe(200);
      expect(await stored(one)).toEqual([]);
    }
    expect((await holdfast.api.order(number)).orderStatus).toBe('Payment');
    const { body } = await holdfast.api.get('/metrics');
    expect(body).toMatch(
      /holdfast_stripe_webhooks_total\{type="payment_intent.amount_capturable_updated",result="ignored"\} \d/,
    );
  });

  it('413 for a body over 1 MiB', async () => {
    expect(await deliver(holdfast, 'x'.repeat(1024 * 1024 + 1))).toBe(413);
  });

  it('the same event ten times at once, and again later, has one effect (S21)', async () => {
    const { number, event } = await unheard();
    const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver(holdfast, event)));
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(await deliver(holdfast, event)).toBe(200);
    await paidOnce(number);
    expect(await stored(event)).toEqual(['processed']);
  });

  it('three deliveries of every event at once are one (S21)', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'deliver', duplicate: 2, shuffle: true });
    const { number } = await reserve(holdfast, { items: [{}, { sku: 'fail-1', unitAmount: 300 }] });
    await api.orderIn(number, 'PartiallyFulfilled');
    await paidOnce(number);
    expect(await controls.ledger(number)).toMatchObject([{ amount_received: 1250 }]);
  });

  it('a database that fails in the middle: 5xx, the event kept as failed, and the next delivery succeeds (S27)', async () => {
    const { number, event } = await unheard();
    await holdfast.rows(`CREATE FUNCTION refuse_paid() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.status = 'Paid' THEN RAISE EXCEPTION 'planted'; END IF; RETURN NEW; END $$`);
    await holdfast.rows('CREATE TRIGGER planted BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_paid()');
    try {
      expect(await deliver(holdfast, event)).toBe(503);
      expect(await stored(event)).toEqual(['failed']);
      expect(await deliver(holdfast, event)).toBe(503);
      expect((await holdfast.api.order(number)).orderStatus).toBe('Payment');
    } finally {
      await holdfast.rows('DROP TRIGGER planted ON orders');
      await holdfast.rows('DROP FUNCTION refuse_paid');
    }
    expect(await deliver(holdfast, event)).toBe(200);
    expect(await stored(event)).toEqual(['processed']);
    await paidOnce(number);
    const [row] = await holdfast.rows<{ deliveries: number; error: string | null }>(
      'SELECT deliveries, error FROM stripe_events WHERE event_id = $1',
      [event.id],
    );
    expect(row).toEqual({ deliveries: 3, error: null });
  });

  it('Stripe that cannot be read: 5xx, kept as failed, delivered again', async () => {
    const { number, event } = await unheard();
    await holdfast.controls.fault({ kind: 'drop_before', method: 'GET', times: EVERY_TRY });
    expect(await deliver(holdfast, event)).toBe(503);
    expect(await stored(event)).toEqual(['failed']);
    await holdfast.controls.clearFaults();
    expect(await deliver(holdfast, event)).toBe(200);
    await paidOnce(number);
  });

  it('an object with our metadata and no payment: 200, and an operator is told once', async () => {
    const { stripe } = holdfast;
    const metadata = {
      source: 'holdfast',
      paymentId: 'pay_of_another_database',
      orderNumber: '26-1',
      accountId: 'acc_1',
    };
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'eur', metadata });
    const event = eventAbout('payment_intent.processing', intent);
    expect([await deliver(holdfast, event), await deliver(holdfast, event)]).toEqual([200, 200]);
    expect(await deliver(holdfast, eventAbout('payment_intent.canceled', intent))).toBe(200);
    expect(await stored(event)).toEqual(['unmatched']);
    expect(await casesOf(holdfast, intent.id)).toEqual(['stripe-object-without-payment']);
  });

  it.each<[string, Record<string, string | number>]>([
    ['amount', { amount: 1249 }],
    ['amount, above', { amount: 125_000 }],
    ['currency', { currency: 'usd' }],
  ])('a reservation of another %s is never Paid: released, and an operator is told (S16)', async (_name, change) => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    await stripe.paymentIntents.update(intentIdOf(answer), change);
    await controls.confirm(secretOf(answer));

    const order = await api.orderIn(number, 'Placed');
    expect(order.payment).toBeNull();
    expect(await controls.ledger(number)).toMatchObject([
      { status: 'canceled', amount_capturable: 0, amount_received: 0 },
    ]);
    expect(await casesOf(holdfast, number)).toEqual(['payment-mismatch']);
    expect((await api.timeline(number)).filter(({ to }) => to === 'Paid')).toEqual([]);
    // The customer can pay anew.
    await controls.confirm(secretOf(await api.init(number)));
    await api.orderIn(number, 'Fulfilled');
  });

  it('an intent that its payment does not stand for is cancelled, and an operator is told', async () => {
    const { api, controls, stripe } = holdfast;
    const number = await api.placeOrder();
    const answer = await api.init(number);
    const own = await stripe.paymentIntents.retrieve(intentIdOf(answer));
    const twin = (metadata: Record<string, string>) =>
      stripe.paymentIntents.create({
        ...{ amount: 1250, currency: 'eur', capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa' },
        ...{ metadata, automatic_payment_methods: { enabled: true, allow_redirects: 'never' } },
      });
    const beside = await twin(own.metadata);
    const isCanceled = async (id: string) =>
      eventually(
        () => stripe.paymentIntents.retrieve(id),
        ({ status }) => status === 'canceled',
      );
    await isCanceled(beside.id);
    expect(await casesOf(holdfast, beside.id)).toEqual(['stray-reservation']);
    expect((await api.order(number)).orderStatus).toBe('Payment');

    await api.delete(`/v1/orders/${number}/payment`);
    const after = await twin(own.metadata);
    await isCanceled(after.id);
    expect(await casesOf(holdfast, after.id)).toEqual(['stray-reservation']);
    expect(await api.order(number)).toMatchObject({ orderStatus: 'Placed', payment: null });

    // The key of a cancellation that failed at Stripe is asked again until it succeeds.
    await controls.fault({ kind: 'drop_before', method: 'POST', path: '/v1/payment_intents/.*/cancel', times: 3 });
    const last = await twin(own.metadata);
    await impatiently(holdfast, isCanceled(last.id));
    await eventually(
      async () => (await api.timeline(number)).filter(({ type }) => type === 'payment.stray_canceled').length,
      (count) => count === 3,
    );
  });

  it('a charge by an intent that no payment stands for is on the operator’s list', async () => {
    const { api, stripe } = holdfast;
    const number = await api.placeOrder();
    const { metadata } = await stripe.paymentIntents.retrieve(intentIdOf(await api.init(number)));
    const charge = await stripe.paymentIntents.create({
      ...{ amount: 1250, currency: 'eur', confirm: true, payment_method: 'pm_card_visa', metadata },
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    await eventually(
      () => casesOf(holdfast, charge.id),
      (cases) => cases.includes('stray-charge'),
    );
    expect((await api.order(number)).orderStatus).toBe('Payment');
  });
});
