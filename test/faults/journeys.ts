import type { Holdfast } from '../support/holdfast.js';
import { everythingHeard } from '../support/idle-jobs.js';
import { CHECKOUT, pageOf, secretOf } from '../support/payment-steps.js';
import type { PlacedOrder, World } from '../simulation/world.js';
import type { Journey } from './deaths.js';

type Goods = Parameters<Holdfast['api']['placeOrder']>[0];

export async function place({ holdfast, orders }: World, goods: Goods = {}): Promise<PlacedOrder> {
  const accountId = await holdfast.api.createAccount();
  const number = await holdfast.api.placeOrder({ ...goods, accountId });
  const order: PlacedOrder = {
    ...{ number, accountId, items: [], handles: [], reported: new Map(), answered: new Set() },
    ...{ disputes: [], initAnswers: new Map() },
  };
  orders.push(order);
  return order;
}

const MANUAL = { items: [{ fulfiller: 'manual' }] };

async function initAndPay({ holdfast }: World, { number }: PlacedOrder, body: object = {}): Promise<void> {
  const answer = await holdfast.api.init(number, body);
  await holdfast.controls.confirm(secretOf(answer));
  await holdfast.controls.flush();
}

export const reserved = async (world: World, goods: Goods): Promise<PlacedOrder> => {
  const order = await place(world, goods);
  await initAndPay(world, order);
  await everythingHeard(world.holdfast);
  return order;
};

/** Money comes in. */
export const PAYING: Journey[] = [
  {
    name: 'paid by an intent, and delivered in part',
    prepare: (world) => place(world, { items: [{ unitAmount: 900 }, { sku: 'fail-tour', unitAmount: 400 }] }),
    play: (world, order) => initAndPay(world, order),
  },
  {
    name: 'paid on the hosted page',
    prepare: (world) => place(world),
    async play({ holdfast }, { number }) {
      await holdfast.controls.payHostedPage(pageOf(await holdfast.api.init(number, CHECKOUT)));
      await holdfast.controls.flush();
    },
  },
  {
    name: 'paid by one click',
    async prepare(world) {
      const first = await place(world);
      await initAndPay(world, first, { savePaymentMethod: true });
      await everythingHeard(world.holdfast);
      const number = await world.holdfast.api.placeOrder({ accountId: first.accountId });
      const order = { ...first, number };
      world.orders.push(order);
      return order;
    },
    async play({ holdfast }, { number, accountId }) {
      const { body } = await holdfast.api.get(`/v1/accounts/${accountId}/payment-methods`);
      const [card] = (body as { data: { id: string }[] }).data;
      await holdfast.api.init(number, { paymentMethodId: card?.id });
    },
  },
];

/** Money goes back. */
export const GIVING_BACK: Journey[] = [
  {
    name: 'abandoned',
    async prepare(world) {
      const order = await place(world);
      await world.holdfast.api.init(order.number);
      return order;
    },
    play: ({ holdfast }, { number }) => holdfast.api.delete(`/v1/orders/${number}/payment`),
  },
  {
    name: 'abandoned when it was paid already',
    async prepare(world) {
      const order = await place(world);
      await world.holdfast.controls.webhooks({ mode: 'hold' });
      await world.holdfast.controls.confirm(secretOf(await world.holdfast.api.init(order.number)));
      return order;
    },
    play: ({ holdfast }, { number }) => holdfast.api.delete(`/v1/orders/${number}/payment`),
  },
  {
    name: 'cancelled after the reservation',
    prepare: (world) => reserved(world, MANUAL),
    play: ({ holdfast }, { number }) => holdfast.api.post(`/v1/orders/${number}/cancel`, {}),
  },
  {
    name: 'reported as failed, and released',
    prepare: (world) => reserved(world, MANUAL),
    play: ({ holdfast }, { number }) =>
      holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Failed' }),
  },
  {
    name: 'refunded in part',
    mostRefunded: 300,
    prepare: (world) => reserved(world, {}),
    play: ({ holdfast }, { number }) => holdfast.api.post(`/v1/orders/${number}/refunds`, { amount: 300 }),
  },
  {
    name: 'refunded at Stripe',
    mostRefunded: 200,
    prepare: (world) => reserved(world, {}),
    async play({ holdfast }, { number }) {
      const answer = (await holdfast.api.order(number)) as { payment: { paymentIntentId: string } };
      await holdfast.stripe.refunds.create({ payment_intent: answer.payment.paymentIntentId, amount: 200 });
      await holdfast.controls.flush();
    },
  },
];
