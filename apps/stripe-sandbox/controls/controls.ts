import type { FastifyInstance } from 'fastify';
import { StripeError } from '../http/errors.js';
import type { LoggedRequest, RequestLog } from '../http/request-log.js';
import type { StripeApi } from '../http/stripe-api.js';
import { PLAIN_DELIVERY, type DeliveryRecord } from '../webhooks/deliveries.js';
import { isEventType } from '../webhooks/event-types.js';
import type { World } from '../world.js';
import { FAULT_KINDS, isPattern, type Fault } from './faults.js';
import {
  choice,
  ControlError,
  optionalBoolean,
  optionalInteger,
  optionalString,
  optionalStrings,
  readInput,
  type Input,
} from './input.js';
import { ledger } from './ledger.js';
import { closeDisputeAs, dispute, settlePaymentAs, settleRefundAs } from './money.js';

/** A hundred years: enough for any test, and still a date that JavaScript can hold. */
const LONGEST_ADVANCE_SECONDS = 100 * 365 * 86_400;
const LONGEST_DELAY_MS = 120_000;
const MOST_DELIVERIES_SHOWN = 1000;

/** The controls under /_sandbox: JSON in, JSON out, no credentials. */
export function registerControls(app: FastifyInstance, api: StripeApi): void {
  const { world, faults, log } = api;
  app.setErrorHandler((error, _request, reply) =>
    reply.code(statusOf(error)).send({ error: { message: messageOf(error) } }),
  );
  app.post('/_sandbox/reset', (request) => {
    readInput(request.body, []);
    reset(api);
    return { reset: true };
  });
  app.get('/_sandbox/clock', () => readClock(world));
  app.post('/_sandbox/clock', (request) => advance(world, request.body));
  app.get('/_sandbox/faults', () => ({ data: faults.list() }));
  app.post('/_sandbox/faults', (request) => {
    faults.add(readFault(request.body));
    return { data: faults.list() };
  });
  app.delete('/_sandbox/faults', () => {
    faults.clear();
    return { data: [] };
  });
  app.get('/_sandbox/webhooks', () => readWebhooks(world));
  app.post('/_sandbox/webhooks', (request) => setWebhooks(world, request.body));
  app.post('/_sandbox/webhooks/flush', async (request) => ({ data: await flush(world, request.body) }));
  app.get('/_sandbox/requests', (request) => ({ data: requestsSince(log, request.query) }));
  app.get('/_sandbox/ledger', () => ({ data: ledger(world) }));
  app.post('/_sandbox/disputes', (request) => dispute(world, request.body));
  app.post<{ Params: { id: string } }>('/_sandbox/disputes/:id/close', (request) =>
    closeDisputeAs(world, request.params.id, request.body),
  );
  app.post<{ Params: { id: string } }>('/_sandbox/payment_intents/:id/settle', (request) =>
    settlePaymentAs(world, request.params.id, request.body),
  );
  app.post<{ Params: { id: string } }>('/_sandbox/refunds/:id/settle', (request) =>
    settleRefundAs(world, request.params.id, request.body),
  );
}

function statusOf(error: unknown): number {
  if (error instanceof ControlError || error instanceof StripeError) return error.status;
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' ? status : 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requestsSince(log: RequestLog, query: unknown): LoggedRequest[] {
  const since = optionalString(readInput(query, ['since']), 'since');
  if (since === undefined || log.has(since) || !Number.isNaN(Date.parse(since))) return log.list(since);
  throw new ControlError(`since is neither the id of a request that is remembered nor a time: ${since}`);
}

function reset({ world, faults, log }: StripeApi): void {
  world.clock.reset();
  world.deliveries.reset();
  world.store.reset();
  faults.clear();
  log.clear();
  rememberClock(world);
}

function readClock(world: World) {
  const now = world.clock.now();
  return { now: new Date(now).toISOString(), unixMs: now, advancedSeconds: world.clock.advancedMs / 1000 };
}

function advance(world: World, body: unknown) {
  const seconds = optionalInteger(readInput(body, ['advanceSeconds']), 'advanceSeconds', 0, LONGEST_ADVANCE_SECONDS);
  if (seconds === undefined) throw new ControlError('advanceSeconds is required.');
  world.clock.advance(seconds * 1000);
  rememberClock(world);
  return readClock(world);
}

function rememberClock(world: World): void {
  const row = world.store.account.get('account');
  if (row !== undefined) world.store.account.update(row, { advancedMs: world.clock.advancedMs });
  world.store.commit();
}

function readFault(body: unknown): Fault {
  const input = readInput(body, ['method', 'path', 'times', 'kind', 'status', 'code', 'delayMs']);
  const kind = choice(input, 'kind', FAULT_KINDS);
  if (kind === undefined) throw new ControlError(`kind is required: one of ${FAULT_KINDS.join(', ')}.`);
  const path = optionalString(input, 'path') ?? null;
  if (path !== null && isPattern(path)) refuseBadPattern(path);
  return {
    method: readMethod(input),
    path,
    times: optionalInteger(input, 'times', 1, 1_000_000) ?? 1,
    kind,
    status: optionalInteger(input, 'status', 400, 599) ?? null,
    code: optionalString(input, 'code') ?? null,
    delayMs: optionalInteger(input, 'delayMs', 0, LONGEST_DELAY_MS) ?? 1000,
  };
}

/** In capitals or not. */
function readMethod(input: Input): string | null {
  const method = optionalString(input, 'method')?.toUpperCase();
  return choice({ method }, 'method', ['GET', 'POST', 'DELETE']) ?? null;
}

function refuseBadPattern(path: string): void {
  try {
    new RegExp(path);
  } catch (error) {
    throw new ControlError(`path is no regular expression: ${messageOf(error)}`);
  }
}

function setWebhooks(world: World, body: unknown) {
  const input = readInput(body, ['mode', 'duplicate', 'shuffle', 'drop']);
  const drop = optionalStrings(input, 'drop') ?? PLAIN_DELIVERY.drop;
  const unknown = drop.find((type) => !isEventType(type));
  if (unknown !== undefined) throw new ControlError(`drop: there is no event type ${unknown}.`);
  world.deliveries.mode = {
    mode: choice(input, 'mode', ['deliver', 'hold']) ?? PLAIN_DELIVERY.mode,
    duplicate: optionalInteger(input, 'duplicate', 0, 100) ?? PLAIN_DELIVERY.duplicate,
    shuffle: optionalBoolean(input, 'shuffle') ?? PLAIN_DELIVERY.shuffle,
    drop,
  };
  return readWebhooks(world);
}

function readWebhooks(world: World) {
  const { deliveries, endpoints } = world.store;
  const latest = [...deliveries.oldestFirst()].slice(-MOST_DELIVERIES_SHOWN);
  return {
    ...world.deliveries.mode,
    endpoints: [...endpoints.oldestFirst()].map(({ id, url, enabled_events }) => ({ id, url, enabled_events })),
    held: world.deliveries.held().map((delivery) => presentDelivery(world, delivery)),
    deliveries: latest.map((delivery) => presentDelivery(world, delivery)),
  };
}

function presentDelivery(world: World, delivery: DeliveryRecord) {
  const { id, event, endpoint, state, attempts, nextAttemptAt } = delivery;
  const type = world.store.events.get(event)?.type ?? null;
  return {
    id,
    event,
    type,
    endpoint,
    state,
    attempts,
    nextAttemptAt: nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString(),
  };
}

async function flush(world: World, body: unknown) {
  const order = optionalStrings(readInput(body, ['order']), 'order');
  const unknown = order?.find((id) => world.store.events.get(id) === undefined);
  if (unknown !== undefined) throw new ControlError(`No such event: ${unknown}`, 404);
  const delivered = await world.deliveries.flush(order);
  return delivered.map((delivery) => presentDelivery(world, delivery));
}
