/**
 * `npm test`: the checks and the build, two at a time, then Jest. Each check is the npm script of its name.
 * With arguments (`npm test -- libs/orders`) only Jest runs, with those arguments; `--changed` runs the checks and the tests that a
 * change concerns (changed.mjs).
 *
 * The last line is `N passed, N failed` (and `, N skipped` when there are any). A check that fails, a file whose tests
 * could not start, and a Jest that dies each count as one failed; a check that passes counts as nothing.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planChanged } from './changed.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** Longest first, so that the two lanes end together. */
const CHECKS = ['lint', 'typecheck', 'deadcode', 'build', 'formatted'];
const LANES = 2;
const NOTHING_RAN = { passed: 0, failed: 0, skipped: 0 };

/** The pinned Node and the tools come first, whoever calls this file. */
const env = { ...process.env, PATH: join(ROOT, 'node_modules', '.bin') + delimiter + process.env.PATH };
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Resolves with the exit code and, unless the output goes straight to the terminal, what was printed. */
function run(command, args, options) {
  return new Promise((done) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: ROOT, env, ...options });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => done({ code: code ?? 1, output, seconds: (performance.now() - started) / 1000 }));
  });
}

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

async function runJest(args) {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  const outputFile = join(scratch, 'jest.json');
  const flags = ['--conditions=holdfast-source', `--import=${join(ROOT, 'test/support/jest/typescript.mjs')}`];
  const jest = [fileURLToPath(import.meta.resolve('jest/bin/jest')), '--json', `--outputFile=${outputFile}`, ...args];
  try {
    const { code, seconds } = await run('node', [...flags, ...jest], { stdio: 'inherit' });
    console.log(`${code === 0 ? '✓' : '✗'} jest (${seconds.toFixed(1)} s)`);
    return { code, ...readCounts(outputFile) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readCounts(outputFile) {
  try {
    const result = JSON.parse(readFileSync(outputFile, 'utf8'));
    // `--listTests` and its like run no test, and write something else.
    if (typeof result.numPassedTests !== 'number') return NOTHING_RAN;
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    // Jest died before it wrote anything; its exit code says so.
    return NOTHING_RAN;
  }
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
const jest = await runJest(jestArgs);

if (failedChecks.length > 0) console.log(`failed checks, each counted as one failed: ${failedChecks.join(', ')}`);
const failedInJest = jest.code === 0 ? jest.failed : Math.max(jest.failed, 1);
const failed = failedInJest + failedChecks.length;
console.log(`${jest.passed} passed, ${failed} failed${jest.skipped > 0 ? `, ${jest.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
