import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Database } from '#platform';
import type { StripeGateway } from '#stripe';
import { auditBooks } from './audit.books.repository.js';
import type { Finding } from './audit.finding.js';
import { auditStripe } from './audit.stripe.js';

/** What a running system changes between two looks is no finding: one is kept when it is there still, and the same. */
const SECOND_LOOK_MS = 3000;

/**
 * Checks the invariants over the whole database, and against Stripe. It shares no code with what it checks.
 * @param pauseMs between the two looks
 * @throws StripeUnavailable when Stripe cannot be read
 */
export async function audit(
  database: Database,
  stripe: StripeGateway,
  clock: Clock,
  pauseMs = SECOND_LOOK_MS,
): Promise<Finding[]> {
  const first = await look(database, stripe, clock);
  if (first.length === 0) return [];
  await sleep(pauseMs);
  const second = await look(database, stripe, clock);
  return second.filter((finding) => first.some((other) => isDeepStrictEqual(other, finding)));
}

async function look(database: Database, stripe: StripeGateway, clock: Clock): Promise<Finding[]> {
  return [...(await auditBooks(database, clock.now())), ...(await auditStripe(database, stripe))];
}
