import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { showFault } from './faults.js';
import { Holdfast } from './holdfast.js';
import { registerOrders, registerTickets } from './orders.routes.js';
import { noticePage } from './pages/layout.js';
import { registerCards, registerPayment } from './payment.routes.js';
import { registerScripts } from './scripts.js';
import { guardPages } from './stripe-js.js';

export interface ShopOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly holdfastUrl: string;
  readonly partnerKey: string;
  /** Where Stripe.js is; by default it follows from the publishable key. */
  readonly stripeJsUrl?: string;
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
  registerOrders(app, holdfast);
  registerPayment(app, holdfast, options.stripeJsUrl);
  registerCards(app, holdfast);
  await app.listen({ port: options.port, host: options.host });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, close: () => app.close() };
}
