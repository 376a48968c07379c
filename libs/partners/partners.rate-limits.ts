import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, type Config } from '#platform';
import { Problem, TOO_MANY_REQUESTS } from '#http';
import { networkOf, Windows } from './partners.windows.js';

const WINDOW_SECONDS = 60;
/** Addresses and credentials that are remembered at once, in each process. */
const MAXIMUM_REMEMBERED = 10_000;

/** How often in a minute one credential, and one address, may call; see docs/operating.md. Each process counts for itself. */
@Injectable()
export class RateLimits {
  private readonly addresses: Windows;
  private readonly credentials: Windows;

  constructor(
    clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.addresses = new Windows(clock, WINDOW_SECONDS, MAXIMUM_REMEMBERED);
    this.credentials = new Windows(clock, WINDOW_SECONDS, MAXIMUM_REMEMBERED);
  }

  /** Before the credential is looked at. @throws Problem 429 `too-many-requests` */
  countAddress(address: string): void {
    count(this.addresses, networkOf(address), this.config.rateLimits.perAddress);
  }

  /** @throws Problem 429 `too-many-requests` */
  countCredential(credentialId: string): void {
    count(this.credentials, credentialId, this.config.rateLimits.perCredential);
  }
}

/** @param limit 0 for none */
function count(windows: Windows, name: string, limit: number): void {
  if (limit === 0) return;
  const window = windows.add(name);
  if (window.count > limit) throw new Problem(TOO_MANY_REQUESTS, { retryAfter: window.secondsLeft });
}
