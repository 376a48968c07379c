import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '#platform';
import { CREDENTIAL_NOT_VALID, Problem, TOO_MANY_FAILURES } from '#http';
import { networkOf, Windows } from './partners.windows.js';

/** A client that is set up wrongly retries less often than this; whoever guesses would have to be faster. */
const MAXIMUM_FAILURES = 100;
const WINDOW_SECONDS = 60;
/** Addresses, beginnings of keys, and accepted credentials that are remembered at once. */
const MAXIMUM_REMEMBERED = 10_000;
/** `hf_live_` and six letters: whoever guesses at one key from many addresses always sends these. */
const KEY_BEGINNING = 14;

/**
 * Counts credentials that were not valid, per client address and per beginning of a key, in a minute. Once there were too
 * many, further ones are not even looked at: a right guess is answered like a wrong one. A credential that was accepted
 * from the same address before is not held up: partners behind one address must not be locked out by a neighbour.
 * Account tokens are counted and not held up: their signature cannot be guessed at, and costs no query.
 */
@Injectable()
export class FailedAuthentications {
  private readonly addresses: Windows;
  private readonly beginnings: Windows;
  /** In the order of their last use. */
  private readonly known = new Set<string>();

  constructor(clock: Clock) {
    this.addresses = new Windows(clock, WINDOW_SECONDS, MAXIMUM_REMEMBERED);
    this.beginnings = new Windows(clock, WINDOW_SECONDS, MAXIMUM_REMEMBERED);
  }

  /** @throws Problem 429 for a key that was not accepted from this address yet, while there are too many failures */
  refuseGuess(address: string, key: string | undefined): void {
    if (key === undefined) return;
    const windows = [this.addresses.read(networkOf(address)), this.beginnings.read(beginningOf(key))];
    const exceeded = windows.filter(({ count }) => count >= MAXIMUM_FAILURES);
    if (exceeded.length === 0 || this.known.has(nameOf(address, key))) return;
    throw tooMany(Math.max(...exceeded.map(({ secondsLeft }) => secondsLeft)));
  }

  /** Remembers a key that is valid, as a digest. */
  accepted(address: string, key: string | undefined): void {
    if (key === undefined) return;
    const name = nameOf(address, key);
    this.known.delete(name);
    const [oldest] = this.known;
    if (this.known.size >= MAXIMUM_REMEMBERED && oldest !== undefined) this.known.delete(oldest);
    this.known.add(name);
  }

  /**
   * What a credential that is not valid is answered with: 401, and 429 once there were too many.
   * @param key the credential, unless it is something else than a key
   */
  refusal(address: string, key?: string): Problem {
    const windows = [this.addresses.add(networkOf(address))];
    if (key !== undefined) windows.push(this.beginnings.add(beginningOf(key)));
    const exceeded = windows.filter(({ count }) => count > MAXIMUM_FAILURES);
    if (exceeded.length === 0) return new Problem(CREDENTIAL_NOT_VALID);
    return tooMany(Math.max(...exceeded.map(({ secondsLeft }) => secondsLeft)));
  }
}

const tooMany = (retryAfter: number): Problem => new Problem(TOO_MANY_FAILURES, { retryAfter });

const beginningOf = (key: string): string => key.slice(0, KEY_BEGINNING);

const nameOf = (address: string, key: string): string =>
  createHash('sha256')
    .update(`${networkOf(address)}\n${key}`)
    .digest('base64url');
