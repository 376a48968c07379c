import type { FastifyInstance } from 'fastify';
import type { StripeApi } from '../http/stripe-api.js';

export function registerPages(app: FastifyInstance, api: StripeApi): void {
  app.get('/', () => ({ sandbox: api.world.baseUrl }));
}
