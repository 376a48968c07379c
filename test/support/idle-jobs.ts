import { setTimeout as sleep } from 'node:timers/promises';
import type { Holdfast } from './holdfast.js';

const POLL_MS = 10;
const ROUNDS = 3000;
/** A job that failed so often while nothing is wrong fails for good. */
const MOST_TRIES = 45;
/** Leaves a try of a job the time to end before the next. */
const HURRY_MS = 100;
const WAITS = `(state IN ('created', 'retry') AND start_after > now() AND retry_count < ${MOST_TRIES})`;
const CHANNEL = `'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)`;

/**
 * Makes whatever waits for its time due, and wakes the workers' hands, until no job is left.
 * @param isOver asked again and again: whether nobody is there to do them any more
 * @throws Error when one is never done
 */
export async function workUntilIdle(holdfast: Holdfast, isOver = () => false): Promise<void> {
  for (let round = 0; round < ROUNDS && !isOver(); round++) {
    const left = await holdfast.rows<{ waits: boolean }>(
      `SELECT name, data, state, output->>'message' AS error, ${WAITS} AS waits
       FROM pgboss.job WHERE state < 'completed' AND name <> 'dead-letters'`,
    );
    if (left.length === 0) return;
    if (left.some(({ waits }) => waits)) await makeJobsDue(holdfast);
    if (round === ROUNDS - 1) throw new Error(`jobs are never done: ${JSON.stringify(left)}`);
    await sleep(POLL_MS);
  }
}

/** Every job is done, and every event of it was taken. */
export async function everythingHeard(holdfast: Holdfast): Promise<void> {
  do await workUntilIdle(holdfast);
  while (((await holdfast.controls.flush()) as { data: unknown[] }).data.length > 0);
}

/** Waits for what jobs bring about, and lets none of them wait for its next try meanwhile. */
export async function impatiently<T>(holdfast: Holdfast, awaited: Promise<T>): Promise<T> {
  let isOver = false;
  const hurry = async () => {
    for (; !isOver; await sleep(HURRY_MS)) await makeJobsDue(holdfast);
  };
  const [result] = await Promise.all([awaited.finally(() => (isOver = true)), hurry()]);
  return result;
}

/** Whatever waits for its time is due, and the workers' hands know. */
export async function makeJobsDue(holdfast: Holdfast): Promise<void> {
  await holdfast.rows(
    `WITH due AS (
       UPDATE pgboss.job SET start_after = now() WHERE name <> 'dead-letters' AND ${WAITS} RETURNING name)
     SELECT pg_notify(${CHANNEL}, name) FROM (SELECT DISTINCT name FROM due) AS queues`,
  );
}
