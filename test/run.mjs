/**
 * `npm test`: the checks and the build, two at a time, then Jest. Each check is the npm script of its name.
 * With arguments (`npm test -- libs/orders`) only Jest runs, with those arguments; `--changed` runs the checks and the tests that a
 * change concerns (changed.mjs).
 *
 * The last line is `N passed, N failed` (and `, N skipped` when there are any). A check that fails, a file whose tests
 * could not start, and a Jest that dies each count as one failed; a check that passes counts as nothing.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planChanged } from './changed.mjs';
import { run, runJest } from './jest.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** Longest first, so that the two lanes end together. */
const CHECKS = ['lint', 'typecheck', 'deadcode', 'build', 'formatted'];
const LANES = 2;

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/**
 * @param checks the command of each, by its name
 * @returns the names of the checks that failed
 */
async function runChecks(checks) {
  const waiting = Object.keys(checks);
  const failed = [];
  const lane = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const { code, output, seconds } = await run(checks[name], [], { shell: true });
      console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
      if (code === 0) continue;
      failed.push(name);
      console.log(output);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return failed;
}

/** Jest counts a file whose tests could not start as none; here it is one that failed. */
function countsOf(result) {
  if (result === undefined) return { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** What to run: the checks, and the arguments of Jest. */
function plan(args) {
  if (args.length === 0)
    return { checks: Object.fromEntries(CHECKS.map((name) => [name, scripts[name]])), jestArgs: [] };
  if (!args.includes('--changed')) return { checks: {}, jestArgs: args };
  const { checks, specs } = planChanged(ROOT, scripts);
  return { checks, jestArgs: [...args.filter((arg) => arg !== '--changed'), '--runTestsByPath', ...specs] };
}

const { checks, jestArgs } = plan(process.argv.slice(2));
const failedChecks = await runChecks(checks);
const { code, seconds, result } = await runJest(jestArgs);
console.log(`${code === 0 ? '✓' : '✗'} jest (${seconds.toFixed(1)} s)`);
const jest = countsOf(result);

if (failedChecks.length > 0) console.log(`failed checks, each counted as one failed: ${failedChecks.join(', ')}`);
const failedInJest = code === 0 ? jest.failed : Math.max(jest.failed, 1);
const failed = failedInJest + failedChecks.length;
console.log(`${jest.passed} passed, ${failed} failed${jest.skipped > 0 ? `, ${jest.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
