import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { StartFault } from './start-fault.js';

/** How long a program may take to be ready, and to stop, before it counts as broken. */
const READY_MS = 60_000;
const STOP_MS = 30_000;

interface Program {
  /** @throws StartFault when it ends before it is ready, takes too long, or everything is to end */
  readonly ready: Promise<unknown>;
  /** Ends it in order, or by force when that takes too long. */
  stop(): Promise<void>;
}

/**
 * Starts `apps/NAME/main.js`, which says when it is ready and ends when we are gone. When it ends before it is told to,
 * everything is to end.
 */
export function launch(name: string, end: AbortController, environment: Record<string, string> = {}): Program {
  const program = fork(fileURLToPath(new URL(`../${name}/main.js`, import.meta.url)), {
    // A person reads this terminal: what goes wrong, rather than every route.
    env: { LOG_LEVEL: 'warn', ...process.env, ...environment },
    execArgv: ['--enable-source-maps'],
    // A process group of its own: Ctrl+C in a terminal goes to a whole group, and the programs are to end in order.
    detached: true,
  });
  program.once('exit', (code, signal) =>
    end.abort(new StartFault(`${name} ended by itself (${signal ?? `exit code ${code}`}); everything is stopped`)),
  );
  const isReady = ready(name, program, end.signal);
  // Who was interrupted before awaiting it need not hear of it.
  isReady.catch(() => undefined);
  return { ready: isReady, stop: () => stop(program) };
}

async function ready(name: string, program: ChildProcess, end: AbortSignal): Promise<void> {
  const tooLong = AbortSignal.timeout(READY_MS);
  try {
    await once(program, 'message', { signal: AbortSignal.any([end, tooLong]) });
  } catch (error) {
    throw tooLong.aborted ? new StartFault(`${name} was not ready in ${READY_MS / 1000} seconds`) : error;
  }
}

async function stop(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const exited = once(program, 'exit');
  program.kill('SIGTERM');
  const timer = setTimeout(() => program.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}
