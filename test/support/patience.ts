/** How many times slower this machine is than the one on which limits were chosen: measured once per run (jest.config.js). */
const SLOWNESS = Number(process.env.TEST_SLOWNESS ?? 1);

/**
 * For limits that somebody else's code takes in milliseconds, such as Playwright's. What can be polled for is waited for with
 * `eventually`, which needs none.
 * @param milliseconds on an idle machine of two cores
 * @returns the same limit for this machine
 */
export function patience(milliseconds: number): number {
  return Math.ceil(milliseconds * SLOWNESS);
}
