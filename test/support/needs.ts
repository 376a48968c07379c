import { describe } from '@jest/globals';

/**
 * `describe` for tests that need something of the machine beside Node. Where it is missing they are left out, loudly; with
 * CI=true they run and fail, because there it has to be.
 * @param missing what is not there and how to get it; undefined when it is
 */
export function describeUnlessMissing(missing: string | undefined): typeof describe | typeof describe.skip {
  if (missing === undefined || process.env['CI'] === 'true') return describe;
  console.warn(`LEFT OUT on this machine: ${missing}`);
  return describe.skip;
}
