import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** The parts of the script, in the order in which they need each other. */
const PARTS = ['api', 'card-fields', 'elements', 'elements.group', 'challenge', 'intents', 'not-built', 'stripe'];

/** Where Stripe.js lies at Stripe, so that a page has only the host to change. */
const ADDRESSES = ['/v3/stripe.js', '/v3/', '/v3'];

/** GET /v3/stripe.js: the stand-in for Stripe.js, one plain script that leaves one name behind, `Stripe`. */
export function registerStripeJs(app: FastifyInstance): void {
  const script = stripeJs();
  for (const address of ADDRESSES) {
    app.get(address, (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .headers({ 'cache-control': 'no-cache', 'access-control-allow-origin': '*' })
        .send(script),
    );
  }
}

/** The parts as they are written (the build hands them on untouched), in one function so that they share a scope. */
export function stripeJs(): string {
  const parts = PARTS.map((part) => readFileSync(new URL(`./browser/${part}.js`, import.meta.url), 'utf8'));
  return `(() => {\n'use strict';\n${parts.join('\n')}\n})();\n`;
}
