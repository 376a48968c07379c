/**
 * `npm run test:repeat -- N`: the suite N times beside processes that keep every processor busy, and the names of the tests that
 * failed at least once.
 *
 *   npm run test:repeat -- 10                        the whole suite, ten times, under load
 *   npm run test:repeat -- 20 test/integration/stop  a part
 *   npm run test:repeat -- 3 --idle                  without the load
 *   npm run test:repeat -- 1 --processors 0.25       held to a quarter of one processor (Linux, root: a control group)
 *
 * Exits with 1 when a test failed. Where control groups are to be had, it prints the processor's seconds of each run, those of
 * PostgreSQL and of browsers included.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { env, readResult, run } from './jest.mjs';

const PERIOD_US = 100_000;
const NANOSECONDS = 1e9;

/** A Linux control group: what a run starts stays in it, whatever becomes of its parent. Version 1 and 2 name things otherwise. */
class ControlGroup {
  static open() {
    const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
    const at = (controller) => join('/sys/fs/cgroup', unified ? '' : controller, `holdfast-test-${process.pid}`);
    const folders = unified ? { cpu: at(''), cpuacct: at('') } : { cpu: at('cpu'), cpuacct: at('cpuacct') };
    try {
      for (const folder of new Set(Object.values(folders))) mkdirSync(folder);
      return new ControlGroup(unified, folders);
    } catch {
      return undefined;
    }
  }

  constructor(unified, folders) {
    this.unified = unified;
    this.folders = folders;
  }

  /** @param processors how much of a processor, such as 0.25 */
  limit(processors) {
    const quota = Math.round(processors * PERIOD_US);
    if (this.unified) writeFileSync(join(this.folders.cpu, 'cpu.max'), `${quota} ${PERIOD_US}`);
    else writeFileSync(join(this.folders.cpu, 'cpu.cfs_quota_us'), String(quota));
  }

  /** A shell that joins the group and then becomes the command. */
  join(command) {
    const files = [...new Set(Object.values(this.folders))].map((folder) => join(folder, 'cgroup.procs'));
    return ['sh', '-c', `${files.map((file) => `echo $$ > ${file}`).join(' && ')} && exec "$@"`, 'sh', ...command];
  }

  /** @returns the processor's seconds of everything that ever was in the group */
  seconds() {
    if (!this.unified) return Number(readFileSync(join(this.folders.cpuacct, 'cpuacct.usage'), 'utf8')) / NANOSECONDS;
    const [, microseconds] = /usage_usec (\d+)/.exec(readFileSync(join(this.folders.cpu, 'cpu.stat'), 'utf8')) ?? [];
    return Number(microseconds) / 1e6;
  }

  close() {
    for (const folder of new Set(Object.values(this.folders))) rmdirSync(folder);
  }
}

/** @returns the option's value, taken out of the arguments */
function take(args, name) {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

function usage(fault) {
  console.error(`${fault}\nusage: npm run test:repeat -- N [--idle] [--processors 0.25] [what npm test takes]`);
  process.exit(2);
}

/** One process for each processor that does nothing but keep it busy. @returns how to end them */
function burn() {
  const burners = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  return () => burners.forEach((burner) => burner.kill());
}

/** @returns 'file › test' of every test that failed, and of every file that could not run */
function failuresOf(result) {
  if (result === undefined) return ['Jest died before it wrote its result'];
  return result.testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    const titles = failed.length === 0 && message !== '' ? ['the file could not run'] : failed;
    return titles.map((title) => `${relative(process.cwd(), name)} › ${title}`);
  });
}

const args = process.argv.slice(2);
const times = Number(args.shift());
if (!Number.isInteger(times) || times < 1) usage('how often is missing');
const isIdle = args.includes('--idle') && args.splice(args.indexOf('--idle'), 1).length > 0;
const processors = take(args, '--processors');
if (processors !== undefined && !(Number(processors) > 0))
  usage(`--processors takes a number above 0, not ${processors}`);
const group = ControlGroup.open();
if (processors !== undefined && group === undefined) usage('--processors needs Linux, and root for a control group');

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-repeat-'));
const failures = new Map();
const stopBurning = isIdle || processors !== undefined ? () => undefined : burn();
if (processors !== undefined) group.limit(Number(processors));
try {
  for (let time = 1; time <= times; time++) {
    const file = join(scratch, `${time}.json`);
    const command = [process.execPath, join(import.meta.dirname, 'run.mjs'), ...args];
    const [program, ...parameters] = group?.join(command) ?? command;
    const before = group?.seconds() ?? 0;
    const { code, output, seconds } = await run(program, parameters, { env: { ...env, TEST_RESULT: file } });
    const cpu = group ? `, ${(group.seconds() - before).toFixed(0)} processor seconds` : '';
    console.log(
      `${code === 0 ? '✓' : '✗'} run ${time}: ${output.trimEnd().split('\n').at(-1)} (${seconds.toFixed(0)} s${cpu})`,
    );
    if (code === 0) continue;
    writeFileSync(join(tmpdir(), `holdfast-repeat-${process.pid}-${time}.log`), output);
    console.log(`  what it wrote: ${join(tmpdir(), `holdfast-repeat-${process.pid}-${time}.log`)}`);
    const failed = failuresOf(readResult(file));
    for (const name of failed.length > 0 ? failed : ['a check; see what it wrote']) {
      failures.set(name, (failures.get(name) ?? 0) + 1);
    }
  }
} finally {
  stopBurning();
  rmSync(scratch, { recursive: true, force: true });
  group?.close();
}
for (const [name, count] of failures) console.log(`failed in ${count} of ${times}: ${name}`);
if (failures.size === 0) console.log(`no test failed in ${times} runs`);
process.exitCode = failures.size > 0 ? 1 : 0;
