import { setTimeout as sleep } from 'node:timers/promises';

/** How long what happens within a second may take on a machine that does a great deal besides. */
const WAIT_MS = 30_000;
const POLL_MS = 25;

/** Asks until the answer fits. @throws Error with the last answer when it does not in time */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, waitMs = WAIT_MS): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`this did not become what was waited for: ${JSON.stringify(answer)}`);
    await sleep(POLL_MS);
  }
}
