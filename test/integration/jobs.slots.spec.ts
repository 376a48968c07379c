import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, Database, Jobs, type JobKind } from '#platform';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

const CONCURRENCY = 3;
const JOBS = 40;
const KIND: JobKind<{ n: number }> = {
  name: 'test.slots',
  retryLimit: 0,
  retryDelay: 1,
  retryDelayMax: 1,
  concurrency: CONCURRENCY,
};

describe('the slots of a queue', () => {
  let database: Database;
  let worker: Jobs;
  let drop: () => Promise<void>;
  /** Jobs under way, each with what ends it. */
  let running: Map<number, () => void>;
  let done: number[];
  let most: number;

  beforeEach(async () => {
    const created = await createTestDatabase();
    drop = created.drop;
    const config = { database: { url: created.url, embeddedPort: undefined } };
    const dataSource = await createDataSource(config).initialize();
    database = new Database(dataSource);
    running = new Map();
    done = [];
    most = 0;
    worker = new Jobs(config, 'worker');
    worker.handle(KIND, async ({ n }) => {
      await new Promise<void>((end) => {
        running.set(n, end);
        most = Math.max(most, running.size);
      });
      running.delete(n);
      done.push(n);
    });
    await worker.start();
    drop = async () => {
      await worker.beforeApplicationShutdown();
      await worker.onApplicationShutdown();
      await dataSource.destroy();
      await created.drop();
    };
  });
  afterEach(() => drop());

  const send = (numbers: readonly number[]) =>
    database.transaction(async (tx) => {
      for (const n of numbers) await worker.send(tx, KIND, { n });
    });
  const numbers = Array.from({ length: JOBS }, (_, n) => n);
  const until = (isSo: () => boolean) =>
    eventually(
      () => Promise.resolve({ running: [...running.keys()], done }),
      () => isSo(),
    );

  it('are all used while there is work, and every job is done once', async () => {
    await send(numbers);
    await worker.work();
    await until(() => running.size === CONCURRENCY);
    while (done.length < JOBS) {
      const [end] = running.values();
      if (end === undefined) await until(() => running.size > 0);
      else {
        const before = done.length;
        end();
        await until(() => done.length > before);
      }
    }
    expect(done.toSorted((one, other) => one - other)).toEqual(numbers);
    // A slot that is closed at the moment it fetches a job does that job still.
    expect(most).toBeLessThanOrEqual(CONCURRENCY + 1);
  });

  it('one that is idle is enough to notice work that comes later', async () => {
    await worker.work();
    for (const n of [0, 1, 2]) {
      await send([n]);
      await until(() => running.has(n));
    }
    expect(running.size).toBe(CONCURRENCY);
    running.forEach((end) => end());
    await until(() => done.length === CONCURRENCY);
    await send([3]);
    await until(() => running.has(3));
    running.get(3)?.();
    await until(() => done.includes(3));
  });
});
