import { describe } from '@jest/globals';

/**
 * `describe` for tests that need something of the machine beside Node. Where it is missing they are left out, loudly; with
 * CI=true they run and fail, because there it has to be.
 * @param missing what is not there and how to get it; undefined when it is
 */
export function describeUnlessMissing(missing: string | undefined): (name: string, tests: () => void) => void {
  return (name, tests) => {
    if (missing === undefined || process.env['CI'] === 'true') return describe(name, tests);
    // Not by the console: Jest prints nothing of a file in which every test is left out.
    process.stderr.write(`LEFT OUT on this machine: ${name}: ${missing}\n`);
    describe.skip(name, tests);
  };
}
