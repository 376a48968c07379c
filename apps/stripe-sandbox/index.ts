import { isIPv6, type AddressInfo } from 'node:net';
import { planSessionExpiry } from './checkout/sessions.lifecycle.js';
import { Faults } from './controls/faults.js';
import { Idempotency } from './http/idempotency.js';
import { RequestLog } from './http/request-log.js';
import { lookupIn } from './lookup.js';
import type { Observer } from './observer.js';
import { planDispute, planDisputeEnd } from './payments/disputes.js';
import { planProcessingEnd } from './payments/payment-intents.processing.js';
import { planHoldExpiry } from './payments/payment-intents.settle.js';
import { planLaterOutcome } from './payments/refunds.js';
import { buildServer } from './server.js';
import { Clock } from './state/clock.js';
import { newId } from './state/ids.js';
import { Store } from './state/store.js';
import { Deliveries } from './webhooks/deliveries.js';
import { NOBODY, type World } from './world.js';

export interface ConfiguredEndpoint {
  readonly url: string;
  readonly secret: string;
  /** Default: every event. */
  readonly enabledEvents?: readonly string[];
}

export interface SandboxOptions {
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** Default 127.0.0.1: the sandbox has no credentials worth the name, and is for this machine. */
  readonly host?: string;
  /** Where to remember everything between starts; without it, memory only. */
  readonly dataDir?: string;
  readonly webhookEndpoints?: readonly ConfiguredEndpoint[];
  /** Default `sk_test_holdfast`. */
  readonly secretKey?: string;
  /** Default `pk_test_holdfast`. */
  readonly publishableKey?: string;
  readonly observer?: Observer;
}

export interface Sandbox {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Stops listening. Deliveries under way are broken off; with a data directory they go on after the next start. */
  close(): Promise<void>;
}

export const SECRET_KEY = 'sk_test_holdfast';
export const PUBLISHABLE_KEY = 'pk_test_holdfast';
export const WEBHOOK_SECRET = 'whsec_holdfast_sandbox';

/** Starts a sandbox: one Stripe account, wholly independent of any other in the same process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = buildWorld(options);
  configureEndpoints(world, options.webhookEndpoints ?? []);
  const faults = new Faults();
  const app = buildServer({
    world,
    faults,
    log: new RequestLog(),
    lookup: lookupIn(world),
    idempotency: new Idempotency(),
  });
  const host = options.host ?? '127.0.0.1';
  await app.listen({ port: options.port ?? 0, host }).catch((error: unknown) => {
    world.store.close();
    throw error;
  });
  world.store.takeOver();
  const { port } = app.server.address() as AddressInfo;
  world.baseUrl = `http://${nameOf(host)}:${port}`;
  resume(world);
  return {
    url: world.baseUrl,
    port,
    async close() {
      world.clock.stop();
      faults.clear();
      await Promise.all([app.close(), world.deliveries.stop()]);
      world.store.close();
    },
  };
}

function buildWorld(options: SandboxOptions): World {
  const store = new Store(options.dataDir);
  const world: World = {
    clock: new Clock(store.account.get('account')?.advancedMs ?? 0),
    store,
    deliveries: new Deliveries(() => world),
    keys: { secret: options.secretKey ?? SECRET_KEY, publishable: options.publishableKey ?? PUBLISHABLE_KEY },
    observer: options.observer,
    cause: NOBODY,
    baseUrl: '',
  };
  return world;
}

/** The endpoints of the configuration replace those of the start before; a known address keeps its id, and its deliveries. */
function configureEndpoints(world: World, wanted: readonly ConfiguredEndpoint[]): void {
  const { endpoints } = world.store;
  const former = [...endpoints.oldestFirst()].filter((endpoint) => endpoint.configured);
  for (const { url, secret, enabledEvents = ['*'] } of wanted) {
    const at = former.findIndex((endpoint) => endpoint.url === url);
    const [known] = at < 0 ? [] : former.splice(at, 1);
    if (known !== undefined) {
      endpoints.update(known, { secret, enabled_events: enabledEvents });
      continue;
    }
    endpoints.insert({
      id: newId('we'),
      created: world.clock.seconds(),
      url,
      secret,
      enabled_events: enabledEvents,
      description: 'From the configuration of this sandbox',
      disabled: false,
      api_version: null,
      metadata: {},
      configured: true,
    });
  }
  for (const { id } of former) endpoints.delete(id);
  world.store.commit();
}

/** Sets the alarms again that a restart has lost. What became due meanwhile happens now. */
function resume(world: World): void {
  const { charges, disputes, paymentIntents, refunds, sessions } = world.store;
  for (const charge of charges.oldestFirst()) {
    planHoldExpiry(world, charge);
    planDispute(world, charge);
  }
  for (const intent of paymentIntents.oldestFirst()) planProcessingEnd(world, intent);
  for (const dispute of disputes.oldestFirst()) planDisputeEnd(world, dispute);
  for (const session of sessions.oldestFirst()) if (session.status === 'open') planSessionExpiry(world, session);
  for (const refund of refunds.oldestFirst()) planLaterOutcome(world, refund);
  world.deliveries.resume();
}

/** How it is named in an address; one that listens everywhere is found on this machine. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}
