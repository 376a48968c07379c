import type { FastifyInstance, FastifyRequest } from 'fastify';
import { customerOf, type ShopAddress } from './customers.js';
import type { Holdfast } from './holdfast.js';
import { customersHoldfast, type OfOrder } from './orders.routes.js';
import { cardsPage } from './pages/cards.page.js';
import { paymentPage } from './pages/payment.page.js';
import { stripeJsFor } from './stripe-js.js';

/** The customer can do nothing but wait: for the bank's word, or for Holdfast to undo the last payment. */
const WAITING = ['Processing', 'Releasing'];

interface Options extends ShopAddress {
  readonly stripeJsUrl?: string;
}

/** Paying for an order. Whether there is anything to pay is Holdfast's word: the order's status. */
export function registerPayment(app: FastifyInstance, holdfast: Holdfast, options: Options): void {
  const { shopUrl, stripeJsUrl } = options;
  app.get<OfOrder>('/orders/:orderNumber', async (request, reply) => {
    const { orderNumber } = request.params;
    const own = await customersHoldfast(holdfast, request);
    const order = await own.order(orderNumber);
    const paying = order.orderStatus === 'Payment';
    if ((order.orderStatus !== 'Placed' && !paying) || WAITING.includes(order.payment?.status ?? '')) {
      return reply.redirect(`/orders/${orderNumber}/status`, 303);
    }
    const underWay = paying ? await own.initPayment(orderNumber) : undefined;
    const savedCards = paying ? [] : await own.savedCards();
    const stripeJs = stripeJsFor(underWay?.initPaymentData.paymentApiKey, stripeJsUrl);
    const cameBack = request.query.back !== undefined;
    return reply.send(paymentPage({ order, underWay, savedCards, stripeJs, cameBack }));
  });
  app.post<OfOrder>('/orders/:orderNumber/payment', async (request, reply) => {
    const { orderNumber } = request.params;
    const own = await customersHoldfast(holdfast, request);
    const { initPaymentData } = await own.initPayment(orderNumber, chosenPayment(request, shopUrl));
    // A payment that was under way is answered with as it was begun, whatever was chosen now.
    return reply.redirect(initPaymentData.checkoutUrl ?? `/orders/${orderNumber}`, 303);
  });
  app.post<OfOrder>('/orders/:orderNumber/payment/abandon', async (request, reply) => {
    const own = await customersHoldfast(holdfast, request);
    await own.abandonPayment(request.params.orderNumber);
    return reply.redirect(`/orders/${request.params.orderNumber}`, 303);
  });
}

/** Of the form what init payment takes: Stripe's page, a saved card (one click), or a card that is yet to be typed in. */
function chosenPayment(request: FastifyRequest<OfOrder>, shopUrl = `${request.protocol}://${request.host}`) {
  const how = request.body.get('how') ?? '';
  if (how.startsWith('pm_')) return { paymentMethodId: how };
  if (how !== 'hosted') return {};
  const here = `${shopUrl}/orders/${request.params.orderNumber}`;
  // Whether the card is to be saved, Stripe's page asks the customer itself.
  return { createCheckoutSession: true, successUrl: `${here}/status`, errorUrl: `${here}?back` };
}

/** Saved cards: the tick beside the card form, and the page where they are removed. */
export function registerCards(app: FastifyInstance, holdfast: Holdfast): void {
  for (const method of ['PUT', 'DELETE'] as const) {
    app.route<OfOrder>({
      method,
      url: '/orders/:orderNumber/payment/save-card',
      handler: async (request, reply) => {
        const own = await customersHoldfast(holdfast, request);
        await own.saveCard(request.params.orderNumber, method === 'PUT');
        return reply.code(204).send();
      },
    });
  }
  app.get<{ Querystring: { order?: string } }>('/cards', async (request, reply) => {
    const known = customerOf(request) !== undefined;
    const cards = known ? await (await customersHoldfast(holdfast, request)).savedCards() : [];
    return reply.send(cardsPage(cards, request.query.order));
  });
  app.post<{ Body: URLSearchParams }>('/cards/remove', async (request, reply) => {
    const own = await customersHoldfast(holdfast, request);
    await own.removeCard(request.body.get('card') ?? '');
    const order = request.body.get('order') ?? '';
    return reply.redirect(order === '' ? '/cards' : `/cards?order=${encodeURIComponent(order)}`, 303);
  });
}
