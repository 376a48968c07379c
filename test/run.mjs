/**
 * `npm test`: the checks and the build, two at a time, then Jest. Each check is the npm script of its name.
 * With arguments (`npm test -- libs/orders`) only Jest runs, with those arguments.
 *
 * The last line is `N passed, N failed` (and `, N skipped` when there are any). A check that fails, a file whose tests
 * could not start, and a Jest that dies each count as one failed; a check that passes counts as nothing.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');
/** Longest first, so that the two lanes end together: one has the linter, the other has all the rest. */
const CHECKS = ['lint', 'typecheck', 'formatted', 'deadcode', 'build'];
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

/** Answers with the names of the checks that failed. */
async function runChecks() {
  const waiting = [...CHECKS];
  const failed = [];
  const lane = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const { code, output, seconds } = await run(scripts[name], [], { shell: true });
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

const args = process.argv.slice(2);
const failedChecks = args.length > 0 ? [] : await runChecks();
const jest = await runJest(args);

if (failedChecks.length > 0) console.log(`failed checks, each counted as one failed: ${failedChecks.join(', ')}`);
const failedInJest = jest.code === 0 ? jest.failed : Math.max(jest.failed, 1);
const failed = failedInJest + failedChecks.length;
console.log(`${jest.passed} passed, ${failed} failed${jest.skipped > 0 ? `, ${jest.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
