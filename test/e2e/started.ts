import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/free-ports.js';
import { SandboxControls } from '../support/sandbox-controls.js';

const ROOT = resolve(import.meta.dirname, '../..');
export const PACKAGES = join(ROOT, 'node_modules');
const SOURCES = ['apps', 'libs', 'migrations', 'package.json', '.swcrc'];
const READY_MS = 60_000;

/** A built copy of the house, so that nobody else's build gets in the way. */
export interface Build {
  readonly folder: string;
  /** Makes a copy in it that every user can enter, with an empty place for the packages. */
  openFolder(): string;
  remove(): void;
}

/** @param change made to the sources before they are built */
export async function build(change: (folder: string) => void = () => undefined): Promise<Build> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-build-'));
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  change(folder);
  symlinkSync(PACKAGES, join(folder, 'node_modules'));
  const npm = spawn('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the build failed with exit code ${code}`);
  const openFolder = () => {
    const open = join(folder, 'open');
    mkdirSync(join(open, 'node_modules'), { recursive: true });
    for (const file of ['dist', 'package.json']) cpSync(join(folder, file), join(open, file), { recursive: true });
    for (const entered of [folder, open]) chmodSync(entered, 0o755);
    return open;
  };
  return { folder, openFolder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A data folder that only its owner can enter, and ports that are free: where one start, or several in turn, live. */
export class Place {
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

  /** Where no start has been yet. */
  empty(): void {
    rmSync(this.dataDir, { recursive: true });
    mkdirSync(this.dataDir, { mode: 0o700 });
  }

  /** Who was started here, and whoever those started: each has the folder in its environment, or is PostgreSQL in it. */
  processes(): { pid: number; command: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
          const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
          const folder = readlinkSync(`/proc/${name}/cwd`);
          const ours =
            environment.includes(`DATA_DIR=${this.dataDir}`) ||
            folder.startsWith(this.dataDir) ||
            command.includes(this.dataDir);
          // A process that has ended and that nobody has asked about yet has no command.
          return ours && command !== '' ? [{ pid: Number(name), command }] : [];
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
    const child = spawn(program, parameters, {
      cwd: folder,
      detached: true,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...place.environment(), ...options.environment },
    });
    return new Started(child, place);
  }

  /** Waits until everything is up. @throws Error with what it said when it ends instead */
  async ready(): Promise<this> {
    await eventually(
      async () => this.output,
      (output) => output.includes('Holdfast is ready') || this.child.exitCode !== null,
      READY_MS,
    );
    if (this.child.exitCode !== null) throw new Error(`it ended: ${this.output}`);
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
