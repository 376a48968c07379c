import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, Optional, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database } from './database.js';
import { SchedulesRepository } from './schedules.repository.js';

/** Work that is done again and again, by one process at a time unless it takes longer than its interval. */
interface Schedule {
  readonly name: string;
  readonly everySeconds: number;
  /** @returns how much was found to do */
  readonly run: (asked: Asked) => Promise<number>;
}

/** By the clock, or by a person who wants everything done now. */
export type Asked = 'by-schedule' | 'by-hand';

/** What a look at everything came to. */
export interface Looked {
  readonly found: Readonly<Record<string, number>>;
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

/** Processes look whether something is due this often; longer intervals are kept to within it. */
const TICK_MS = 1000;
/** By hand, everything is done until nothing more is found; what still finds something then would never end. */
const MAXIMUM_ROUNDS = 20;

/**
 * What looks for work by itself, whatever was lost. A row per schedule says when it is due next, by the database's clock,
 * so that any number of workers share it; each run is safe beside another all the same.
 */
@Injectable()
export class Schedules implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Schedules.name);
  private readonly repository: SchedulesRepository;
  private readonly schedules = new Map<string, Schedule>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  /** @param tickMs milliseconds of real time between two checks whether something is due */
  constructor(
    database: Database,
    @Optional() private readonly tickMs = TICK_MS,
  ) {
    this.repository = new SchedulesRepository(database);
  }

  /** Said once per name, at start, in every process; only a worker that called {@link start} does it. */
  every(name: string, everySeconds: number, run: Schedule['run']): void {
    if (this.schedules.has(name)) throw new Error(`the schedule ${name} is said twice`);
    this.schedules.set(name, { name, everySeconds, run });
  }

  start(): void {
    this.running = Promise.all([...this.schedules.values()].map((schedule) => this.repeat(schedule)));
  }

  /**
   * Does everything at once, again and again until nothing more is found. A schedule that fails keeps none of the others
   * from being done.
   * @returns how much each schedule found, and what still fails after all others are done
   */
  async runAll(): Promise<Looked> {
    const found = new Map<string, number>([...this.schedules.keys()].map((name) => [name, 0]));
    for (let round = 1; ; round++) {
      const failures: Looked['failures'][number][] = [];
      let sum = 0;
      for (const { name, run } of this.schedules.values()) {
        try {
          const count = await run('by-hand');
          found.set(name, (found.get(name) ?? 0) + count);
          sum += count;
        } catch (error) {
          failures.push({ name, error });
        }
      }
      if (sum === 0 || round === MAXIMUM_ROUNDS) return { found: Object.fromEntries(found), failures };
    }
  }

  /**
   * One run of one schedule, as its time has come.
   * @returns how much it found
   * @throws whatever the run throws
   */
  async runOnce(name: string): Promise<number> {
    const schedule = this.schedules.get(name);
    if (!schedule) throw new Error(`there is no schedule ${name}`);
    return schedule.run('by-schedule');
  }

  /** Before the database is closed: the runs under way are finished. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async repeat(schedule: Schedule): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (await this.repository.claim(schedule.name, schedule.everySeconds)) await schedule.run('by-schedule');
      } catch (error) {
        // What went wrong may pass; the next run begins where this one ended.
        this.logger.error({ schedule: schedule.name, err: error }, 'a scheduled run failed and will be repeated');
      }
      await sleep(this.tickMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }
}
