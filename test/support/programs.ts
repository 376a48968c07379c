import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** Programs are started again and again: what one run of the tests has compiled is kept until it ends. */
export const COMPILED = { NODE_COMPILE_CACHE: join(process.env.TEST_CLUSTER_DIR ?? tmpdir(), 'compiled') };

/** The real programs, as they are started in production, and everything that they print. */
export class Programs {
  private readonly children = new Set<ChildProcess>();
  /** What all of them wrote to stdout and stderr, but for what a command was run to print. */
  output = '';

  /** @param folder where `dist` is; the environment is all that they get */
  constructor(
    private readonly folder: string,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * Starts `apps/NAME/main.js` and waits until it says that it is ready.
   * @param changes to the environment, for this one
   * @returns its process, for a test that kills it
   */
  async start(name: string, changes: Record<string, string> = {}): Promise<ChildProcess> {
    const child = this.fork(name, [], changes);
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    const said = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (said[0] !== 'ready') throw new Error(`${name} did not become ready: ${this.output.slice(-2000)}`);
    return child;
  }

  /** Runs a command to its end. @returns what it printed for its caller */
  async run(name: string, parameters: readonly string[]): Promise<{ code: number | null; stdout: string }> {
    const child = this.fork(name, parameters);
    let stdout = '';
    child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  }

  /** Ends them in order, so that nothing that they have to say is lost. */
  async stop(): Promise<void> {
    for (const child of this.children) {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    }
  }

  /** Ends them as a power cut does, those included that are starting still. */
  async kill(): Promise<void> {
    const ended = [...this.children].map((child) => once(child, 'exit'));
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(ended);
  }

  /** Waits until something was written. */
  async said(text: string): Promise<void> {
    await eventually(
      async () => this.output.includes(text),
      (found) => found,
    );
  }

  private fork(name: string, parameters: readonly string[], changes: Record<string, string> = {}): ChildProcess {
    const child = fork(join(this.folder, 'dist/apps', name, 'main.js'), parameters, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: { PATH: process.env.PATH, ...COMPILED, ...this.environment, ...changes },
    });
    child.stderr?.on('data', (data: Buffer) => (this.output += data.toString()));
    return child;
  }
}
