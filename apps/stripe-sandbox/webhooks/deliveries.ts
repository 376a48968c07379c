import { newId } from '../state/ids.js';
import type { World } from '../world.js';
import { listensTo, type WebhookEndpointRecord } from './endpoints.js';
import { presentEvent, type EventRecord } from './events.js';
import { post } from './post.js';
import { signatureHeader } from './signature.js';

/** One attempt to deliver: at what time (ISO 8601, the sandbox's clock), and what came back. */
export interface Attempt {
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
}

/** An event on its way to one endpoint. */
export interface DeliveryRecord {
  readonly id: string;
  readonly event: string;
  readonly endpoint: string;
  /** `held` waits for the control to flush it; `dropped` is lost on purpose and never tried. */
  readonly state: 'pending' | 'held' | 'succeeded' | 'failed' | 'dropped';
  readonly attempts: readonly Attempt[];
  /** Milliseconds since 1970; null when no attempt is planned. */
  readonly nextAttemptAt: number | null;
}

/** How events are delivered from now on (POST /_sandbox/webhooks). */
export interface DeliveryMode {
  readonly mode: 'deliver' | 'hold';
  /** Further copies of every delivery, sent at the same time as the first. */
  readonly duplicate: number;
  readonly shuffle: boolean;
  readonly drop: readonly string[];
}

export const PLAIN_DELIVERY: DeliveryMode = { mode: 'deliver', duplicate: 0, shuffle: false, drop: [] };

/**
 * Waits between attempts, in seconds of the sandbox's clock. Stripe publishes none, only "up to three days, exponential"
 * (facts §5.4); these add up to three days and begin short, so that someone who fixes an endpoint sees it work.
 */
export const RETRY_DELAYS_SECONDS: readonly number[] = [
  5, 60, 300, 1800, 7200, 18000, 36000, 43200, 43200, 43200, 43200, 23035,
];

/** Attempts under way at once; more wait their turn. */
const MOST_AT_ONCE = 16;
/** How long deliveries are gathered before they are shuffled, in real milliseconds. */
const SHUFFLE_WINDOW_MS = 25;

/** Takes events to webhook endpoints, outside the requests that caused them. */
export class Deliveries {
  mode: DeliveryMode = PLAIN_DELIVERY;
  private readonly ready: string[] = [];
  private underWay = 0;
  private scheduled = false;
  private readonly stopping = new AbortController();
  private readonly idle: (() => void)[] = [];

  constructor(private readonly world: () => World) {}

  /** One delivery per endpoint that listens; what happens to them is the mode's to say. */
  queue(event: EventRecord): void {
    const { store } = this.world();
    for (const endpoint of store.endpoints.oldestFirst()) {
      if (!listensTo(endpoint, event.type)) continue;
      const state = this.mode.drop.includes(event.type) ? 'dropped' : this.mode.mode === 'hold' ? 'held' : 'pending';
      const nextAttemptAt = state === 'pending' ? this.world().clock.now() : null;
      const delivery = store.deliveries.insert({
        id: newId('del'),
        event: event.id,
        endpoint: endpoint.id,
        state,
        attempts: [],
        nextAttemptAt,
      });
      if (state === 'pending') this.makeReady(delivery.id);
    }
  }

  /** Endpoints that have not yet taken the event: `pending_webhooks`. */
  pendingOf(eventId: string): number {
    const { endpoints } = this.world().store;
    const open = this.of(eventId).filter(
      ({ state, endpoint }) => state !== 'succeeded' && endpoints.get(endpoint) !== undefined,
    );
    return open.length;
  }

  /** Whether every endpoint took it (true when there was none): the filter `delivery_success`. */
  allSucceeded(eventId: string): boolean {
    return this.pendingOf(eventId) === 0;
  }

  of(eventId: string): DeliveryRecord[] {
    return this.world().store.deliveries.where('event', eventId);
  }

  held(): DeliveryRecord[] {
    return [...this.world().store.deliveries.oldestFirst()].filter((delivery) => delivery.state === 'held');
  }

  /**
   * Delivers one after the other, each after the answer to the one before: so the order is certain.
   * @param order ids of events, delivered again if they were before; undefined: everything held, oldest first
   */
  async flush(order: readonly string[] | undefined): Promise<DeliveryRecord[]> {
    const chosen = order === undefined ? this.held() : order.flatMap((eventId) => this.of(eventId));
    const done = [];
    for (const delivery of chosen) done.push(await this.attempt(delivery.id));
    return done.filter((delivery) => delivery !== undefined);
  }

  /** Plans again what was pending when the program stopped. */
  resume(): void {
    for (const delivery of this.world().store.deliveries.oldestFirst()) {
      if (delivery.state === 'pending' && delivery.nextAttemptAt !== null)
        this.plan(delivery.id, delivery.nextAttemptAt);
    }
  }

  /** Forgets what was to be delivered and goes back to plain delivery. */
  reset(): void {
    this.mode = PLAIN_DELIVERY;
    this.ready.length = 0;
  }

  /** Starts no further attempt, breaks off those under way, and resolves when they have ended; they stay pending. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.ready.length = 0;
    if (this.underWay > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private plan(id: string, at: number): void {
    this.world().clock.alarm(at, () => {
      // Every copy of a duplicated delivery plans the next attempt when it fails; only the latest plan counts.
      if (this.world().store.deliveries.get(id)?.nextAttemptAt === at) this.makeReady(id);
    });
  }

  private makeReady(id: string): void {
    for (let copy = 0; copy <= this.mode.duplicate; copy += 1) this.ready.push(id);
    if (this.scheduled) return;
    this.scheduled = true;
    const start = () => {
      this.scheduled = false;
      if (this.mode.shuffle) shuffle(this.ready);
      this.startNext();
    };
    if (this.mode.shuffle) setTimeout(start, SHUFFLE_WINDOW_MS);
    else setImmediate(start);
  }

  private startNext(): void {
    while (!this.stopping.signal.aborted && this.underWay < MOST_AT_ONCE) {
      const id = this.ready.shift();
      if (id === undefined) return;
      void this.attempt(id);
    }
  }

  /** One attempt, with its outcome recorded; a failed one plans the next. */
  private async attempt(id: string): Promise<DeliveryRecord | undefined> {
    const world = this.world();
    const { store, clock } = world;
    const delivery = store.deliveries.get(id);
    const event = delivery && store.events.get(delivery.event);
    const endpoint = delivery && store.endpoints.get(delivery.endpoint);
    if (delivery === undefined || event === undefined || endpoint === undefined) return undefined;
    if (endpoint.disabled) return this.giveUp(delivery);
    this.underWay += 1;
    try {
      const outcome = await this.send(event, endpoint);
      const attempt: Attempt = {
        at: new Date(clock.now()).toISOString(),
        status: 'status' in outcome ? outcome.status : null,
        error: 'error' in outcome ? outcome.error : null,
      };
      return this.record(id, attempt);
    } finally {
      this.underWay -= 1;
      if (this.underWay === 0) for (const resolve of this.idle.splice(0)) resolve();
      this.startNext();
    }
  }

  /** An endpoint that is disabled when an attempt is due gets neither this one nor a later one (docs.stripe.com/webhooks). */
  private giveUp(delivery: DeliveryRecord): DeliveryRecord {
    const { store } = this.world();
    const given = store.deliveries.update(delivery, { state: 'failed', nextAttemptAt: null });
    store.commit();
    return given;
  }

  private async send(event: EventRecord, endpoint: WebhookEndpointRecord) {
    const world = this.world();
    const body = JSON.stringify(presentEvent(world, event, endpoint.api_version ?? undefined), null, 2);
    world.observer?.delivered(body);
    // The sandbox's time, not the machine's: a receiver that follows the sandbox's clock must not find it too old.
    const signature = signatureHeader(body, endpoint.secret, world.clock.seconds());
    return post(
      endpoint.url,
      body,
      {
        'stripe-signature': signature,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        accept: '*/*; q=0.5, application/xml',
      },
      this.stopping.signal,
    );
  }

  private record(id: string, attempt: Attempt): DeliveryRecord | undefined {
    const { store, clock } = this.world();
    const delivery = store.deliveries.get(id);
    // Reset meanwhile: there is nothing left to record it in.
    if (delivery === undefined || this.stopping.signal.aborted) return undefined;
    const attempts = [...delivery.attempts, attempt];
    const succeeded = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const delay = RETRY_DELAYS_SECONDS[attempts.length - 1];
    const next = this.afterAttempt(delivery, succeeded, delay === undefined ? null : clock.now() + delay * 1000);
    const recorded = store.deliveries.update(delivery, { attempts, ...next });
    if (!succeeded && recorded.state === 'pending' && recorded.nextAttemptAt !== null)
      this.plan(id, recorded.nextAttemptAt);
    store.commit();
    return recorded;
  }

  /** A delivery that succeeded once stays so, whatever comes of its duplicates. */
  private afterAttempt(delivery: DeliveryRecord, succeeded: boolean, retryAt: number | null) {
    if (succeeded || delivery.state === 'succeeded') return { state: 'succeeded', nextAttemptAt: null } as const;
    if (retryAt === null) return { state: 'failed', nextAttemptAt: null } as const;
    return { state: 'pending', nextAttemptAt: retryAt } as const;
  }
}

function shuffle(ids: string[]): void {
  for (let last = ids.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [ids[last], ids[other]] = [ids[other] ?? '', ids[last] ?? ''];
  }
}
