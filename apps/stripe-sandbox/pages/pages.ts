import type { FastifyInstance } from 'fastify';
import type { StripeApi } from '../http/stripe-api.js';
import { registerChallenge } from './challenge.routes.js';
import { registerCheckout } from './checkout.routes.js';
import { registerDashboard } from './dashboard.routes.js';

/** The pages for people. What they do goes through the same rules as the API. */
export function registerPages(app: FastifyInstance, api: StripeApi): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store');
  });
  registerDashboard(app, api);
  registerCheckout(app, api);
  registerChallenge(app, api.world);
}
