import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;
/**
 * A limit in polls, not in seconds: 60 seconds on an idle machine, and more where each poll takes longer because the machine is
 * slow or busy at that moment.
 */
const POLLS = 2400;

/**
 * Reads again and again until the value fits.
 * @param read what is waited on
 * @param fits whether the wait is over
 * @throws Error that says what was waited for, and what was there instead
 */
export async function eventually<T>(read: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const began = performance.now();
  for (let poll = 1; ; poll++) {
    const value = await read();
    if (fits(value)) return value;
    if (poll === POLLS) {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      throw new Error(
        `waited ${seconds} s (${POLLS} polls) until ${String(fits)} is true of ${String(read)}; it is ${JSON.stringify(value)}`,
      );
    }
    await sleep(POLL_MS);
  }
}
