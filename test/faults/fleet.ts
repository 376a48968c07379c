import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../apps/migrate/migrate.js';
import { startEmbeddedPostgres, stopFormerPostgres } from '../../apps/start/embedded-postgres.js';
import type { Sandbox } from '../../apps/stripe-sandbox/index.js';
import { build, type Build } from '../e2e/started.js';
import { ApiClient } from '../support/api-client.js';
import { freePorts } from '../support/free-ports.js';
import { Programs } from '../support/programs.js';
import { SandboxControls } from '../support/sandbox-controls.js';
import { startCheckedSandbox } from '../support/stripe-types/checked-sandbox.js';

/** What can be killed, one at a time or all together. */
export const VICTIMS = ['api 1', 'api 2', 'worker 1', 'worker 2', 'database'] as const;
export type Victim = (typeof VICTIMS)[number];
type Member = Exclude<Victim, 'database'>;

const MEMBERS = VICTIMS.filter((victim): victim is Member => victim !== 'database');
/** Real leases and the patience of queues; whoever outlives them is taken over from, dead or slow. */
const LEASES: readonly (readonly [table: string, column: string, condition: string])[] = [
  ['payments', 'lease_until', 'true'],
  ['refunds', 'lease_until', 'true'],
  ['notifications', 'lease_until', 'true'],
  ['order_items', 'asked_until', 'true'],
  ['idempotency_leases', 'until', 'true'],
  ['schedules', 'next_at', 'true'],
  ['pgboss.job', 'started_on', `state = 'active'`],
  ['pgboss.job', 'start_after', `state IN ('created', 'retry')`],
  ['pgboss.queue', 'monitor_on', 'true'],
  ['pgboss.queue', 'monitor_claim_on', 'true'],
];

/** Two APIs and two workers as they run in production, on a PostgreSQL and a sandbox of their own. */
export class Fleet {
  readonly apis: readonly ApiClient[];
  readonly controls: SandboxControls;
  private readonly alive = new Map<Member, ChildProcess>();
  /** Who ended without being killed. */
  readonly lost: string[] = [];

  private constructor(
    private readonly house: Build,
    private readonly dataDir: string,
    private readonly postgres: { port: number; url: string },
    private readonly ports: Readonly<Record<'api 1' | 'api 2', number>>,
    private readonly sandbox: Sandbox,
    readonly programs: Programs,
    private readonly pool: pg.Pool,
  ) {
    this.apis = Object.values(ports).map((port) => new ApiClient(`http://127.0.0.1:${port}`, 'hf_test_demo'));
    this.controls = new SandboxControls(sandbox.url);
    // A connection ends with the server that is killed.
    pool.on('error', () => undefined);
  }

  get api(): ApiClient {
    const [first] = this.apis;
    if (!first) throw new Error('there is no API');
    return first;
  }

  static async start(): Promise<Fleet> {
    const [port = 0, one = 0, other = 0] = await freePorts(3);
    const ports = { 'api 1': one, 'api 2': other };
    // Stripe tells both: whatever it says comes twice, at the same time.
    const webhookEndpoints = Object.values(ports).map((api) => ({
      url: `http://127.0.0.1:${api}/webhooks/stripe`,
      secret: 'whsec_holdfast_sandbox',
    }));
    const house = await build();
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-fleet-'));
    const sandbox = await startCheckedSandbox({ webhookEndpoints });
    const url = `postgres://holdfast@127.0.0.1:${port}/holdfast`;
    const programs = new Programs(house.folder, {
      ...{ DATABASE_URL: url, STRIPE_API_BASE: sandbox.url, RECONCILE_SECONDS: '1', LOG_LEVEL: 'warn' },
      HOLDFAST_SECRETS: `test:${Buffer.alloc(32, 'fleet').toString('base64')}`,
    });
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const fleet = new Fleet(house, dataDir, { port, url }, ports, sandbox, programs, pool);
    try {
      await fleet.revive('database');
      await migrate({ database: { url, embeddedPort: port } });
      await Promise.all(MEMBERS.map((member) => fleet.revive(member)));
      // The document that every answer is held against is read while somebody is there to give it.
      for (const api of fleet.apis) await api.get('/v1/orders');
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** SIGKILL: neither a process nor the database's server is asked whether it has finished. */
  async kill(victim: Victim): Promise<void> {
    if (victim === 'database') {
      const [pid = ''] = readFileSync(join(this.dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await stopFormerPostgres(this.dataDir);
      return;
    }
    const child = this.alive.get(victim);
    if (!child) throw new Error(`${victim} is dead already`);
    this.alive.delete(victim);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async revive(victim: Victim): Promise<void> {
    if (victim === 'database') {
      // What was committed survives the server, not the machine.
      await startEmbeddedPostgres({ dataDir: this.dataDir, port: this.postgres.port, settings: ['fsync=off'] });
      return;
    }
    const child =
      victim === 'api 1' || victim === 'api 2'
        ? await this.programs.start('api', { PORT: String(this.ports[victim]) })
        : await this.programs.start('worker');
    this.alive.set(victim, child);
    child.once('exit', (code, signal) => {
      if (this.alive.get(victim) === child) this.lost.push(`${victim} ended by itself (${code ?? signal})`);
    });
  }

  /**
   * As if a minute passed: what the dead held is free, and what waits for its time is due. For what the living hold at
   * this moment they were too slow, which must make no difference either.
   */
  async letMinutePass(): Promise<void> {
    await this.controls.advance(60);
    for (const [table, column, condition] of LEASES)
      await this.rows(
        `UPDATE ${table} SET ${column} = ${column} - interval '1 minute' WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${column} IS NOT NULL AND ${condition} FOR UPDATE SKIP LOCKED)`,
      );
  }

  async rows<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, parameters)).rows;
  }

  /** Ends whatever is there, and fails when the sandbox ever said anything that Stripe would not. */
  async stop(): Promise<void> {
    this.alive.clear();
    await this.programs.kill();
    await this.pool.end();
    await stopFormerPostgres(this.dataDir);
    rmSync(this.dataDir, { recursive: true, force: true });
    this.house.remove();
    await this.sandbox.close();
  }
}
