import Fastify, { type FastifyInstance } from 'fastify';
import { checkoutSessionRoutes } from './checkout/sessions.api.js';
import { registerControls } from './controls/controls.js';
import { StripeError, unknownPath } from './http/errors.js';
import { registerRoute, type StripeApi } from './http/stripe-api.js';
import { registerPages } from './pages/pages.js';
import { accountRoutes } from './payments/account.api.js';
import { chargeRoutes } from './payments/charges.api.js';
import { customerRoutes } from './payments/customers.api.js';
import { disputeRoutes } from './payments/disputes.api.js';
import { paymentIntentRoutes } from './payments/payment-intents.api.js';
import { paymentMethodRoutes } from './payments/payment-methods.api.js';
import { refundRoutes } from './payments/refunds.api.js';
import { setupIntentRoutes } from './payments/setup-intents.api.js';
import { registerStripeJs } from './stripe-js/stripe-js.routes.js';
import { webhookEndpointRoutes } from './webhooks/endpoints.api.js';
import { eventRoutes } from './webhooks/events.api.js';

/** Every endpoint of Stripe's API that this sandbox has. What is not here answers 404, as an unknown path does at Stripe. */
const ROUTES = [
  ...accountRoutes,
  ...chargeRoutes,
  ...checkoutSessionRoutes,
  ...customerRoutes,
  ...disputeRoutes,
  ...eventRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...refundRoutes,
  ...setupIntentRoutes,
  ...webhookEndpointRoutes,
];

const LARGEST_BODY_BYTES = 1024 * 1024;

/** Browsers may call the API from any page, as they may at Stripe. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, stripe-version, stripe-account',
  'access-control-expose-headers': 'request-id, idempotent-replayed, stripe-should-retry',
  'access-control-max-age': '300',
};

export function buildServer(api: StripeApi): FastifyInstance {
  const app = Fastify({ bodyLimit: LARGEST_BODY_BYTES, forceCloseConnections: true });
  // Bodies of the API stay text: the idempotency layer compares them, and their nesting is Stripe's own.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/v1/')) reply.headers(CORS);
  });
  app.options('/v1/*', (_request, reply) => reply.code(204).send());
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    return reply.code(404).send({ error: unknownPath(request.method, path).body });
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const type = status >= 500 ? 'api_error' : 'invalid_request_error';
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(status).send({ error: new StripeError(status, type, message).body });
  });
  // Search is not built; without this its path would be taken for an object's id.
  for (const searched of ['charges', 'customers', 'payment_intents'])
    app.get(`/v1/${searched}/search`, (_request, reply) => reply.callNotFound());
  for (const route of ROUTES) registerRoute(app, api, route);
  void app.register(async (controls) => registerControls(controls, api));
  void app.register(async (pages) => registerPages(pages, api));
  registerStripeJs(app);
  return app;
}
