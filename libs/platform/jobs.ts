import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { PgBoss, type Job as BossJob } from 'pg-boss';
import type { Config } from './config.js';
import type { Tx } from './database.js';
import { databaseOf, DEAD_LETTERS, JobsRepository, type DeadJob } from './jobs.repository.js';
import { JobSlots } from './jobs.slots.js';
import type { Counted } from './metrics.js';

/** A kind of job: a stable name, and how often and how patiently it is tried. */
export interface JobKind<Data extends object> {
  readonly name: string;
  /** Retries after the first try; then the job is in the dead-letter queue, for people. */
  readonly retryLimit: number;
  /** Seconds before the first retry; each later one waits about twice as long, at most {@link retryDelayMax}. */
  readonly retryDelay: number;
  readonly retryDelayMax: number;
  /** How many of this kind run at once in one worker. */
  readonly concurrency: number;
  /**
   * Jobs of one group that run at once, so that a slow one does not hold up all others: never more in one worker. Workers
   * count each other's in the database, where those that begin at the same moment are not seen.
   */
  readonly concurrencyPerGroup?: number;
  groupOf?(data: Data): string | undefined;
  /** Never set: it carries the type of the data. */
  readonly data?: Data;
}

/** A try that takes longer belongs to a dead worker: it is tried again. Two calls to Stripe with their repetitions take less (CALL_TIMEOUT_SECONDS). */
const EXPIRE_SECONDS = 60;
/** What is not done then when a worker is told to stop is left to the others; supervisors kill after half a minute. */
const STOP_MS = 25_000;
const KEEP_FAILED_SECONDS = 90 * 24 * 3600;

type Handler = (data: never) => Promise<void>;

/**
 * Thrown by a job that cannot be done yet: somebody else is at it, or who is asked cannot answer. It comes again; no code
 * is at fault, so the log has a line without a stack.
 */
export class NotYet extends Error {}

/** More than a person reads at once. */
const DEAD_SHOWN = 200;

/**
 * Work that calls the outside, written in the transaction that made it necessary and done by a worker, at least once.
 * Every process can send; only one that called {@link work} does jobs.
 */
@Injectable()
export class Jobs implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(Jobs.name);
  private readonly handlers = new Map<string, { kind: JobKind<object>; handler: Handler }>();
  /** Jobs of each group that this worker is at. */
  private readonly running = new Map<string, number>();
  private readonly slots: JobSlots[] = [];
  private readonly boss: PgBoss;
  private readonly repository: JobsRepository;

  /** @param role only a worker looks after the queues: retries, dead workers, old jobs */
  constructor(config: Pick<Config, 'database'>, role: 'sender' | 'worker') {
    this.boss = new PgBoss({
      connectionString: config.database.url,
      application_name: `holdfast-jobs-${role}`,
      max: 4,
      migrate: false,
      schedule: false,
      supervise: role === 'worker',
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      registerInstance: false,
      useListenNotify: role === 'worker',
    });
    this.repository = new JobsRepository(this.boss);
    this.boss.on('error', (error) => this.logger.error(error));
  }

  /** Said once per kind, at start, in every process: a job that is sent and that nobody does is a defect. */
  handle<Data extends object>(kind: JobKind<Data>, handler: (data: Data) => Promise<void>): void {
    if (this.handlers.has(kind.name)) throw new Error(`the job ${kind.name} has two handlers`);
    this.handlers.set(kind.name, { kind, handler });
  }

  async start(): Promise<void> {
    await this.boss.start();
    await this.createQueues();
  }

  /** Writes the job in the caller's transaction: it exists exactly when the change that needs it does. */
  async send<Data extends object>(tx: Tx, kind: JobKind<Data>, data: Data, startAfterSeconds = 0): Promise<void> {
    if (!this.handlers.has(kind.name)) throw new Error(`nobody handles the job ${kind.name}`);
    const db = databaseOf(tx);
    const group = kind.groupOf?.(data);
    const grouped = group === undefined ? {} : { group: { id: group } };
    await this.boss.send(kind.name, data, { db, startAfter: startAfterSeconds, ...grouped });
  }

  /**
   * Which of some jobs nobody is going to do: none with the same data is waiting or being done.
   * @returns them, each with the error of one that was given up before, if there was one
   */
  async missing<Data extends object>(
    tx: Tx,
    kind: JobKind<Data>,
    jobs: readonly Data[],
  ): Promise<{ data: Data; givenUp: unknown }[]> {
    if (jobs.length === 0) return [];
    return this.repository.missing(tx, kind.name, jobs);
  }

  /** Starts doing jobs; the worker's call. */
  async work(): Promise<void> {
    for (const { kind, handler } of this.handlers.values()) {
      const { name: queue, concurrency, concurrencyPerGroup } = kind;
      const run = (job: BossJob<object>) => this.attempt(kind, handler, job);
      const slots = new JobSlots(this.boss, { queue, concurrency, concurrencyPerGroup }, run);
      this.slots.push(slots);
      await slots.open();
    }
  }

  /**
   * What lies in the dead-letter queue, the oldest first.
   * @param about only jobs whose data holds one of these ids; all of them when it is left out
   */
  async dead(about?: readonly string[]): Promise<DeadJob[]> {
    const rows = await this.repository.dead(about, DEAD_SHOWN);
    return rows.map(({ output, ...job }) => ({ ...job, error: messageOf(output) }));
  }

  /** How many of each kind lie there. */
  async countDead(): Promise<Counted[]> {
    return this.repository.countDead();
  }

  async isDead(id: string): Promise<boolean> {
    return this.repository.isDead(id);
  }

  /**
   * Puts a dead job back into its queue, to be tried from the beginning.
   * @returns false when it is not there
   */
  async replay(id: string): Promise<boolean> {
    return (await this.boss.redrive(DEAD_LETTERS, { ids: [id] })) === 1;
  }

  /** Before the database is closed: the jobs under way are finished, and what they hold is let go. */
  async beforeApplicationShutdown(): Promise<void> {
    const finished = Promise.all(this.slots.map((slots) => slots.stop()));
    await Promise.race([finished, sleep(STOP_MS, undefined, { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.boss.stop({ graceful: false });
  }

  private async attempt(kind: JobKind<object>, handler: Handler, job: BossJob): Promise<void> {
    try {
      await this.inGroup(kind, job.data, () => handler(job.data as never));
    } catch (error) {
      const about = { job: kind.name, jobId: job.id, data: job.data };
      if (error instanceof NotYet) this.logger.log({ ...about, reason: error.message }, 'a job comes again');
      else this.logger.warn({ ...about, err: error }, 'a job failed and will be tried again');
      throw error;
    }
  }

  private async inGroup(kind: JobKind<object>, data: object, work: () => Promise<void>): Promise<void> {
    const group = kind.groupOf?.(data);
    if (group === undefined || kind.concurrencyPerGroup === undefined) return work();
    const name = `${kind.name} ${group}`;
    const running = this.running.get(name) ?? 0;
    if (running >= kind.concurrencyPerGroup) throw new NotYet(`${group} has as many hands as it may`);
    this.running.set(name, running + 1);
    try {
      await work();
    } finally {
      const left = (this.running.get(name) ?? 1) - 1;
      if (left > 0) this.running.set(name, left);
      else this.running.delete(name);
    }
  }

  /** Most starts find every queue as it should be: that costs one statement. */
  private async createQueues(): Promise<void> {
    const known = new Map((await this.boss.getQueues()).map((queue) => [queue.name, queue]));
    if (!known.has(DEAD_LETTERS)) await this.boss.createQueue(DEAD_LETTERS, { retentionSeconds: KEEP_FAILED_SECONDS });
    for (const { kind } of this.handlers.values()) {
      const options = {
        retryLimit: kind.retryLimit,
        retryDelay: kind.retryDelay,
        retryDelayMax: kind.retryDelayMax,
        retryBackoff: true,
        expireInSeconds: EXPIRE_SECONDS,
        retentionSeconds: KEEP_FAILED_SECONDS,
        deadLetter: DEAD_LETTERS,
        notify: true,
      };
      const queue = known.get(kind.name);
      if (queue === undefined) await this.boss.createQueue(kind.name, options);
      // Another process may have created it since, from other code.
      if (queue === undefined || !hasOptions(queue, options)) await this.boss.updateQueue(kind.name, options);
    }
  }
}

function hasOptions(queue: object, options: object): boolean {
  const current = queue as Record<string, unknown>;
  return Object.entries(options).every(([name, value]) => current[name] === value);
}

/** What a failed job threw, as pg-boss keeps it. */
function messageOf(output: object | null): string {
  if (output === null || !('message' in output)) return '';
  return typeof output.message === 'string' ? output.message : '';
}
