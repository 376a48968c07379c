import type { FormHash } from './form-encoding.js';

/** A request of Stripe's API, as GET /_sandbox/requests shows it. */
export interface LoggedRequest {
  readonly id: string;
  /** ISO 8601, by the sandbox's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly params: FormHash;
  readonly idempotencyKey: string | null;
  readonly stripeVersion: string | null;
  replayed: boolean;
  /** Null when the connection was cut without an answer. */
  status: number | null;
}

/** The latest requests, oldest first; older ones fall out so that a long run does not fill the memory. */
export class RequestLog {
  private entries: LoggedRequest[] = [];

  constructor(private readonly limit = 20_000) {}

  add(entry: LoggedRequest): LoggedRequest {
    this.entries.push(entry);
    // Cut in one piece now and then: shifting one by one would copy the array on every request.
    if (this.entries.length >= this.limit * 2) this.entries = this.entries.slice(-this.limit);
    return entry;
  }

  /** @param since the id of a request (those after it), or an ISO time (those at or after it) */
  list(since: string | undefined): LoggedRequest[] {
    if (since === undefined) return this.entries.slice(-this.limit);
    const position = this.entries.findIndex((entry) => entry.id === since);
    if (position >= 0) return this.entries.slice(position + 1);
    return this.entries.filter((entry) => entry.at >= since);
  }

  has(id: string): boolean {
    return this.entries.some((entry) => entry.id === id);
  }

  clear(): void {
    this.entries = [];
  }
}
