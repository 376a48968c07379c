import type { Job, PgBoss } from 'pg-boss';

/** Queues are polled too: a notification can be lost with its connection, and none tells when a retry is due. */
const POLL_SECONDS = 2;

interface SlotsOptions {
  readonly queue: string;
  /** Jobs that run at once in this worker. */
  readonly concurrency: number;
  /** Of them, jobs of one group. */
  readonly concurrencyPerGroup?: number | undefined;
}

/**
 * The slots of one queue in one worker, each of which does one job at a time. pg-boss wakes every open slot for each job
 * that is written, and polls for each: so only one more is open than is busy, up to the queue's concurrency.
 */
export class JobSlots {
  /** Ids of open slots that have no job. */
  private readonly idle = new Set<string>();
  private busy = 0;
  private isStopping = false;

  /** @param run does a job; what it throws is the job's failure */
  constructor(
    private readonly boss: PgBoss,
    private readonly options: SlotsOptions,
    private readonly run: (job: Job<object>) => Promise<void>,
  ) {}

  async open(): Promise<void> {
    const { queue, concurrencyPerGroup } = this.options;
    const options = {
      pollingIntervalSeconds: POLL_SECONDS,
      notifyPollingIntervalSeconds: POLL_SECONDS,
      batchSize: 1,
      ...(concurrencyPerGroup !== undefined && { groupConcurrency: concurrencyPerGroup }),
    };
    // A slot fetches its first job over the network: its id is known by then.
    const id: string = await this.boss.work(queue, options, async ([job]: Job<object>[]) => {
      if (job) await this.work(id, job);
    });
    this.idle.add(id);
  }

  /** Resolves when the jobs under way have ended; no further one begins. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.boss.offWork(this.options.queue, { wait: true });
  }

  private async work(id: string, job: Job<object>): Promise<void> {
    const wasOpen = this.idle.delete(id);
    this.busy++;
    try {
      if (this.idle.size === 0 && this.busy < this.options.concurrency && !this.isStopping) await this.open();
      await this.run(job);
    } finally {
      this.busy--;
      if (wasOpen) await this.becomeIdle(id);
    }
  }

  /** Fetches the next job at once, which a poll or a notification would delay; a second idle slot is closed. */
  private async becomeIdle(id: string): Promise<void> {
    const [other] = this.idle;
    this.idle.add(id);
    this.boss.notifyWorker(id);
    if (other === undefined || this.isStopping) return;
    this.idle.delete(other);
    await this.boss.offWork(this.options.queue, { id: other, wait: false });
  }
}
