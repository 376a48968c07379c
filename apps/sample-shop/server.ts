import { isIPv6, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import Fastify from 'fastify';
import { showFault } from './faults.js';
import { Holdfast } from './holdfast.js';
import { NotificationEndpoint } from './notification-endpoint.js';
import { NotificationInbox } from './notification-inbox.js';
import { NOTIFICATIONS_PATH, registerNotifications } from './notifications.routes.js';
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
  /** Where the shop keeps what Holdfast tells it, and the secret that this is signed with. */
  readonly dataDir: string;
  /** The shop's own address, for customers and for Holdfast, when it stands behind a proxy. */
  readonly shopUrl?: string;
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
  registerTickets(app, holdfast, options);
  const inbox = new NotificationInbox(join(options.dataDir, 'sample-shop.notifications.jsonl'));
  registerOrders(app, holdfast, inbox);
  registerPayment(app, holdfast, options);
  registerCards(app, holdfast);
  const endpoint = new NotificationEndpoint(holdfast, join(options.dataDir, 'sample-shop.endpoint.json'));
  registerNotifications(app, endpoint, inbox);
  await app.listen({ port: options.port, host: options.host });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${nameOf(options.host)}:${port}`;
  const closing = new AbortController();
  const address = (options.shopUrl ?? url) + NOTIFICATIONS_PATH;
  // The shop sells without them, too.
  const registering = endpoint
    .register(address, closing.signal)
    .catch((error: unknown) => process.stderr.write(`no notifications: ${String(error)}\n`));
  const close = async () => {
    closing.abort();
    await registering;
    await app.close();
  };
  return { url, close };
}

/** How it is named in an address; one that listens everywhere is found on this machine. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}
