/**
 * `npm run test:times`: the suite, or the part that is named, and where the time of each file went, the most expensive first.
 * Columns in seconds: wall; load, start (wall clock of loading modules and of starting the service); wait (the worker had nothing
 * to do); own (processor, the worker); programs (processor, programs that the file started and ended). PostgreSQL serves all
 * files, so it stands on a line of its own.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-times-'));
process.env.TEST_TIMES = join(scratch, 'times.jsonl');
const { env, runJest } = await import('./jest.mjs');
env.TEST_TIMES = process.env.TEST_TIMES;

try {
  const { code } = await runJest(process.argv.slice(2));
  print(
    readFileSync(env.TEST_TIMES, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  process.exitCode = code;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function print(lines) {
  const spent = ({ cells: [, , , , own, programs] }) => own + programs;
  const files = lines.filter(({ path }) => path !== undefined);
  const [{ postgres } = { postgres: 0 }] = lines.filter((line) => line.postgres !== undefined);
  const rows = files
    .map(({ path, wall, load, start, idle, own, programs }) => ({
      cells: [wall, load.wall, start.wall, idle, own, programs],
      path: relative(process.cwd(), path),
    }))
    .toSorted((one, other) => spent(other) - spent(one));
  const sums = [0, 1, 2, 3, 4, 5].map((column) => rows.reduce((sum, { cells }) => sum + cells[column], 0));
  console.log(['wall', 'load', 'start', 'wait', 'own', 'programs'].map((name) => name.padStart(9)).join(''));
  for (const { cells, path } of [...rows, { cells: sums, path: `${rows.length} files` }]) {
    console.log(`${cells.map((seconds) => seconds.toFixed(1).padStart(9)).join('')}  ${path}`);
  }
  console.log(`PostgreSQL: ${postgres.toFixed(1)} processor seconds`);
}
