import { PartnersService } from '#partners';
import type { PlacedOrder, World } from '../simulation/world.js';
import { CHECKOUT, secretOf } from '../support/payment-steps.js';
import type { NewEndpoint, Receiver } from '../support/receiver.js';
import { delivers, type Supplier } from '../support/supplier.js';
import type { Journey } from './deaths.js';
import { place, reserved } from './journeys.js';

const HOUR = 3600;
/** Six hours before Stripe's seven days are over: inside the margin of twelve. */
const NEAR_THE_END = (7 * 24 - 6) * HOUR;
const HTTP = { fulfiller: 'http' };
const MANUAL = { fulfiller: 'manual' };

/** Who is called by the service; there once the tests have begun. */
interface Strangers {
  readonly supplier?: Supplier;
  readonly receiver?: Receiver;
}

function there<T>(stranger: T | undefined): T {
  if (stranger === undefined) throw new Error('nobody is there yet');
  return stranger;
}

/** What others answer, and what happens by itself when its time has come. */
export const inTime = (strangers: Strangers): Journey[] => [
  suppliedInPart(strangers),
  endedAtItsMargin,
  forgotten,
  toldToItsPartner(strangers),
];

/** The first item is delivered at once; the second is taken, and nobody ever reports what became of it. */
const suppliedInPart = (strangers: Strangers): Journey => ({
  name: 'supplied in part at once, and in part never',
  async prepare(world) {
    const { api, app, controls } = world.holdfast;
    const supplier = there(strangers.supplier);
    supplier.behaviour = (asked, times) =>
      asked.body.orderItemNumber.endsWith('-1') ? delivers(asked, times) : { status: 202 };
    await app.get(PartnersService, { strict: false }).set('par_demo', { fulfillmentUrl: supplier.url });
    const order = await place(world, { items: [HTTP, { ...HTTP, unitAmount: 900 }] });
    await controls.confirm(secretOf(await api.init(order.number)));
    return order;
  },
  play: ({ holdfast }) => holdfast.controls.flush(),
  async broken({ holdfast }, numbers) {
    const orders = await Promise.all(numbers.map((number) => holdfast.api.order(number)));
    const strange = there(strangers.supplier).asked.filter(
      ({ headers, body }) => headers['idempotency-key'] !== body.orderItemNumber,
    );
    return [
      ...orders
        .filter(({ orderStatus, payment }) => orderStatus !== 'PartiallyFulfilled' || payment.amountCaptured !== 1250)
        .map(({ orderNumber, orderStatus }) => `${orderNumber} is ${orderStatus}, or not charged for one item`),
      ...strange.map(({ body }) => `${body.orderItemNumber} was asked for under another key`),
    ];
  },
});

const endedAtItsMargin: Journey = {
  name: 'ended when its reservation was about to run out',
  async prepare(world) {
    const order = await reserved(world, { items: [MANUAL, { ...MANUAL, unitAmount: 900 }] });
    const { holdfast } = world;
    const path = `/v1/orders/${order.number}/items/${order.number}-1/fulfillment`;
    await holdfast.api.put(path, { outcome: 'Delivered' });
    await holdfast.passTime(NEAR_THE_END);
    return order;
  },
  looksForWork: true,
  play: ({ holdfast }) => holdfast.look('fulfillment.end-at-margin'),
  broken: (world, numbers) => notIn(world, numbers, 'PartiallyFulfilled'),
};

/** One in Placed, and one whose hosted page is open. */
const forgotten: Journey = {
  name: 'forgotten before it was paid',
  async prepare(world) {
    await place(world);
    const order = await place(world);
    await world.holdfast.api.init(order.number, CHECKOUT);
    await world.holdfast.passTime(3 * HOUR);
    return order;
  },
  looksForWork: true,
  play: ({ holdfast }) => holdfast.look('payments.expire-orders'),
  broken: (world) => notIn(world, numbersOf(world.orders), 'Expired'),
};

const toldToItsPartner = (strangers: Strangers): Journey => {
  let endpoint: NewEndpoint | undefined;
  return {
    name: 'cancelled, and told to its partner',
    async prepare(world) {
      endpoint ??= await there(strangers.receiver).register(world.holdfast.api, ['order.canceled']);
      return place(world);
    },
    play: ({ holdfast }, { number }) => holdfast.api.post(`/v1/orders/${number}/cancel`, {}),
    // A message that its sender's death left is only found by looking.
    looksForWork: true,
    // Whoever has sent the last one looks for another.
    idleSeams: /#\d+$/,
    async broken(world, numbers) {
      const wrong: string[] = [];
      for (const number of numbers) {
        const { orderStatus } = (await world.holdfast.api.order(number)) as { orderStatus: string };
        const messages = there(strangers.receiver).about(number);
        const told = new Set(messages.map(({ headers }) => headers['webhook-id'])).size;
        // Whoever died before the commit has not cancelled it.
        if (told !== Number(orderStatus === 'Canceled'))
          wrong.push(`${number} is ${orderStatus}, and ${told} messages said that it was cancelled`);
      }
      return wrong;
    },
  };
};

const numbersOf = (orders: readonly PlacedOrder[]) => orders.map(({ number }) => number);

async function notIn({ holdfast }: World, numbers: readonly string[], status: string): Promise<string[]> {
  const orders = await Promise.all(numbers.map((number) => holdfast.api.order(number)));
  return orders
    .filter(({ orderStatus }) => orderStatus !== status)
    .map(({ orderNumber, orderStatus }) => `${orderNumber} is ${orderStatus}`);
}
