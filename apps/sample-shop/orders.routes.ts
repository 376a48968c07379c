import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { choiceIn } from './catalogue.js';
import { customerOf, welcome, type ShopAddress } from './customers.js';
import { HoldfastError, type CustomersHoldfast, type Holdfast } from './holdfast.js';
import type { NotificationInbox } from './notification-inbox.js';
import { ordersPage } from './pages/orders.page.js';
import { progressFragment, progressPage } from './pages/progress.page.js';
import { ticketsPage } from './pages/tickets.page.js';

export interface OfOrder {
  Params: { orderNumber: string };
  Body: URLSearchParams;
  Querystring: { back?: string };
}

/** Choosing tickets, and the order that comes of it. */
export function registerTickets(app: FastifyInstance, holdfast: Holdfast, { shopUrl }: ShopAddress): void {
  app.get('/', (request, reply) => {
    welcome(request, reply, shopUrl);
    return reply.send(ticketsPage(choiceIn(new URLSearchParams({ cart: randomUUID() })), undefined));
  });
  app.post<{ Body: URLSearchParams }>('/orders', async (request, reply) => {
    const choice = choiceIn(request.body);
    const { cart, lines, wrong } = choice;
    if (wrong.length > 0) return reply.code(400).send(ticketsPage(choice, 'Please look at the marked quantities.'));
    if (lines.length === 0) return reply.code(400).send(ticketsPage(choice, 'Please choose at least one ticket.'));
    const accountId = await holdfast.accountOf(welcome(request, reply, shopUrl));
    // A form that is sent twice makes one order; a form that was changed and sent again makes another.
    const chosen = createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 16);
    const order = await holdfast.placeOrder(accountId, lines, `cart-${cart}-${chosen}`);
    return reply.redirect(`/orders/${order.orderNumber}`, 303);
  });
}

/** Looking at orders, and following one to its end. */
export function registerOrders(app: FastifyInstance, holdfast: Holdfast, inbox: NotificationInbox): void {
  const follow = async (request: FastifyRequest<OfOrder>) => {
    const own = await customersHoldfast(holdfast, request);
    const { orderNumber } = request.params;
    const [order, timeline] = await Promise.all([own.order(orderNumber), own.timeline(orderNumber)]);
    return { order, timeline, told: await inbox.about(orderNumber) };
  };
  app.get<{ Querystring: { cursor?: string } }>('/orders', async (request, reply) => {
    if (customerOf(request) === undefined) return reply.send(ordersPage([], null));
    const own = await customersHoldfast(holdfast, request);
    const { data, nextCursor } = await own.orders(request.query.cursor);
    return reply.send(ordersPage(data, nextCursor));
  });
  app.get<OfOrder>('/orders/:orderNumber/status', async (request, reply) =>
    reply.send(progressPage(await follow(request))),
  );
  app.get<OfOrder>('/orders/:orderNumber/progress', async (request, reply) =>
    reply.send(progressFragment(await follow(request))),
  );
}

/** The customer's own view of Holdfast. @throws HoldfastError 404 for somebody who never was here */
export async function customersHoldfast(holdfast: Holdfast, request: FastifyRequest): Promise<CustomersHoldfast> {
  const customer = customerOf(request);
  if (customer === undefined) throw new HoldfastError(404, 'order-not-found', 'There is no such order.');
  return holdfast.as(await holdfast.accountOf(customer));
}
