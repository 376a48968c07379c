/**
 * Jest's global set-up: names the folder in which the first test file that needs PostgreSQL starts one for all. Its
 * tear-down ends the server by the process id that the server wrote there.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_TRIES = 100;

export default async function setUp() {
  process.env.TEST_CLUSTER_DIR = mkdtempSync(join(tmpdir(), 'holdfast-cluster-'));
  process.env.TEST_CLUSTER_PORT = String(await freePort());
}

export async function tearDown() {
  const directory = process.env.TEST_CLUSTER_DIR;
  const pidFile = join(directory, 'postgres', 'postmaster.pid');
  if (existsSync(pidFile)) {
    process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGINT');
    for (let i = 0; i < STOP_TRIES && existsSync(pidFile); i++) await sleep(50);
  }
  rmSync(directory, { recursive: true, force: true });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
