/**
 * How slow the machine is at present: the time that a fixed amount of work takes, against the machine on which the limits of
 * the tests were chosen. Every limit in the tests is multiplied by it, so that a slow or busy machine gets more time.
 */

/** What {@link work} took on that machine (two idle cores of 2026), in milliseconds. */
const REFERENCE_MS = 45;
/** Several, because a quota on the processor lets short work pass at full speed and then stops it. */
const ROUNDS = 8;

function work() {
  const rows = Array.from({ length: 2000 }, (_, n) => ({ id: `ord_${n}`, amount: n * 1250, items: [n, n + 1, n + 2] }));
  for (let i = 0; i < 40; i++) JSON.parse(JSON.stringify(rows)).sort((a, b) => b.amount - a.amount);
}

/** @returns 1 on a machine as fast as that one or faster, 4 where the same work takes four times as long */
export function measureSlowness() {
  const began = performance.now();
  for (let round = 0; round < ROUNDS; round++) work();
  return Math.max(1, (performance.now() - began) / ROUNDS / REFERENCE_MS);
}
