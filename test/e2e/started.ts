import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../support/api-client.js';
import { freePorts } from '../support/free-ports.js';
import { COMPILED } from '../support/programs.js';
import { SandboxControls } from '../support/sandbox-controls.js';

const ROOT = resolve(import.meta.dirname, '../..');
export const PACKAGES = join(ROOT, 'node_modules');
const SOURCES = ['apps', 'libs', 'migrations', 'package.json', '.swcrc'];
/** The build that all test files of a run share; the run's tear-down removes it. */
const SHARED = join(process.env.TEST_CLUSTER_DIR ?? '', 'built');

/** A built copy of the codebase, so that no other build changes it under the programs that run. */
export interface Build {
  readonly folder: string;
  remove(): void;
}

/**
 * Without a change, all test files of a run share one build.
 * @param change made to the sources before they are built
 */
export async function build(change?: (folder: string) => void): Promise<Build> {
  if (!change && existsSync(SHARED)) return { folder: SHARED, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-build-'));
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  change?.(folder);
  symlinkSync(PACKAGES, join(folder, 'node_modules'));
  const npm = spawn('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the build failed with exit code ${code}`);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (change) return { folder, remove };
  try {
    renameSync(folder, SHARED);
  } catch (error) {
    if (!existsSync(SHARED)) throw error;
    // Another worker of this run was faster.
    remove();
  }
  return { folder: SHARED, remove: () => undefined };
}

/** Makes a copy of the built programs that every user can enter, with an empty folder for the packages. */
export function openCopy({ folder }: Build): Build {
  const open = mkdtempSync(join(tmpdir(), 'holdfast-open-'));
  mkdirSync(join(open, 'node_modules'));
  for (const file of ['dist', 'package.json']) cpSync(join(folder, file), join(open, file), { recursive: true });
  chmodSync(open, 0o755);
  return { folder: open, remove: () => rmSync(open, { recursive: true, force: true }) };
}

/** A data folder that only its owner can enter, and ports that are free: where one start, or several in turn, live. */
export class Place {
  /** The processes that are older: none of them was started here, so none is looked at. */
  private readonly older = new Set(readdirSync('/proc'));

  private constructor(
    readonly dataDir: string,
    readonly ports: Readonly<Record<'PORT' | 'SANDBOX_PORT' | 'SHOP_PORT' | 'EMBEDDED_POSTGRES_PORT', number>>,
  ) {}

  /** @param former whose data to begin with; without it, nothing */
  static async find(former?: Place): Promise<Place> {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
    if (former) {
      cpSync(former.dataDir, dataDir, { recursive: true });
      // A copy has the modes that new folders have; PostgreSQL insists on this one.
      chmodSync(join(dataDir, 'postgres'), 0o700);
    }
    chmodSync(dataDir, 0o700);
    const [PORT = 0, SANDBOX_PORT = 0, SHOP_PORT = 0, EMBEDDED_POSTGRES_PORT = 0] = await freePorts(4);
    return new Place(dataDir, { PORT, SANDBOX_PORT, SHOP_PORT, EMBEDDED_POSTGRES_PORT });
  }

  environment(): Record<string, string> {
    const ports = Object.entries(this.ports).map(([name, port]) => [name, String(port)]);
    return { ...(Object.fromEntries(ports) as Record<string, string>), DATA_DIR: this.dataDir };
  }

  /** The processes that were started here, and their children: each has the folder in its environment, or is PostgreSQL in it. */
  processes(): { pid: number; command: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && !this.older.has(name))
      .flatMap((name) => {
        try {
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
          // A process that has ended and that its parent has not asked about yet has no command, nor has one of the kernel.
          if (command === '') return [];
          const ours =
            command.includes(this.dataDir) ||
            readlinkSync(`/proc/${name}/cwd`).startsWith(this.dataDir) ||
            readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`DATA_DIR=${this.dataDir}`);
          return ours ? [{ pid: Number(name), command }] : [];
        } catch {
          // It ended while we looked.
          return [];
        }
      });
  }

  /** The process ids of a program (`apps/NAME/main.js`) or, by `postgres`, of everything PostgreSQL runs. */
  pids(name: string): number[] {
    const isIt = name === 'postgres' ? /postgres\b.* -D |^postgres: / : new RegExp(`/${name}/main\\.js`);
    return this.processes()
      .filter(({ command }) => isIt.test(command))
      .map(({ pid }) => pid);
  }

  /** Ends and removes whatever a test left. */
  clear(): void {
    for (const { pid } of this.processes()) killIfThere(pid);
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

interface StartOptions {
  readonly environment?: Record<string, string>;
  /** Instead of `node dist/apps/start/main.js`. */
  readonly command?: readonly string[];
}

/** One run of `npm start`, or of the program behind it. */
export class Started {
  readonly api: ApiClient;
  readonly controls: SandboxControls;
  /** Everything it said on stdout and stderr. */
  output = '';
  private readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(
    readonly child: ChildProcess,
    place: Place,
  ) {
    this.api = new ApiClient(`http://127.0.0.1:${place.ports.PORT}`, 'hf_test_demo');
    this.controls = new SandboxControls(`http://127.0.0.1:${place.ports.SANDBOX_PORT}`);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** Begins, in a process group of its own; the environment holds nothing of ours but what is needed. */
  static begin({ folder }: Build, place: Place, options: StartOptions = {}): Started {
    const [program = '', ...parameters] = options.command ?? [
      process.execPath,
      join(folder, 'dist/apps/start/main.js'),
    ];
    const { PATH, HOME } = process.env;
    const child = spawn(program, parameters, {
      cwd: folder,
      detached: true,
      env: { PATH, HOME, ...COMPILED, ...place.environment(), ...options.environment },
    });
    return new Started(child, place);
  }

  /**
   * Waits until everything is up; the program itself has limits, and says what was not ready.
   * @throws Error with what it said when it ends instead
   */
  async ready(): Promise<this> {
    const ready = new Promise<void>((resolve) => {
      const look = () => this.output.includes('Holdfast is ready') && resolve();
      this.child.stdout?.on('data', look);
      look();
    });
    const end = await Promise.race([ready, this.ended]);
    if (end) throw new Error(`it ended with ${end.code ?? end.signal} before it was ready: ${this.output}`);
    return this;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** How it ended: its exit code, or the signal that killed it. */
  async end(): Promise<number | string | null> {
    const { code, signal } = await this.ended;
    return code ?? signal;
  }

  stop(signal: NodeJS.Signals): Promise<number | string | null> {
    this.child.kill(signal);
    return this.end();
  }
}
