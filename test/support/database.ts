import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres } from '#platform';
import { migrate } from '../../apps/rooms.js';

const TEMPLATE = 'template_holdfast';
const WAIT_MS = 60_000;

/** Data that is gone with the test need not reach the disk. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

function serverUrl(database: string): string {
  return `postgres://holdfast@127.0.0.1:${process.env.TEST_CLUSTER_PORT}/${database}`;
}

/** A fresh database with every migration applied: a copy of the template, for one test file. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  await ensureCluster();
  const name = `test_${process.pid}_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return { url: serverUrl(name), drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** The first process to come makes the server and the template; the others wait until it said that both are there. */
async function ensureCluster(): Promise<void> {
  const directory = process.env.TEST_CLUSTER_DIR ?? '';
  const ready = join(directory, 'ready');
  if (existsSync(ready)) return;
  if (isFirst(join(directory, 'first'))) {
    const port = Number(process.env.TEST_CLUSTER_PORT);
    await startEmbeddedPostgres({ dataDir: directory, port, database: TEMPLATE, settings: SETTINGS });
    await migrate({ database: { url: serverUrl(TEMPLATE), embeddedPort: port } });
    writeFileSync(ready, '');
    return;
  }
  const deadline = Date.now() + WAIT_MS;
  while (!existsSync(ready)) {
    if (Date.now() > deadline) throw new Error('the test database server did not become ready');
    await sleep(50);
  }
}

function isFirst(marker: string): boolean {
  try {
    mkdirSync(marker);
    return true;
  } catch {
    return false;
  }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
