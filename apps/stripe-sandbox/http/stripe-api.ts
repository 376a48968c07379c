import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, Faults } from '../controls/faults.js';
import { publicError } from '../payments/public-views.js';
import { newId } from '../state/ids.js';
import { API_VERSION, NOBODY, type World } from '../world.js';
import { authenticate } from './authentication.js';
import { invalidRequest, resourceMissing, StripeError } from './errors.js';
import { checkExpand, expand, type Lookup } from './expand.js';
import { parseForm, type FormHash } from './form-encoding.js';
import { fingerprintOf, Idempotency } from './idempotency.js';
import { list, readParameters, string } from './parameters.js';
import type { LoggedRequest, RequestLog } from './request-log.js';
import type { KeyKind, Route } from './route.js';

/** What the endpoints of Stripe's API share. */
export interface StripeApi {
  readonly world: World;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly lookup: Lookup;
  readonly idempotency: Idempotency;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** False for what was refused before it was carried out: an idempotency key keeps nothing of it (facts §6.2). */
  readonly carriedOut: boolean;
}

const EXPAND = list(string());
/** Refusals that come before an idempotency key is looked at (facts §6.3), also when the controls ask for them. */
const NEVER_KEPT: readonly number[] = [401, 409, 429];

export function registerRoute(app: FastifyInstance, api: StripeApi, route: Route): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: (request, reply) => handle(api, route, request, reply),
  });
}

/** One request, in Stripe's order: key, rate limits, idempotency, parameters, then the work (facts §6). */
async function handle(
  api: StripeApi,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = request.url.split('?')[0] ?? '';
  const form = formOf(request);
  const entry = logged(api, request, path, form instanceof StripeError ? {} : form);
  const fault = api.faults.take(request.method, path);
  reply.headers({ 'request-id': entry.id, 'stripe-version': entry.stripeVersion ?? API_VERSION });
  if (fault?.kind === 'drop_before') return cut(request, reply);
  const answer = await answerTo(api, route, { request, reply, path, form, fault, entry });
  if (fault?.kind === 'drop_after') return cut(request, reply);
  entry.status = answer.status;
  if (fault?.kind === 'garbage') return reply.code(answer.status).type('application/json').send('<html>not JSON');
  return send(reply, answer);
}

interface Handling {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly path: string;
  /** The error instead, when it cannot be read. */
  readonly form: FormHash | StripeError;
  readonly fault: Fault | undefined;
  readonly entry: LoggedRequest;
}

async function answerTo(api: StripeApi, route: Route, handling: Handling): Promise<Answer> {
  const { entry, fault, path, request } = handling;
  let key: KeyKind | null = null;
  let answer: Answer;
  try {
    key = authenticate(api.world, request.headers.authorization, route);
    refuseBadVersion(entry.stripeVersion);
    refuseOtherAccounts(api.world, header(request, 'stripe-account') ?? header(request, 'stripe-context'));
    refuseByLimit(fault);
    answer = await answerOnce(api, route, handling, key);
  } catch (error) {
    answer = answerOf(error, entry.id, false);
  }
  // Once per request, so that a kill finds what was done and its idempotency key, or neither.
  api.world.store.commit();
  const { status, body } = answer;
  api.world.observer?.answered({ method: request.method, path, status, body, key, answers: route.answers });
  return answer;
}

/** Replays a stored answer, or carries the request out and stores what came of it. */
async function answerOnce(api: StripeApi, route: Route, handling: Handling, key: KeyKind): Promise<Answer> {
  const { world, idempotency } = api;
  const { entry, path, reply, request } = handling;
  const idempotencyKey = route.method === 'POST' ? entry.idempotencyKey : null;
  if (idempotencyKey === null) return carryOut(api, route, handling, key);
  reply.header('idempotency-key', idempotencyKey);
  const fingerprint = fingerprintOf(key, request.method, path, textOf(request));
  const stored = idempotency.begin(world, idempotencyKey, fingerprint);
  if (stored !== undefined) {
    entry.replayed = true;
    reply.headers({ 'idempotent-replayed': 'true', 'original-request': stored.requestId });
    return { status: stored.status, body: stored.body, carriedOut: true };
  }
  let answer: Answer | undefined;
  try {
    answer = await carryOut(api, route, handling, key);
    return answer;
  } finally {
    const kept =
      answer?.carriedOut === true && !NEVER_KEPT.includes(answer.status)
        ? { fingerprint, status: answer.status, body: answer.body, requestId: entry.id }
        : undefined;
    idempotency.end(world, idempotencyKey, kept);
  }
}

async function carryOut(api: StripeApi, route: Route, handling: Handling, key: KeyKind): Promise<Answer> {
  const { entry, fault } = handling;
  if (fault?.kind === 'hold') await api.faults.hold();
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  let carriedOut = false;
  try {
    if (handling.form instanceof StripeError) throw handling.form;
    const { expand: paths = [], ...form } = handling.form;
    const expandPaths = EXPAND.read(paths, 'expand');
    const params = readParameters(route.parameters, form);
    checkExpand(expandPaths, route.answers, route.list === true);
    refuseExpansionInBrowsers(key, expandPaths);
    carriedOut = true;
    failAsAsked(fault);
    const body = run(api, route, handling, key, params);
    const expanded = expandPaths.length === 0 ? body : expand(body, route.answers, expandPaths, api.lookup);
    return { status: 200, body: JSON.stringify(expanded), carriedOut };
  } catch (error) {
    return answerOf(error, entry.id, carriedOut, key);
  }
}

/** What stands behind the public view of an object (customer, metadata, fingerprint) is not for a publishable key. */
function refuseExpansionInBrowsers(key: KeyKind, paths: readonly string[]): void {
  if (key === 'secret' || paths.length === 0) return;
  throw invalidRequest('You cannot expand properties with a publishable API key.', { param: 'expand' });
}

/** The work itself: synchronous, so that it is never interleaved with another request's. */
function run(api: StripeApi, route: Route, handling: Handling, key: KeyKind, params: Record<string, unknown>): object {
  const { world } = api;
  // Nobody may see a hold that has already run out.
  world.clock.ringDue();
  if (route.list === true) refuseUnknownFilters(api.lookup, params);
  const { entry, path, request } = handling;
  const takeDecline = () => api.faults.takeDecline(request.method, path);
  world.cause = { requestId: entry.id, idempotencyKey: entry.idempotencyKey, takeDecline };
  try {
    return route.run({ world, params, path: request.params as Record<string, string>, key, url: path });
  } finally {
    world.cause = NOBODY;
  }
}

/** Lists filter by objects that exist; a stale id is an error and not an empty list (facts §8.21). */
const FILTERS = ['customer', 'charge', 'payment_intent', 'payment_method'] as const;

function refuseUnknownFilters(lookup: Lookup, params: Record<string, unknown>): void {
  for (const name of FILTERS) {
    const id = params[name];
    if (typeof id === 'string' && lookup.object(name, id) === null) throw resourceMissing(name, id, name, 400);
  }
}

/** The form of a request: its body, or for GET and DELETE its query. */
function textOf(request: FastifyRequest): string {
  const question = request.url.indexOf('?');
  if (request.method === 'POST') {
    if (question >= 0) throw invalidRequest('Parameters of a POST belong into its body, not into its URL.');
    if (typeof request.body === 'string') return request.body;
    if (request.body == null) return '';
    throw invalidRequest('Invalid request (check that your POST content type is application/x-www-form-urlencoded).');
  }
  return question < 0 ? '' : request.url.slice(question + 1);
}

/** Reads the form once, also for the log of a request that is then cut, limited or replayed. */
function formOf(request: FastifyRequest): FormHash | StripeError {
  try {
    return parseForm(textOf(request));
  } catch (error) {
    if (error instanceof StripeError) return error;
    throw error;
  }
}

function logged(api: StripeApi, request: FastifyRequest, path: string, params: FormHash): LoggedRequest {
  return api.log.add({
    id: newId('req'),
    at: new Date(api.world.clock.now()).toISOString(),
    method: request.method,
    path,
    params,
    idempotencyKey: header(request, 'idempotency-key'),
    stripeVersion: header(request, 'stripe-version'),
    replayed: false,
    status: null,
  });
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function refuseBadVersion(version: string | null): void {
  if (version === null || /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) return;
  throw invalidRequest(`Invalid Stripe API version: ${version}.`);
}

/** Connect is not built: a key reaches its own account and no other (https://docs.stripe.com/error-codes#account-invalid). */
function refuseOtherAccounts(world: World, account: string | null): void {
  if (account === null || account === world.store.account.get('account')?.account) return;
  const message = `The provided key does not have access to account '${account}' (or that account does not exist).`;
  throw invalidRequest(message, { code: 'account_invalid' }, 403);
}

/** 429 comes before the idempotency layer (facts §6.3, §1.9). Only a lock timeout may be retried at once. */
function refuseByLimit(fault: Fault | undefined): void {
  if (fault?.kind === 'rate_limit') {
    throw new StripeError(429, 'invalid_request_error', 'Request rate limit exceeded.', { code: 'rate_limit' });
  }
  if (fault?.kind !== 'lock_timeout') return;
  const message =
    'This object cannot be accessed right now because another API request or Stripe process is currently accessing it.';
  throw new StripeError(
    429,
    'invalid_request_error',
    message,
    { code: 'lock_timeout' },
    { 'stripe-should-retry': 'true' },
  );
}

/** Faults that happen while the request is carried out, and are therefore kept by its idempotency key. */
function failAsAsked(fault: Fault | undefined): void {
  if (fault?.kind !== 'error') return;
  const status = fault.status ?? 500;
  const type = status >= 500 ? 'api_error' : 'invalid_request_error';
  const message = "An error that was asked for through the sandbox's controls.";
  throw new StripeError(status, type, message, { code: fault.code ?? undefined });
}

function answerOf(error: unknown, requestId: string, carriedOut: boolean, key: KeyKind = 'secret'): Answer {
  if (!(error instanceof StripeError)) {
    // A fault of the sandbox itself: it must be seen, and must not look like one of Stripe's answers.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    const body = { error: { type: 'api_error', message: `The sandbox failed: ${String(error)}` } };
    return { status: 500, body: JSON.stringify(body), carriedOut };
  }
  const shown = key === 'publishable' ? publicError(error.body) : error.body;
  const body = { error: { ...shown, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` } };
  return { status: error.status, body: JSON.stringify(body), headers: error.headers, carriedOut };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.headers !== undefined) reply.headers(answer.headers);
  return reply.code(answer.status).type('application/json').send(answer.body);
}

/** Cuts the TCP connection without a byte of an answer. */
function cut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}
