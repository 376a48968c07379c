import type { FastifyInstance } from 'fastify';

/** Stripe's own script, and the one of the sandbox, which knows the sandbox's key alone. */
const STRIPE_JS = 'https://js.stripe.com/endive/stripe.js';
const SANDBOX_JS = 'http://127.0.0.1:12111/v3/stripe.js';
const SANDBOX_KEY = 'pk_test_holdfast';

/** @param publishableKey as init payment gives it */
export function stripeJsFor(publishableKey: string | undefined, configured: string | undefined): string {
  return configured ?? (publishableKey === SANDBOX_KEY ? SANDBOX_JS : STRIPE_JS);
}

/**
 * Every answer is a page of this moment, runs scripts of ours and Stripe's alone, and shows in no other site's frame
 * (https://docs.stripe.com/security/guide#content-security-policy).
 */
export function guardPages(app: FastifyInstance, configured: string | undefined): void {
  const sandbox = new URL(configured ?? SANDBOX_JS).origin;
  const policy = [
    "default-src 'self'",
    `script-src 'self' https://*.js.stripe.com https://js.stripe.com ${sandbox}`,
    `frame-src https://*.js.stripe.com https://js.stripe.com https://hooks.stripe.com ${sandbox}`,
    `connect-src 'self' https://api.stripe.com ${sandbox}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https://*.stripe.com",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
  app.addHook('onRequest', async (_request, reply) => {
    void reply.type('text/html; charset=utf-8').headers({
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
  });
}
