/** Runs Jest as a program of its own, on the pinned Node, and reads what it wrote. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');

/** The pinned Node and the tools come first, whoever calls this file. */
export const env = { ...process.env, PATH: join(ROOT, 'node_modules', '.bin') + delimiter + process.env.PATH };

/**
 * Runs a program to its end.
 * @returns its exit code, how long it took and, unless it writes straight to the terminal, what it wrote
 */
export function run(command, args, options) {
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
 * @param args of Jest's command line
 * @returns its exit code, and its own JSON result; undefined when it died before it wrote one, or ran no test (`--listTests`)
 */
export async function runJest(args, options = { stdio: 'inherit' }) {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  // test/repeat.mjs reads the result too.
  const outputFile = process.env.TEST_RESULT ?? join(scratch, 'jest.json');
  const flags = ['--conditions=holdfast-source', `--import=${join(ROOT, 'test/support/jest/typescript.mjs')}`];
  const jest = [fileURLToPath(import.meta.resolve('jest/bin/jest')), '--json', `--outputFile=${outputFile}`, ...args];
  try {
    return { ...(await run('node', [...flags, ...jest], options)), result: readResult(outputFile) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns Jest's JSON result, or undefined */
export function readResult(file) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    return typeof result.numPassedTests === 'number' ? result : undefined;
  } catch {
    return undefined;
  }
}
