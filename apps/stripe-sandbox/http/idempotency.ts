import { createHash } from 'node:crypto';
import type { World } from '../world.js';
import { StripeError } from './errors.js';
import type { KeyKind } from './route.js';

/** Keys are at most 255 characters, and their answers are kept for 24 h by the sandbox's clock (facts §6.1). */
const LONGEST_KEY = 255;
const KEPT_SECONDS = 24 * 3600;

/** The first answer to a key, whatever it was. */
export interface StoredAnswer {
  /** The key itself. */
  readonly id: string;
  readonly created: number;
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
}

/**
 * Idempotency keys of POST requests (facts §6.1, §6.2): the first answer, errors and 500s included, is given again to the same
 * parameters. One request at a time per key; what failed validation, or came to a key in flight, is not kept.
 */
export class Idempotency {
  private readonly inFlight = new Set<string>();
  /** Up to which position of the table everything has been pruned. */
  private pruned = 0;

  /**
   * Takes a key for a request.
   * @returns the stored answer to replay, or undefined: then carry it out and call `end`
   * @throws 400 idempotency_error for other parameters, 409 idempotency_key_in_use
   */
  begin(world: World, key: string, fingerprint: string): StoredAnswer | undefined {
    if (key.length > LONGEST_KEY) {
      const message = `Idempotency-Key is too long: keys can be up to ${LONGEST_KEY} characters.`;
      throw new StripeError(400, 'idempotency_error', message);
    }
    const stored = this.find(world, key);
    if (stored !== undefined && stored.fingerprint !== fingerprint) throw otherParameters(key);
    if (this.inFlight.has(key)) throw inUse(key);
    if (stored === undefined) this.inFlight.add(key);
    return stored;
  }

  /** @param answer what to keep; undefined when the request was refused before it was carried out */
  end(world: World, key: string, answer: Omit<StoredAnswer, 'id' | 'created'> | undefined): void {
    this.inFlight.delete(key);
    if (answer === undefined) return;
    world.store.answers.insert({ id: key, created: world.clock.seconds(), ...answer });
    this.prune(world);
  }

  /** Answers are stored in the order of time, so the expired ones are at the beginning: each is looked at once. */
  private prune(world: World): void {
    const { answers } = world.store;
    if (this.pruned > answers.lastPosition) this.pruned = 0;
    for (const answer of answers.walk(this.pruned, 1)) {
      if (this.isKept(world, answer)) return;
      this.pruned = (answers.position(answer.id) ?? this.pruned) + 1;
      answers.delete(answer.id);
    }
  }

  private isKept(world: World, answer: StoredAnswer): boolean {
    return world.clock.seconds() - answer.created < KEPT_SECONDS;
  }

  private find(world: World, key: string): StoredAnswer | undefined {
    const stored = world.store.answers.get(key);
    if (stored === undefined) return undefined;
    if (this.isKept(world, stored)) return stored;
    world.store.answers.delete(key);
    return undefined;
  }
}

/** What makes two requests the same one: the kind of key (each is shown other fields), method, path and body. */
export function fingerprintOf(key: KeyKind, method: string, path: string, body: string): string {
  return createHash('sha256').update(`${key} ${method} ${path}\n${body}`).digest('base64');
}

function otherParameters(key: string): StripeError {
  const message =
    'Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key ' +
    `other than '${key}' if you meant to execute a different request.`;
  return new StripeError(400, 'idempotency_error', message);
}

function inUse(key: string): StripeError {
  const message =
    `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, ` +
    `and the other request is still going through): ${key}. Please try again later.`;
  return new StripeError(409, 'idempotency_error', message, { code: 'idempotency_key_in_use' });
}
