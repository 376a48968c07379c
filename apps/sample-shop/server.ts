import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { linesFrom } from './catalogue.js';
import { customerOf, welcome } from './customers.js';
import { Holdfast, HoldfastError, type CustomersHoldfast } from './holdfast.js';
import { noticePage } from './pages/layout.js';
import { paymentPage } from './pages/payment.page.js';
import { progressFragment, progressPage } from './pages/progress.page.js';
import { ticketsPage } from './pages/tickets.page.js';
import { registerScripts } from './scripts.js';
import { guardPages, stripeJsFor } from './stripe-js.js';

export interface ShopOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly holdfastUrl: string;
  readonly partnerKey: string;
  /** Where Stripe.js is; by default it follows from the publishable key. */
  readonly stripeJsUrl?: string;
}

interface OfOrder {
  Params: { orderNumber: string };
  Body: URLSearchParams;
  Querystring: { back?: string };
}

export async function openShop(options: ShopOptions): Promise<{ url: string; close(): Promise<void> }> {
  const app = Fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(noticePage('There is nothing here')));
  app.setErrorHandler(showFault);
  guardPages(app, options.stripeJsUrl);
  registerScripts(app);
  const holdfast = new Holdfast(options.holdfastUrl, options.partnerKey);
  registerTickets(app, holdfast);
  registerOrder(app, holdfast, options);
  registerPayment(app, holdfast);
  await app.listen({ port: options.port, host: options.host });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, close: () => app.close() };
}

/** Choosing tickets, and the order that comes of it. */
function registerTickets(app: FastifyInstance, holdfast: Holdfast): void {
  app.get<{ Querystring: { empty?: string } }>('/', (request, reply) => {
    welcome(request, reply);
    return reply.send(ticketsPage(request.query.empty !== undefined));
  });
  app.post<{ Body: URLSearchParams }>('/orders', async (request, reply) => {
    const lines = linesFrom(request.body);
    if (lines.length === 0) return reply.redirect('/?empty', 303);
    const accountId = await holdfast.accountOf(welcome(request, reply));
    // A form that is sent twice makes one order; a form that was changed and sent again makes another.
    const chosen = createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, 16);
    const order = await holdfast.placeOrder(accountId, lines, `cart-${request.body.get('cart')}-${chosen}`);
    return reply.redirect(`/orders/${order.orderNumber}`, 303);
  });
}

/** The customer's own view of an order. @throws HoldfastError 404 for somebody without one */
async function customersHoldfast(holdfast: Holdfast, request: FastifyRequest): Promise<CustomersHoldfast> {
  const customer = customerOf(request);
  if (customer === undefined) throw new HoldfastError(404, 'order-not-found', 'There is no such order.');
  return holdfast.as(await holdfast.accountOf(customer));
}

/** Paying for an order, and following it. Which of the two is shown is Holdfast's word: the order's status. */
function registerOrder(app: FastifyInstance, holdfast: Holdfast, options: ShopOptions): void {
  app.get<OfOrder>('/orders/:orderNumber', async (request, reply) => {
    const { orderNumber } = request.params;
    const own = await customersHoldfast(holdfast, request);
    const order = await own.order(orderNumber);
    if (order.orderStatus !== 'Placed' && order.orderStatus !== 'Payment') {
      return reply.redirect(`/orders/${orderNumber}/status`, 303);
    }
    const underWay = order.orderStatus === 'Payment' ? await own.initPayment(orderNumber) : undefined;
    const savedCards = underWay === undefined ? await own.savedCards() : [];
    const stripeJs = stripeJsFor(underWay?.initPaymentData.paymentApiKey, options.stripeJsUrl);
    return reply.send(
      paymentPage({ order, underWay, savedCards, stripeJs, cameBack: request.query.back !== undefined }),
    );
  });
  app.get<OfOrder>('/orders/:orderNumber/status', async (request, reply) =>
    reply.send(progressPage(await follow(holdfast, request))),
  );
  app.get<OfOrder>('/orders/:orderNumber/progress', async (request, reply) =>
    reply.send(progressFragment(await follow(holdfast, request))),
  );
}

async function follow(holdfast: Holdfast, request: FastifyRequest<OfOrder>) {
  const own = await customersHoldfast(holdfast, request);
  const { orderNumber } = request.params;
  const [order, timeline] = await Promise.all([own.order(orderNumber), own.timeline(orderNumber)]);
  return { order, timeline };
}

function registerPayment(app: FastifyInstance, holdfast: Holdfast): void {
  app.post<OfOrder>('/orders/:orderNumber/payment', async (request, reply) => {
    const { orderNumber } = request.params;
    const own = await customersHoldfast(holdfast, request);
    const { initPaymentData } = await own.initPayment(orderNumber, chosenPayment(request));
    // A payment that was under way is answered with as it was begun, whatever was chosen now.
    return reply.redirect(initPaymentData.checkoutUrl ?? `/orders/${orderNumber}`, 303);
  });
  app.post<OfOrder>('/orders/:orderNumber/cards/remove', async (request, reply) => {
    const own = await customersHoldfast(holdfast, request);
    await own.removeCard(request.body.get('card') ?? '');
    return reply.redirect(`/orders/${request.params.orderNumber}`, 303);
  });
  app.post<OfOrder>('/orders/:orderNumber/payment/abandon', async (request, reply) => {
    const own = await customersHoldfast(holdfast, request);
    await own.abandonPayment(request.params.orderNumber);
    return reply.redirect(`/orders/${request.params.orderNumber}`, 303);
  });
}

/** Of the form what init payment takes: Stripe's page, a saved card (one click), or a card that is yet to be typed in. */
function chosenPayment(request: FastifyRequest<OfOrder>) {
  const how = request.body.get('how') ?? '';
  if (how.startsWith('pm_')) return { paymentMethodId: how };
  const savePaymentMethod = request.body.has('save');
  if (how !== 'hosted') return { savePaymentMethod };
  const here = `${request.protocol}://${request.host}/orders/${request.params.orderNumber}`;
  return { savePaymentMethod, createCheckoutSession: true, successUrl: `${here}/status`, errorUrl: `${here}?back` };
}

const NOT_FOUND: Readonly<Record<string, string>> = { 'payment-method-not-found': 'This card is no longer saved' };

/** What a customer reads when Holdfast says no. */
function showFault(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof HoldfastError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return reply.code(500).send(noticePage('Something went wrong on our side', 'Please try again in a moment.'));
  }
  const orderNumber = (request.params as { orderNumber?: string }).orderNumber;
  // The order has moved on meanwhile, in another tab or by the webhook: its page shows where it is.
  if (error.status === 409 && orderNumber !== undefined) return reply.redirect(`/orders/${orderNumber}`, 303);
  if (error.status === 404) return reply.code(404).send(noticePage(NOT_FOUND[error.code] ?? 'There is no such order'));
  process.stderr.write(`Holdfast answered ${error.status} ${error.code}: ${error.message}\n`);
  const text = 'Nothing has been charged. Please try again in a moment.';
  return reply.code(error.status === 503 ? 503 : 502).send(noticePage('We cannot take payments right now', text));
}
