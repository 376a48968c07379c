import type { FastifyReply, FastifyRequest } from 'fastify';
import { HoldfastError } from './holdfast.js';
import { html, type Html } from './pages/html.js';
import { noticePage } from './pages/layout.js';

/** What a customer reads when something is wrong, and how to go on from there. */
export function showFault(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // Fastify forgets it when a handler throws.
  void reply.type('text/html; charset=utf-8');
  // A request that nobody can read is its sender's fault, and Fastify's to answer.
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== undefined && status < 500) return reply.code(status).send(noticePage('This cannot be read'));
  if (!(error instanceof HoldfastError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return reply.code(500).send(noticePage('Something went wrong on our side', SAFE, again(request)));
  }
  // Asked by a script of ours, which tells the customer itself.
  if (request.method !== 'GET' && request.method !== 'POST') return reply.code(error.status).send();
  const orderNumber = (request.params as { orderNumber?: string }).orderNumber;
  if (error.status === 404) return reply.code(404).send(notFound(error, orderNumber));
  // The order has moved on meanwhile, in another tab or by the webhook: its page shows where it is.
  if (error.status === 409 && orderNumber !== undefined) {
    return reply.redirect(`/orders/${orderNumber}${request.method === 'GET' ? '/status' : ''}`, 303);
  }
  process.stderr.write(`Holdfast answered ${error.status} ${error.code}: ${error.message}\n`);
  if (error.code === 'payment-provider-refused' && orderNumber !== undefined) {
    const text = 'Nothing has been charged, and your tickets are still here.';
    return reply.code(502).send(noticePage('This payment could not be made', text, anotherWay(orderNumber)));
  }
  return unavailable(error, request, reply);
}

const SAFE = 'Your order is safe, and trying again never pays twice.';

function notFound({ code }: HoldfastError, orderNumber: string | undefined): string {
  if (code !== 'payment-method-not-found' || orderNumber === undefined) return noticePage('There is no such order');
  return noticePage('This card is no longer saved', 'Nothing has been charged.', anotherWay(orderNumber));
}

function anotherWay(orderNumber: string): Html {
  return html`<a class="button main" href="/orders/${orderNumber}">Choose another way to pay</a>`;
}

function unavailable(error: HoldfastError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfterSeconds: seconds } = error;
  if (seconds !== undefined) void reply.header('retry-after', seconds);
  if (error.status === 429) {
    const text = `Please try again in ${seconds ?? 60} seconds. ${SAFE}`;
    return reply.code(429).send(noticePage('A great many people are here at the moment', text, again(request)));
  }
  const text = `Please try again in a moment. ${SAFE}`;
  return reply
    .code(error.status === 503 ? 503 : 502)
    .send(noticePage('We cannot be reached right now', text, again(request)));
}

/** The same again, with what was filled in: an order that was being placed is not to be chosen anew. */
function again({ body, method, url }: FastifyRequest): Html {
  if (method !== 'POST' || !(body instanceof URLSearchParams)) {
    return html`<a class="button main" href="${url}" data-testid="again">Try again</a>`;
  }
  const fields = [...body].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  return html`<form method="post" action="${url}">
    ${fields}<button class="main" type="submit" data-testid="again">Try again</button>
  </form>`;
}
