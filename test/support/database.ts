import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../apps/migrate/migrate.js';
import { startEmbeddedPostgres } from '../../apps/start/embedded-postgres.js';
import { eventually } from './eventually.js';
import { freePort } from './free-ports.js';

const TEMPLATE = 'template_holdfast';
/** Another run of the tests may be looking for a port at this very moment. */
const PORTS_TRIED = 5;

/** Data that is gone with the test need not reach the disk. */
const SETTINGS = [
  ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'wal_level=minimal', 'max_wal_senders=0'],
  // Databases live for seconds: what pays off over hours is switched off.
  ...['autovacuum=off', 'jit=off', 'checkpoint_timeout=1h', 'max_wal_size=8GB'],
  'max_connections=400',
];

const urlAt = (port: number, database: string) => `postgres://holdfast@127.0.0.1:${port}/${database}`;

/** A fresh database with every migration applied: a copy of the template, for one test file. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const port = await ensureCluster();
  const name = `test_${process.pid}_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  await onServer(port, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return { url: urlAt(port, name), drop: () => onServer(port, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/**
 * The first process to come makes the server and the template, and writes down where it listens; the others wait for that.
 * @throws Error in every test file when it cannot be made
 * @returns the server's port
 */
async function ensureCluster(): Promise<number> {
  const directory = process.env.TEST_CLUSTER_DIR ?? '';
  const ready = join(directory, 'port');
  const failed = join(directory, 'failed');
  if (!existsSync(ready) && isFirst(join(directory, 'first'))) {
    try {
      const port = await startServer(directory);
      await migrate({ database: { url: urlAt(port, TEMPLATE), embeddedPort: port } });
      writeWhole(ready, String(port));
      return port;
    } catch (error) {
      writeWhole(failed, String(error));
      throw error;
    }
  }
  const outcome = await eventually(
    () => Promise.resolve([ready, failed].find((file) => existsSync(file))),
    (file) => file !== undefined,
  );
  if (outcome === failed)
    throw new Error(`another test file could not make the database server: ${readFileSync(failed, 'utf8')}`);
  return Number(readFileSync(ready, 'utf8'));
}

async function startServer(directory: string): Promise<number> {
  for (let tried = 1; ; tried++) {
    const port = await freePort();
    try {
      await startEmbeddedPostgres({ dataDir: directory, port, database: TEMPLATE, settings: SETTINGS });
      return port;
    } catch (error) {
      if (tried === PORTS_TRIED || !String(error).includes('Address already in use')) throw error;
    }
  }
}

/** Renamed last, so that nobody reads half of it. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function isFirst(marker: string): boolean {
  try {
    mkdirSync(marker);
    return true;
  } catch {
    return false;
  }
}

async function onServer(port: number, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlAt(port, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
