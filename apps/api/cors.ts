import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { callerOf, Origins } from '#partners';
import type { HttpReply, HttpRequest } from '#http';

/**
 * A browser may forget a preflight's answer after this long, and asks again: an origin that was taken back ends within
 * seconds there too.
 */
const PREFLIGHT_SECONDS = 5;
const METHODS = 'GET, POST, PUT, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, Idempotency-Key, X-Request-Id';
const ANSWER_HEADERS = 'X-Request-Id, Retry-After, Idempotent-Replayed';

/**
 * Lets pages call that a partner registered the origin of. A preflight has no credential: it is allowed to the origins of
 * all partners. The answer itself can be read by origins of the very partner that the account token belongs to, and no
 * answer to a partner key: a key in a browser is everybody's. What is refused before anybody was recognised tells nothing
 * of anybody, and a page must see that its token has expired.
 */
export function allowOrigins(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const origins = app.get(Origins);
  fastify.addHook('onRequest', async (request, reply) => {
    if (!isForPartners(request)) return;
    void reply.header('Vary', 'Origin');
    if (isPreflight(request)) await answerPreflight(origins, request, reply);
  });
  fastify.addHook('onSend', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || !isForPartners(request) || isPreflight(request)) return;
    if (!(await mayRead(origins, origin, request, reply.statusCode))) return;
    void reply.headers({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': ANSWER_HEADERS });
  });
}

/** Operators have pages of ours, on our own origin. */
function isForPartners({ url }: HttpRequest): boolean {
  return url.startsWith('/v1/') && !url.startsWith('/v1/operator/');
}

function isPreflight(request: HttpRequest): boolean {
  const { origin, 'access-control-request-method': method } = request.headers;
  return request.method === 'OPTIONS' && origin !== undefined && method !== undefined;
}

async function answerPreflight(origins: Origins, request: HttpRequest, reply: HttpReply): Promise<void> {
  const { origin = '' } = request.headers;
  if (await origins.isKnown(origin)) {
    void reply.headers({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': PREFLIGHT_SECONDS,
    });
  }
  await reply.status(204).send();
}

async function mayRead(origins: Origins, origin: string, request: HttpRequest, status: number): Promise<boolean> {
  const caller = callerOf(request);
  if (!caller) return status >= 400 && origins.isKnown(origin);
  return caller.kind === 'account' && origins.belongsTo(origin, caller.partnerId);
}
