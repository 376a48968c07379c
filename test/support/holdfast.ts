import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import type Stripe from 'stripe';
import { PartnersService } from '#partners';
import { Clock, readConfig, Schedules, type Config } from '#platform';
import { SandboxClock } from '#stripe';
import { createApi } from '../../apps/api/api.js';
import type { Sandbox } from '../../apps/stripe-sandbox/index.js';
import { createWorker } from '../../apps/worker/worker.js';
import { ApiClient } from './api-client.js';
import { eventually } from './eventually.js';
import { patience } from './patience.js';
import { freePort } from './free-ports.js';
import { ImpatientStripe } from './impatient-stripe.js';
import { createTestDatabase } from './database.js';
import { SandboxControls } from './sandbox-controls.js';
import { startCheckedSandbox } from './stripe-types/checked-sandbox.js';

interface StartOptions {
  readonly worker?: boolean;
  readonly schedules?: boolean;
  readonly environment?: Record<string, string>;
}

/** What a test file's time went to (test/support/jest/times.cjs). */
interface FileTimes {
  measure<T>(part: 'start', work: () => Promise<T>): Promise<T>;
}

/** The whole service on a database and a sandbox of its own, in this process, over real sockets. */
export class Holdfast {
  readonly api: ApiClient;
  readonly controls: SandboxControls;
  /** The real client, talking to the sandbox: for looking at Stripe's side from outside. */
  readonly stripe: Stripe;

  private readonly furtherApis: NestFastifyApplication[] = [];

  private constructor(
    readonly config: Config,
    readonly database: pg.Pool,
    readonly sandbox: Sandbox,
    readonly app: NestFastifyApplication,
    private worker: INestApplicationContext | undefined,
    private readonly dropDatabase: () => Promise<void>,
    private readonly schedules: boolean,
  ) {
    this.api = new ApiClient(`http://127.0.0.1:${config.port}`, 'hf_test_demo');
    this.controls = new SandboxControls(sandbox.url);
    // The server may end a connection that is being closed before it hears so: that one has nothing to lose.
    database.on('error', () => undefined);
    this.stripe = new ImpatientStripe(config.stripe.secretKey, {
      host: '127.0.0.1',
      port: sandbox.port,
      protocol: 'http',
      maxNetworkRetries: 0,
    });
  }

  /**
   * @param options worker false: jobs are written and nobody does them until {@link startWorker}; schedules true: the worker
   * looks for work by itself, as in production
   */
  static start(options: StartOptions = {}): Promise<Holdfast> {
    return measured(() => Holdfast.startAll(options));
  }

  private static async startAll(options: StartOptions): Promise<Holdfast> {
    const { url, drop } = await createTestDatabase();
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}/webhooks/stripe`, secret: 'whsec_holdfast_sandbox' };
    const { STRIPE_SECRET_KEY: secretKey } = options.environment ?? {};
    const sandbox = await startCheckedSandbox({ webhookEndpoints: [webhook], ...(secretKey && { secretKey }) });
    const config = readConfig({
      DATABASE_URL: url,
      PORT: String(port),
      STRIPE_API_BASE: sandbox.url,
      STRIPE_RETRY_DELAY_MS: '5',
      CALL_TIMEOUT_SECONDS: String(Math.min(14, patience(10))),
      HOLDFAST_SECRETS: `test:${randomBytes(32).toString('base64')}`,
      LOG_LEVEL: 'silent',
      ...options.environment,
    });
    const app = await createApi(config);
    await app.listen(port, '127.0.0.1');
    const holdfast = new Holdfast(
      config,
      new pg.Pool({ connectionString: url, max: 4 }),
      sandbox,
      app,
      undefined,
      drop,
      options.schedules ?? false,
    );
    if (options.worker ?? true) await holdfast.startWorker();
    return holdfast;
  }

  /** A further process of the API on the same database, which may be configured otherwise. */
  async startApi(changes: Partial<Config> = {}): Promise<ApiClient> {
    const app = await createApi({ ...this.config, ...changes });
    this.furtherApis.push(app);
    await app.listen(0, '127.0.0.1');
    return new ApiClient(await app.getUrl(), 'hf_test_demo');
  }

  /** Ends the API that was started last, in order. */
  async stopApi(): Promise<void> {
    await this.furtherApis.pop()?.close();
  }

  /** A second partner, for what must not be seen. */
  createPartner(name = 'Another partner'): Promise<{ partnerId: string; key: string }> {
    return this.app.get(PartnersService, { strict: false }).create(name);
  }

  async startWorker(): Promise<void> {
    this.worker ??= await createWorker(this.config, { schedules: this.schedules });
  }

  /** Another worker beside the first, which the caller closes. */
  secondWorker(): Promise<INestApplicationContext> {
    return createWorker(this.config, { schedules: this.schedules });
  }

  /** Every program that runs at present, for a test that watches what they do. */
  get programs(): INestApplicationContext[] {
    return [this.app, ...(this.worker ? [this.worker] : [])];
  }

  async stopWorker(): Promise<void> {
    await this.worker?.close();
    this.worker = undefined;
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    for (const app of [...this.furtherApis, this.app]) await app.close();
    await this.database.end();
    await this.dropDatabase();
    // Last: it fails when the sandbox answered anything that Stripe would not.
    await this.sandbox.close();
  }

  /**
   * Looks for whatever nobody brought home, as `npm run reconcile` does; schedules do not run by themselves in tests.
   * @throws AggregateError of what could not be looked at, after everything else was
   */
  async reconcile(): Promise<Readonly<Record<string, number>>> {
    const { found, failures } = await this.app.get(Schedules, { strict: false }).runAll();
    if (failures.length > 0)
      throw new AggregateError(
        failures.map(({ error }) => error),
        `not everything was looked at: ${failures.map(({ name, error }) => `${name}: ${String(error)}`).join('; ')}`,
      );
    return found;
  }

  /** One run of one schedule, as the worker does it when its time has come, if there is one. @returns how much it found */
  look(schedule: string): Promise<number> {
    return (this.worker ?? this.app).get(Schedules, { strict: false }).runOnce(schedule);
  }

  /** Moves the clock on, and waits until every process of ours has heard of it. */
  async passTime(seconds: number): Promise<void> {
    await this.controls.advance(seconds);
    const { now } = (await (await fetch(`${this.sandbox.url}/_sandbox/clock`)).json()) as { now: string };
    const clocks = this.programs.map((app) => app.get(Clock, { strict: false }));
    await Promise.all(this.programs.map((app) => app.get(SandboxClock, { strict: false }).follow()));
    await eventually(
      () => Promise.resolve(clocks.map((clock) => clock.now().getTime())),
      (times) => times.every((time) => time >= Date.parse(now)),
    );
  }

  /** Waits until every event so far was delivered and answered with success. */
  async settled(): Promise<void> {
    await eventually(
      () => this.stripe.events.list({ limit: 100 }),
      ({ data }) => data.every(({ pending_webhooks }) => pending_webhooks === 0),
    );
  }

  async rows<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.database.query<Row>(sql, parameters)).rows;
  }
}

/** Counts what the work takes to the starts of the test file that runs at present. */
function measured<T>(work: () => Promise<T>): Promise<T> {
  const times = (globalThis as { [name: symbol]: FileTimes | undefined })[Symbol.for('holdfast.fileTimes')];
  return times ? times.measure('start', work) : work();
}
