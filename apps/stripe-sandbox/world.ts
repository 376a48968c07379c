import type { Observer } from './observer.js';
import type { Clock } from './state/clock.js';
import type { Store } from './state/store.js';
import type { Decline } from './payments/cards.js';
import type { Deliveries } from './webhooks/deliveries.js';

/** The API version that the sandbox speaks: the one that the pinned `stripe` package pins. */
export const API_VERSION = '2026-10-28.endive';

/** Who caused what happens now. Requests run one after the other, never interleaved, so there is one at a time. */
export interface Cause {
  /** Null for what the sandbox does by itself (expiry) or on a page. */
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  /** The decline that the controls planned (fault `decline`), whatever the card; used up by being taken. */
  takeDecline(): Decline | null;
}

export const NOBODY: Cause = { requestId: null, idempotencyKey: null, takeDecline: () => null };

/** One sandbox: everything that its parts share. There is no other state. */
export interface World {
  readonly clock: Clock;
  readonly store: Store;
  readonly deliveries: Deliveries;
  readonly keys: { readonly secret: string; readonly publishable: string };
  readonly observer: Observer | undefined;
  cause: Cause;
  /** Where this sandbox is reached, without a slash at the end; known once it listens. */
  baseUrl: string;
}
