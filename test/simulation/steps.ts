import fc from 'fast-check';
import Stripe from 'stripe';
import { CHECKOUT, EVERY_TRY } from '../support/payment-steps.js';
import { ControlRefused } from '../support/sandbox-controls.js';
import type { PlacedOrder, World } from './world.js';

type Step = fc.AsyncCommand<object, World>;

/** A step is its name and its arguments: what a failing run prints. */
function step<Arguments extends object>(
  name: string,
  parameters: fc.Arbitrary<Arguments>,
  run: (world: World, parameters: Arguments) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return parameters.map((chosen) => ({
    check: () => true,
    run: async (_, world) => {
      await run(world, chosen);
    },
    toString: () => `${name} ${JSON.stringify(chosen)}`,
  }));
}

const index = fc.nat({ max: 5 });
const onOrder = { order: index };

const ITEM = fc.record({
  unitAmount: fc.constantFrom(0, 50, 1250, 9999),
  kind: fc.constantFrom('instant', 'instant', 'manual', 'manual', 'fail', 'flaky'),
});

interface Purchase {
  readonly items: readonly { readonly unitAmount: number; readonly kind: string }[];
  readonly sameAccount: boolean;
}

async function placeOnce(world: World, { items, sameAccount }: Purchase): Promise<PlacedOrder> {
  const { api } = world.holdfast;
  const known = sameAccount ? world.orders.at(-1)?.accountId : undefined;
  const accountId = known ?? (await api.createAccount());
  const wished = items.map(({ unitAmount, kind }) => ({
    ...{ sku: `${kind}-x`, name: kind, quantity: 1, unitAmount, fulfiller: kind === 'manual' ? 'manual' : 'instant' },
  }));
  const answer = await api.post('/v1/orders', { accountId, currency: 'EUR', orderStatus: 'Placed', items: wished });
  const { order } = world.note('place', answer).body;
  const placed: PlacedOrder = {
    ...{ number: order.orderNumber, accountId, handles: [], reported: new Map(), answered: new Set() },
    items: items.map(({ kind }, i) => ({ number: `${order.orderNumber}-${i + 1}`, isManual: kind === 'manual' })),
    initAnswers: new Map(),
  };
  world.orders.push(placed);
  return placed;
}

const place = step(
  'place',
  fc.record({ items: fc.array(ITEM, { minLength: 1, maxLength: 3 }), sameAccount: fc.boolean() }),
  placeOnce,
);

type How = 'intent' | 'saving' | 'page' | 'one-click';
const HOW = fc.constantFrom<How>('intent', 'intent', 'saving', 'page', 'one-click');

async function bodyFor(world: World, { accountId }: PlacedOrder, how: How): Promise<object> {
  if (how === 'page') return CHECKOUT;
  if (how === 'saving') return { savePaymentMethod: true };
  if (how === 'intent') return {};
  const answer = await world.holdfast.api.get(`/v1/accounts/${accountId}/payment-methods`);
  const [card] = (answer.body as { data?: { id: string }[] }).data ?? [];
  return card ? { paymentMethodId: card.id } : {};
}

async function initOnce(world: World, order: PlacedOrder, how: How): Promise<void> {
  const answer = await world.holdfast.api.init(order.number, await bodyFor(world, order, how));
  world.note(`init ${order.number} ${how}`, answer);
  const data = answer.body.initPaymentData as Record<string, string> | undefined;
  if (answer.status !== 200 || !data) return;
  if (data.clientSecret) order.handles.push({ kind: 'secret', value: data.clientSecret });
  if (data.checkoutUrl) order.handles.push({ kind: 'page', value: data.checkoutUrl });
  order.initAnswers.set(answer.text, data.sessionId ?? data.clientSecret?.split('_secret')[0]);
  if (order.initAnswers.size > 1) await expectOneLive(world, order);
}

/** While a payment lives, init answers with it and never otherwise; another answer is another payment, after its end. */
async function expectOneLive({ holdfast }: World, { number, initAnswers }: PlacedOrder): Promise<void> {
  const rows = await holdfast.rows<{ status: string }>(
    'SELECT status FROM payments WHERE order_number = $1 AND (payment_intent_id = ANY($2) OR checkout_session_id = ANY($2))',
    [number, [...initAnswers.values()]],
  );
  const live = rows.filter(({ status }) => !['Released', 'Abandoned', 'Expired', 'Failed'].includes(status));
  if (rows.length !== initAnswers.size || live.length > 1)
    throw new Error(`${number}: init was answered with\n${[...initAnswers.keys()].join('\nand with\n')}`);
}

const init = step('init', fc.record({ ...onOrder, how: HOW, times: fc.constantFrom(1, 1, 3) }), (world, chosen) =>
  // Several at once are several tabs: all are answered alike.
  Promise.all(Array.from({ length: chosen.times }, () => initOnce(world, world.order(chosen.order), chosen.how))),
);

/** What a customer can take: the token, the number for the hosted page, and what the bank's page is answered with. */
const CARDS = {
  good: ['pm_card_visa', '4242424242424242'],
  declined: ['pm_card_visa_chargeDeclined', '4000000000000002'],
  challenged: ['pm_card_authenticationRequired', '4000002760003184'],
  slow: ['pm_card_sandboxProcessing', '4000000000006009'],
  slowAndDeclined: ['pm_card_sandboxProcessingFails', '4000000000006017'],
  slowRefund: ['pm_card_pendingRefund', '4000000000007726'],
  disputed: ['pm_card_createDispute', '4000000000000259'],
} as const;
type Card = keyof typeof CARDS;
const CARD = fc.constantFrom<Card>(
  ...(['good', 'good', 'good', 'declined', 'challenged', 'slow', 'slowAndDeclined', 'slowRefund', 'disputed'] as const),
);

async function payOnce(world: World, order: PlacedOrder, card: Card, handle: number, passes: boolean): Promise<void> {
  const { controls } = world.holdfast;
  const [token, number] = CARDS[card];
  // 0 is the newest: a customer mostly pays where the shop has just led.
  const found = order.handles.at(-1 - (handle % Math.max(order.handles.length, 1)));
  if (!found) return world.say(`pay ${order.number}: nothing to pay on`);
  if (found.kind === 'page') {
    const page = await controls.payHostedPage(found.value, number);
    return world.say(`pay ${order.number} on its page with ${card}: ${page.status}`);
  }
  const { status, body } = await controls.confirm(found.value, token);
  world.say(`pay ${order.number} with ${card}: ${status} ${body.status ?? body.error?.code}`);
  if (body.status !== 'requires_action') return;
  await controls.challenge(found.value, passes ? 'complete' : 'fail');
  world.say(`the bank's page: ${passes ? 'complete' : 'fail'}`);
}

const pay = step(
  'pay',
  fc.record({ ...onOrder, card: CARD, handle: fc.constantFrom(0, 0, 0, 1, 2), passes: fc.boolean() }),
  (world, { order, card, handle, passes }) => payOnce(world, world.order(order), card, handle, passes),
);

async function abandonOnce(world: World, order: PlacedOrder): Promise<void> {
  world.note(`abandon ${order.number}`, await world.holdfast.api.delete(`/v1/orders/${order.number}/payment`));
}

async function cancelOnce(world: World, order: PlacedOrder): Promise<void> {
  world.note(`cancel ${order.number}`, await world.holdfast.api.post(`/v1/orders/${order.number}/cancel`, {}));
}

async function reportOnce(world: World, order: PlacedOrder, item: number, outcome: string): Promise<void> {
  const manual = order.items.filter(({ isManual }) => isManual);
  const chosen = manual[item % Math.max(manual.length, 1)];
  if (!chosen) return;
  const path = `/v1/orders/${order.number}/items/${chosen.number}/fulfillment`;
  const answer = world.note(`report ${chosen.number} ${outcome}`, await world.holdfast.api.put(path, { outcome }));
  if (answer.status === 200) order.reported.set(chosen.number, outcome);
}

async function refundOnce(world: World, order: PlacedOrder, body: object): Promise<void> {
  const answer = await world.holdfast.api.post(`/v1/orders/${order.number}/refunds`, body);
  world.note(`refund ${order.number} ${JSON.stringify(body)}`, answer);
}

const abandon = step('abandon', fc.record(onOrder), (world, { order }) => abandonOnce(world, world.order(order)));
const cancel = step('cancel', fc.record(onOrder), (world, { order }) => cancelOnce(world, world.order(order)));

const OUTCOME = fc.constantFrom('Delivered', 'Delivered', 'Failed');
const report = step('report', fc.record({ ...onOrder, item: index, outcome: OUTCOME }), (world, chosen) =>
  reportOnce(world, world.order(chosen.order), chosen.item, chosen.outcome),
);

const REFUND = fc.oneof(
  fc.constant({}),
  fc.constantFrom(1, 50, 700).map((amount) => ({ amount })),
  fc.constant('item' as const),
);
const refund = step('refund', fc.record({ ...onOrder, what: REFUND }), (world, { order, what }) => {
  const placed = world.order(order);
  return refundOnce(world, placed, what === 'item' ? { orderItemNumbers: [placed.items[0]?.number] } : what);
});

/** Two things at once about one order. */
const ACTS = {
  init: (world: World, order: PlacedOrder) => initOnce(world, order, 'intent'),
  pay: (world: World, order: PlacedOrder) => payOnce(world, order, 'good', 0, true),
  abandon: abandonOnce,
  cancel: cancelOnce,
  deliver: (world: World, order: PlacedOrder) => reportOnce(world, order, 0, 'Delivered'),
  fail: (world: World, order: PlacedOrder) => reportOnce(world, order, 0, 'Failed'),
  refund: (world: World, order: PlacedOrder) => refundOnce(world, order, {}),
} as const;
const ACT = fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[]));
const together = step(
  'together',
  fc.record({ ...onOrder, one: ACT, other: ACT }),
  async (world, { order, one, other }) => {
    const placed = world.order(order);
    await Promise.all([ACTS[one](world, placed), ACTS[other](world, placed)]);
  },
);

/** Somebody acts at Stripe itself, past Holdfast. What Stripe refuses, or cannot hear, did not happen. */
async function atStripe(world: World, what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
    world.say(`${what} at Stripe: done`);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError || error instanceof ControlRefused)) throw error;
    world.say(`${what} at Stripe: ${error.message}`);
  }
}

/** The same, with what was last made for an order. */
async function withIntent(
  world: World,
  what: string,
  act: (intentId: string) => Promise<unknown>,
  { number }: PlacedOrder,
): Promise<void> {
  const [row] = await world.holdfast.rows<{ id: string | null }>(
    'SELECT payment_intent_id AS id FROM payments WHERE order_number = $1 ORDER BY created_at DESC LIMIT 1',
    [number],
  );
  const id = row?.id;
  if (id) await atStripe(world, `${what} ${number}`, () => act(id));
}

async function refundAtStripe(world: World, order: PlacedOrder, amount: number): Promise<void> {
  await withIntent(
    world,
    'refund',
    (id) => world.holdfast.stripe.refunds.create({ payment_intent: id, amount }),
    order,
  );
}

const dashboardRefund = step(
  'refund at Stripe',
  fc.record({ ...onOrder, amount: fc.constantFrom(1, 50, 1250) }),
  (world, { order, amount }) => refundAtStripe(world, world.order(order), amount),
);
const dashboardCancel = step('cancel at Stripe', fc.record(onOrder), async (world, { order }) => {
  for (const kind of ['reservation-lost', 'delivered-uncharged']) world.expectedCases.add(kind);
  await withIntent(world, 'cancel', (id) => world.holdfast.stripe.paymentIntents.cancel(id), world.order(order));
});

async function disputeOnce(world: World, order: PlacedOrder): Promise<void> {
  await withIntent(world, 'dispute', (id) => world.holdfast.controls.post('disputes', { payment_intent: id }), order);
}

const dispute = step('dispute', fc.record(onOrder), (world, { order }) => disputeOnce(world, world.order(order)));
const closeDispute = step(
  'close dispute',
  fc.record({ ...onOrder, won: fc.boolean() }),
  async (world, { order, won }) => {
    // Whoever opened it: some cards dispute by themselves.
    const close = async (id: string) => {
      const { data } = await world.holdfast.stripe.disputes.list({ payment_intent: id });
      if (data[0]) await world.holdfast.controls.post(`disputes/${data[0].id}/close`, { status: won ? 'won' : 'lost' });
    };
    await withIntent(world, 'close the dispute of', close, world.order(order));
  },
);

/** What is asked back of an order, by us, at Stripe itself, and by the customer's bank. */
const GIVE_BACK = {
  all: (world: World, order: PlacedOrder) => refundOnce(world, order, {}),
  part: (world: World, order: PlacedOrder) => refundOnce(world, order, { amount: 700 }),
  item: (world: World, order: PlacedOrder) => refundOnce(world, order, { orderItemNumbers: [order.items[0]?.number] }),
  atStripe: (world: World, order: PlacedOrder) => refundAtStripe(world, order, 5000),
  dispute: disputeOnce,
} as const;

const buy = step(
  'buy',
  fc.record({
    card: fc.constantFrom<Card>('good', 'good', 'slowRefund', 'disputed'),
    givenBack: fc.uniqueArray(fc.constantFrom(...(Object.keys(GIVE_BACK) as (keyof typeof GIVE_BACK)[])), {
      maxLength: 3,
    }),
  }),
  async (world, { card, givenBack }) => {
    const items = [1250, 9999].map((unitAmount) => ({ unitAmount, kind: 'instant' }));
    const order = await placeOnce(world, { items, sameAccount: true });
    await initOnce(world, order, 'intent');
    await payOnce(world, order, card, 0, true);
    await world.settle();
    await Promise.all(givenBack.map((way) => GIVE_BACK[way](world, order)));
  },
);

const webhooks = step(
  'webhooks',
  fc.record({
    mode: fc.constantFrom('hold', 'hold', 'deliver'),
    duplicate: fc.constantFrom(0, 0, 2),
    shuffle: fc.boolean(),
    drop: fc.constantFrom(
      [],
      ['payment_intent.amount_capturable_updated', 'charge.refunded', 'checkout.session.completed'],
    ),
  }),
  (world, mode) => world.holdfast.controls.webhooks(mode),
);
const flush = step('flush', fc.record({}), (world) => world.holdfast.controls.flush());

const HOUR = 3600;
const clock = step(
  'clock',
  fc.record({ seconds: fc.constantFrom(61, 1800, HOUR, 13 * HOUR, 25 * HOUR, 3 * 24 * HOUR, 8 * 24 * HOUR) }),
  async (world, { seconds }) => {
    // Nobody looked while a reservation ran out: what was delivered cannot be charged any more.
    if (seconds >= 3 * 24 * HOUR)
      for (const kind of ['delivered-uncharged', 'reservation-lost', 'delivered-unpaid']) world.expectedCases.add(kind);
    await world.holdfast.passTime(seconds);
  },
);

const worker = step('worker', fc.record({ runs: fc.boolean() }), (world, { runs }) => world.worker(runs));

/** What Holdfast asks of Stripe. Customers' browsers reach it still. */
const OURS = '^/v1/(?!.*/confirm$)';
const KIND = fc.constantFrom('drop_before', 'drop_after', 'error', 'rate_limit', 'lock_timeout', 'garbage');
const cutOff = step(
  'cut Stripe off',
  fc.record({ kind: KIND, times: fc.constantFrom(1, 2, 3), writes: fc.boolean() }),
  (world, { kind, times, writes }) =>
    world.holdfast.controls.fault({ kind, times, path: OURS, ...(writes && { method: 'POST' }) }),
);

async function deleteCustomerOf(world: World, { accountId }: PlacedOrder): Promise<void> {
  const [row] = await world.holdfast.rows<{ id: string | null }>(
    'SELECT stripe_customer_id AS id FROM stripe_customers WHERE account_id = $1',
    [accountId],
  );
  const id = row?.id;
  if (id) await atStripe(world, `delete the customer of ${accountId}`, () => world.holdfast.stripe.customers.del(id));
}

const deleteCustomer = step('delete the customer at Stripe', fc.record(onOrder), (world, { order }) =>
  deleteCustomerOf(world, world.order(order)),
);

/** An order whose first call to Stripe nobody knows the end of, and what is asked next while Stripe still stumbles. */
const beginBadly = step(
  'begin badly',
  fc.record({
    ...{ how: HOW, first: KIND, then: fc.option(KIND), customerGone: fc.boolean() },
    next: fc.constantFrom('init', 'abandon', 'cancel'),
  }),
  async (world, { how, first, then, customerGone, next }) => {
    const { controls } = world.holdfast;
    const placed = await placeOnce(world, { items: [{ unitAmount: 1250, kind: 'instant' }], sameAccount: true });
    await controls.fault({ kind: first, method: 'POST', path: OURS, times: EVERY_TRY });
    await initOnce(world, placed, how);
    await controls.clearFaults();
    if (customerGone) await deleteCustomerOf(world, placed);
    if (then) await controls.fault({ kind: then, method: 'POST', path: OURS });
    if (next === 'init') await initOnce(world, placed, how);
    else await (next === 'abandon' ? abandonOnce : cancelOnce)(world, placed);
  },
);

const reconcile = step('reconcile', fc.record({}), (world) => world.reconcile());

/** Every run begins with an order. */
export const FIRST_STEP = place;

export const STEPS: fc.Arbitrary<Step>[] = [
  ...[place, init, init, init, init, pay, pay, pay, pay, pay, abandon, cancel, report, report, report, refund, refund],
  ...[together, together, dashboardRefund, dashboardCancel, dispute, closeDispute, webhooks, webhooks, flush, flush],
  ...[buy, buy, buy, clock, clock, worker, worker, cutOff, cutOff, cutOff, reconcile],
  ...[beginBadly, beginBadly, beginBadly, deleteCustomer],
];
