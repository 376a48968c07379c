import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ConfigError, readConfig, startEmbeddedPostgres, type Config } from '#platform';
import { migrate } from '../rooms.js';

/** How long a program may take to be ready, and to stop, before it counts as broken. */
const READY_MS = 60_000;
const STOP_MS = 30_000;

type Stop = () => Promise<void>;

/** What runs, in the order it was started; stopped in the opposite one. */
const running: Stop[] = [];
let stopping = false;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  await refuseTakenPorts(config);
  process.on('SIGINT', () => void stop(0));
  process.on('SIGTERM', () => void stop(0));
  if (config.database.embeddedPort !== undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, port: config.database.embeddedPort });
    running.push(() => postgres.stop());
  }
  await migrate(config);
  const withSandbox = config.mode === 'sandbox' && process.env.STRIPE_API_BASE === undefined;
  if (withSandbox) await startProgram('stripe-sandbox', sandboxEnvironment(config));
  await startProgram('api');
  await startProgram('worker');
  announce(config, withSandbox);
}

/** The sandbox shares nothing with the rest, its settings included: they are handed to it. */
function sandboxEnvironment(config: Config): Record<string, string> {
  return {
    HOST: config.host,
    SANDBOX_PORT: String(config.sandboxPort),
    DATA_DIR: config.dataDir,
    WEBHOOK_URL: `http://${config.host}:${config.port}/webhooks/stripe`,
  };
}

async function startProgram(name: string, environment: Record<string, string> = {}): Promise<void> {
  const program = fork(fileURLToPath(new URL(`../${name}/main.js`, import.meta.url)), {
    env: { ...process.env, ...environment },
    execArgv: ['--enable-source-maps'],
  });
  program.once('exit', (code, signal) => {
    if (stopping) return;
    console.error(`${name} ended by itself (${signal ?? `exit code ${code}`}); stopping everything`);
    void stop(1);
  });
  running.push(() => stopProgram(program));
  const ready = once(program, 'message', { signal: AbortSignal.timeout(READY_MS) });
  await Promise.race([ready, once(program, 'exit').then(() => Promise.reject(new Error(`${name} did not start`)))]);
}

async function stopProgram(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const exited = once(program, 'exit');
  program.kill('SIGTERM');
  const timer = setTimeout(() => program.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const stopOne of running.reverse()) {
    await stopOne().catch((error: unknown) => console.error(error));
  }
  process.exit(code);
}

/** A port that is taken is told before anything is started. */
async function refuseTakenPorts(config: Config): Promise<void> {
  const ports = new Map([
    ['PORT', config.port],
    ...(config.mode === 'sandbox' ? [['SANDBOX_PORT', config.sandboxPort] as const] : []),
  ]);
  const faults: string[] = [];
  for (const [name, port] of ports) {
    if (await isTaken(config.host, port)) faults.push(`${name}: something listens on ${config.host}:${port} already`);
  }
  if (faults.length > 0) throw new ConfigError(faults);
}

async function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function announce(config: Config, withSandbox: boolean): void {
  const api = `http://${config.host}:${config.port}`;
  const lines = [
    `Holdfast is ready (${config.mode} mode).`,
    `  API         ${api}/v1`,
    `  Swagger UI  ${api}/docs`,
    ...(withSandbox ? [`  Sandbox     http://${config.host}:${config.sandboxPort}`] : []),
    ...(config.mode === 'sandbox' ? ['  Demo key    hf_test_demo'] : []),
  ];
  console.log(lines.join('\n'));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  void stop(1);
});
