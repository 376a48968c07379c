import type { Attempt } from './notification.entity.js';
import type { DisabledReason } from './notification-endpoint.entity.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Between a failure and the next try; the last one is repeated. */
const DELAYS_MS = [
  ...[5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[1 * HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR],
];
/** The three days of the contract, for a message and for an endpoint. */
export const PATIENCE_MS = 72 * HOUR;
/** Later messages of an order wait for an earlier one as long as it failed fewer times: about 13 minutes. */
const IN_ORDER_TRIES = 5;
const GONE = 410;

/** What a failed try was made of. */
interface Failure {
  readonly at: Date;
  readonly statusCode: number | undefined;
  readonly tries: number;
  readonly inOrder: boolean;
  readonly firstTriedAt: Date;
  /** Of the endpoint; `null` when it answered with success last. */
  readonly failingSince: Date | null;
}

/** What follows from a failed try, for the message and for its endpoint. */
export interface Consequence {
  readonly status: 'Pending' | 'Failed';
  readonly dueAt: Date;
  readonly tries: number;
  readonly inOrder: boolean;
  /** When the later ones of the same order are due. */
  readonly followersDueAt: Date;
  readonly failingSince: Date;
  readonly disable: DisabledReason | undefined;
}

/**
 * Retries back off for three days. A message that is given up while its endpoint takes others is Failed; an endpoint that
 * took nothing for three days, or says that it is gone, is disabled, and what it has not taken waits there.
 */
export function consequenceOf(failure: Failure): Consequence {
  const { at, firstTriedAt } = failure;
  const tries = failure.tries + 1;
  const inOrder = failure.inOrder && tries < IN_ORDER_TRIES;
  const failingSince = failure.failingSince ?? at;
  const isLong = (since: Date) => at.getTime() - since.getTime() >= PATIENCE_MS;
  const disable = failure.statusCode === GONE ? 'gone' : isLong(failingSince) ? 'failing' : undefined;
  const isGivenUp = isLong(firstTriedAt) && disable === undefined;
  const dueAt = isGivenUp ? at : retryAt(tries, firstTriedAt, at);
  const holdsUp = inOrder && !isGivenUp;
  return {
    ...{ status: isGivenUp ? 'Failed' : 'Pending', dueAt, tries, inOrder, failingSince, disable },
    followersDueAt: holdsUp ? dueAt : at,
  };
}

/** The last try is at the end of the three days, whatever the delay. */
function retryAt(tries: number, firstTriedAt: Date, at: Date): Date {
  const delay = DELAYS_MS[Math.min(tries, DELAYS_MS.length) - 1] ?? 0;
  return new Date(Math.min(at.getTime() + delay, Math.max(firstTriedAt.getTime() + PATIENCE_MS, at.getTime())));
}

/** Standard Webhooks: 2xx is success, everything else is not, redirects included. */
export function isDelivered({ statusCode }: Pick<Attempt, 'statusCode'>): boolean {
  return statusCode !== undefined && statusCode >= 200 && statusCode < 300;
}
