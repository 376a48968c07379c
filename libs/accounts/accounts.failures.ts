import { Injectable } from '@nestjs/common';
import { Clock, CREDENTIAL_NOT_VALID, Problem, TOO_MANY_FAILURES } from '#platform';

/** A client that is set up wrongly retries less often than this; whoever guesses would have to be faster. */
const MAXIMUM_FAILURES = 100;
const WINDOW_SECONDS = 60;
/** Addresses that are remembered at once; the longest known one gives way. */
const MAXIMUM_ADDRESSES = 10_000;

/**
 * Counts credentials that were not valid, per client address and minute. Valid ones are not held up: partners behind one
 * address must not be locked out by a neighbour.
 */
@Injectable()
export class FailedAuthentications {
  private readonly windows = new Map<string, { failures: number; endsAt: number }>();

  constructor(private readonly clock: Clock) {}

  /** What a credential that is not valid is answered with: 401, and 429 once there were too many. */
  refusal(address: string): Problem {
    const now = this.clock.now().getTime();
    const known = this.windows.get(address);
    const window = known && known.endsAt > now ? known : { failures: 0, endsAt: now + WINDOW_SECONDS * 1000 };
    window.failures++;
    if (window !== known) this.remember(address, window);
    if (window.failures <= MAXIMUM_FAILURES) return new Problem(CREDENTIAL_NOT_VALID);
    return new Problem(TOO_MANY_FAILURES, { retryAfter: Math.ceil((window.endsAt - now) / 1000) });
  }

  private remember(address: string, window: { failures: number; endsAt: number }): void {
    // Deleted first, so that the map stays in the order in which the windows began.
    this.windows.delete(address);
    const [oldest] = this.windows.keys();
    if (this.windows.size >= MAXIMUM_ADDRESSES && oldest !== undefined) this.windows.delete(oldest);
    this.windows.set(address, window);
  }
}
