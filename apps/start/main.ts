import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { ConfigError, loadMigrator, reachable, readConfig, type Config } from '#platform/setup';
import { MIGRATIONS } from '../../migrations/index.js';
import { startEmbeddedPostgres, stopFormerPostgres } from './embedded-postgres.js';
import { announce } from './announcement.js';
import { holdDataFolder, type Hold } from './data-folder.js';
import { portFaults, type NamedPort } from './ports.js';
import { launch } from './programs.js';
import { StartFault } from './start-fault.js';

type Stop = () => Promise<void> | void;

/** A terminal that is closed says SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long the programs of a start that was killed may take to notice and to free their ports. */
const FORMER_PROGRAMS_MS = 20_000;

/** The reason to end when somebody asked for it: all others are faults. */
class AskedToEnd extends Error {}

/** Starts everything, waits until it is to end, and ends what was begun in the opposite order, wherever it had come to. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const end = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => end.abort(new AskedToEnd(signal)));
  process.on('uncaughtException', (error) => end.abort(error));
  const begun: Stop[] = [];
  const fault = await untilItEnds(config, begun, end);
  let faultless = fault instanceof AskedToEnd;
  if (!faultless) report(fault);
  for (const stop of begun.reverse()) {
    try {
      await stop();
    } catch (error) {
      report(error);
      faultless = false;
    }
  }
  process.exit(faultless ? 0 : 1);
}

/** @returns why it ended */
async function untilItEnds(config: Config, begun: Stop[], end: AbortController): Promise<unknown> {
  try {
    await start(config, begun, end);
    if (!end.signal.aborted) await once(end.signal, 'abort');
    return end.signal.reason;
  } catch (error) {
    // What was interrupted fails in its own way; why it was interrupted is what matters.
    return end.signal.aborted ? end.signal.reason : error;
  }
}

/** @param begun what is to be stopped is put here as soon as it exists, so that nothing begun is left behind */
async function start(config: Config, begun: Stop[], end: AbortController): Promise<void> {
  mkdirSync(config.dataDir, { recursive: true });
  const hold = holdDataFolder(config.dataDir);
  begun.push(() => hold.release());
  await refuseTakenPorts(config, hold);
  end.signal.throwIfAborted();
  // Loaded while PostgreSQL and the sandbox start, and not at all when a port is taken.
  const migrator = loadMigrator();
  if (config.database.embeddedPort !== undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, port: config.database.embeddedPort });
    begun.push(() => postgres.stop());
    await postgres.watch(() => end.abort(new StartFault('PostgreSQL ended by itself; everything is stopped')));
    end.signal.throwIfAborted();
  }
  const run = (name: string, environment?: Record<string, string>) => {
    const program = launch(name, end, environment);
    begun.push(() => program.stop());
    return program.ready;
  };
  const sandbox = runsSandbox(config) ? run('stripe-sandbox', sandboxEnvironment(config)) : undefined;
  const migrate = await migrator;
  await migrate(config, MIGRATIONS);
  await sandbox;
  end.signal.throwIfAborted();
  await Promise.all([run('api'), run('worker')]);
  end.signal.throwIfAborted();
  // It calls the API as soon as it runs.
  if (runsShop(config)) await run('sample-shop', shopEnvironment(config));
  announce(config, runsSandbox(config));
}

/** In sandbox mode, unless somebody runs a sandbox already and gave its address. */
function runsSandbox({ mode, stripe, host, sandboxPort }: Config): boolean {
  return mode === 'sandbox' && stripe.apiBase?.host === `${reachable(host)}:${sandboxPort}`;
}

/** A shop to try things in; it pays with the sandbox's key. */
const runsShop = ({ mode }: Config): boolean => mode === 'sandbox';

function shopEnvironment(config: Config): Record<string, string> {
  return {
    HOST: config.host,
    SHOP_PORT: String(config.shopPort),
    DATA_DIR: config.dataDir,
    HOLDFAST_URL: `http://${reachable(config.host)}:${config.port}`,
    STRIPE_JS_URL: `${config.stripe.apiBase?.origin ?? ''}/v3/stripe.js`,
  };
}

/** The sandbox shares nothing with the rest, its settings included: they are handed to it. */
function sandboxEnvironment(config: Config): Record<string, string> {
  return {
    HOST: config.host,
    SANDBOX_PORT: String(config.sandboxPort),
    DATA_DIR: config.dataDir,
    WEBHOOK_URL: `http://${reachable(config.host)}:${config.port}/webhooks/stripe`,
  };
}

/** A port that is taken is told before anything is started; what a killed start left behind is put away before. */
async function refuseTakenPorts(config: Config, hold: Hold): Promise<void> {
  const { embeddedPort } = config.database;
  if (embeddedPort !== undefined) await stopFormerPostgres(config.dataDir);
  const ports: NamedPort[] = [{ name: 'PORT', host: config.host, port: config.port }];
  if (runsSandbox(config)) ports.push({ name: 'SANDBOX_PORT', host: config.host, port: config.sandboxPort });
  if (runsShop(config)) ports.push({ name: 'SHOP_PORT', host: config.host, port: config.shopPort });
  if (embeddedPort !== undefined) ports.push({ name: 'EMBEDDED_POSTGRES_PORT', host: '127.0.0.1', port: embeddedPort });
  const faults = await portFaults(ports, hold.formerWasKilled ? FORMER_PROGRAMS_MS : 0);
  if (faults.length > 0) throw new ConfigError(faults);
}

function report(fault: unknown): void {
  console.error(fault instanceof StartFault || fault instanceof ConfigError ? fault.message : fault);
}

main().catch((error: unknown) => {
  report(error);
  process.exit(1);
});
