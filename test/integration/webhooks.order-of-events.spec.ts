import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HANDLED_EVENTS } from '#webhooks';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, intentIdOf, pageOf, secretOf } from '../support/payment-steps.js';

interface HeldEvent {
  readonly event: string;
  readonly type: string;
}

/** Every order of a list; of a long one a sample that has each element first, last and after each other. */
function ordersOf<T>(list: readonly T[]): T[][] {
  if (list.length > 4) {
    const turned = list.map((_, n) => [...list.slice(n), ...list.slice(0, n)]);
    return [...turned, ...turned.map((order) => [...order].reverse())];
  }
  if (list.length <= 1) return [[...list]];
  return list.flatMap((first, n) => ordersOf(list.toSpliced(n, 1)).map((rest) => [first, ...rest]));
}

describe('the order in which events come', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());
  afterEach(async () => {
    await holdfast.controls.webhooks({ mode: 'deliver' });
    await holdfast.controls.flush();
  });

  /** What is held of the kinds that the endpoint is registered for. */
  async function held(): Promise<HeldEvent[]> {
    const answer: unknown = await (await fetch(`${holdfast.sandbox.url}/_sandbox/webhooks`)).json();
    return (answer as { held: HeldEvent[] }).held.filter(({ type }) =>
      HANDLED_EVENTS.some((handled) => handled === type),
    );
  }

  /** Plays a flow with events held, then delivers them in an order, each one twice. @returns where it all ended */
  async function play(flow: (number: string) => Promise<void>, order?: (events: string[]) => string[]) {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
    await flow(number);
    const events = (await held()).map(({ event }) => event);
    const chosen = order ? order(events) : events;
    await controls.flush(chosen.flatMap((event) => [event, event]));
    const { orderStatus, payment } = await api.orderIn(number, 'InTransit', 'Placed', 'Payment');
    const [money] = await controls.ledger(number);
    const paid = (await api.timeline(number)).filter(({ to }) => to === 'Paid').length;
    const { status = null, amountAuthorized = null, declineCode = null } = payment ?? {};
    return {
      count: events.length,
      end: { orderStatus, status, amountAuthorized, declineCode, paid, held: money?.amount_capturable },
    };
  }

  const pay = async (secret: string) => void (await holdfast.controls.confirm(secret));
  const decline = (secret: string) => holdfast.controls.confirm(secret, 'pm_card_visa_chargeDeclined');

  const FLOWS: [string, (number: string) => Promise<void>, Record<string, unknown>][] = [
    [
      'pay by intent',
      async (number) => pay(secretOf(await holdfast.api.init(number))),
      {
        orderStatus: 'InTransit',
        status: 'Authorized',
        amountAuthorized: 1250,
        declineCode: null,
        paid: 1,
        held: 1250,
      },
    ],
    [
      'pay on the page',
      async (number) => {
        await holdfast.controls.payHostedPage(pageOf(await holdfast.api.init(number, CHECKOUT)));
      },
      {
        orderStatus: 'InTransit',
        status: 'Authorized',
        amountAuthorized: 1250,
        declineCode: null,
        paid: 1,
        held: 1250,
      },
    ],
    [
      'declined, then paid (S25, S28)',
      async (number) => {
        const secret = secretOf(await holdfast.api.init(number));
        await decline(secret);
        await pay(secret);
      },
      {
        orderStatus: 'InTransit',
        status: 'Authorized',
        amountAuthorized: 1250,
        declineCode: null,
        paid: 1,
        held: 1250,
      },
    ],
    [
      'declined twice (S28)',
      async (number) => {
        const secret = secretOf(await holdfast.api.init(number));
        await decline(secret);
        await holdfast.controls.confirm(secret, 'pm_card_visa_chargeDeclinedInsufficientFunds');
      },
      {
        orderStatus: 'Payment',
        status: 'Pending',
        amountAuthorized: 0,
        declineCode: 'insufficient_funds',
        paid: 0,
        held: 0,
      },
    ],
    [
      'authentication asked for and not given (S32)',
      async (number) => {
        await holdfast.controls.confirm(secretOf(await holdfast.api.init(number)), 'pm_card_threeDSecure2Required');
      },
      { orderStatus: 'Payment', status: 'Pending', amountAuthorized: 0, declineCode: null, paid: 0, held: 0 },
    ],
    [
      'the intent is cancelled at Stripe',
      async (number) => {
        await holdfast.stripe.paymentIntents.cancel(intentIdOf(await holdfast.api.init(number)));
      },
      { orderStatus: 'Placed', status: null, amountAuthorized: null, declineCode: null, paid: 0, held: 0 },
    ],
    [
      'declined on the page, then paid (S25)',
      async (number) => {
        const page = pageOf(await holdfast.api.init(number, CHECKOUT));
        await holdfast.controls.payHostedPage(page, '4000000000000002');
        await holdfast.controls.payHostedPage(page);
      },
      {
        orderStatus: 'InTransit',
        status: 'Authorized',
        amountAuthorized: 1250,
        declineCode: null,
        paid: 1,
        held: 1250,
      },
    ],
  ];

  it.each(FLOWS)('%s: the same end in every order, each event twice (invariant 6)', async (_name, flow, expected) => {
    const first = await play(flow);
    expect(first.end).toEqual(expected);
    expect(first.count).toBeGreaterThan(0);
    const positions = Array.from({ length: first.count }, (_, n) => n);
    for (const order of ordersOf(positions).slice(1)) {
      const again = await play(flow, (events) => order.map((n) => events[n] ?? ''));
      expect(again.end).toEqual(expected);
    }
  });

  it('one event alone is enough: whichever of a payment’s events comes', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'hold' });
    for (const body of [{}, CHECKOUT]) {
      const kinds = new Set<string>();
      for (let n = 0; ; n++) {
        const number = await api.placeOrder({ items: [{ fulfiller: 'manual' }] });
        const answer = await api.init(number, body);
        if (body === CHECKOUT) await controls.payHostedPage(pageOf(answer));
        else await pay(secretOf(answer));
        const events = await held();
        if (n >= events.length) {
          await controls.flush();
          break;
        }
        await controls.flush([events[n]?.event ?? '']);
        await api.orderIn(number, 'InTransit');
        kinds.add(events[n]?.type ?? '');
        await controls.flush();
      }
      expect([...kinds]).toContain('payment_intent.amount_capturable_updated');
      if (body === CHECKOUT) expect([...kinds]).toContain('checkout.session.completed');
    }
  });

  it('the buyer pays and closes the browser: the order is completed from the webhook alone (S31)', async () => {
    const { api, controls } = holdfast;
    await controls.webhooks({ mode: 'deliver' });
    const number = await api.placeOrder();
    // The redirect to the success address is never followed.
    const response = await controls.payHostedPage(pageOf(await api.init(number, CHECKOUT)));
    expect(response.status).toBe(303);
    const order = await api.orderIn(number, 'Fulfilled');
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    expect(order.items[0].deliverables).toHaveLength(2);
  });

  it('a page that ran out brings the order back to Placed, and it can be paid anew', async () => {
    const { api, controls } = holdfast;
    const number = await api.placeOrder();
    await api.init(number, CHECKOUT);
    await controls.advance(25 * 3600);
    expect((await api.orderIn(number, 'Placed')).payment).toBeNull();
    const abandoned = (await api.timeline(number)).find(({ type }) => type === 'payment.abandoned');
    expect(abandoned.detail.reason).toBe('session-expired');
    expect((await api.init(number, CHECKOUT)).status).toBe(200);
  });
});
