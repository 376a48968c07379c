/**
 * Jest's global set-up: names the folder in which the first test file that needs PostgreSQL starts one for all. Its
 * tear-down ends the server by the process id that the server wrote there.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import times from './jest/times.cjs';

const POLL_MS = 50;
/** A minute on an idle machine, and more on a busy one. */
const STOP_POLLS = 1200;

export default function setUp() {
  process.env.TEST_CLUSTER_DIR = mkdtempSync(join(tmpdir(), 'holdfast-cluster-'));
}

export async function tearDown() {
  const directory = process.env.TEST_CLUSTER_DIR;
  const pidFile = join(directory, 'postgres', 'postmaster.pid');
  if (existsSync(pidFile)) {
    const server = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    if (process.env.TEST_TIMES) writeServerTimes(server);
    process.kill(server, 'SIGINT');
    for (let poll = 0; existsSync(pidFile); poll++) {
      if (poll === STOP_POLLS) throw new Error(`PostgreSQL is told to stop and still runs: ${pidFile} is there`);
      await sleep(POLL_MS);
    }
  }
  rmSync(directory, { recursive: true, force: true });
}

/** What the server and those of its processes that have ended have cost (npm run test:times). */
function writeServerTimes(server) {
  const { own, programs } = times.processorSeconds(server);
  appendFileSync(process.env.TEST_TIMES, `${JSON.stringify({ postgres: own + programs })}\n`);
}
