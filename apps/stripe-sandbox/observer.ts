import type { ObjectKind } from './http/expand.js';
import type { KeyKind } from './http/route.js';

/** An answer of Stripe's API as it goes over the wire. */
export interface ObservedAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** JSON. */
  readonly body: string;
  /** Null when the request was refused before its key was known to be good. */
  readonly key: KeyKind | null;
  /** The kind of object that the endpoint answers with, alone or in a list. */
  readonly answers: ObjectKind;
}

/** Whoever starts a sandbox may look at everything that leaves it, to check it against Stripe's own description. */
export interface Observer {
  answered(answer: ObservedAnswer): void;
  /** @param body the event that is being delivered to a webhook endpoint, as JSON */
  delivered(body: string): void;
}
