import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { Jobs, Schedules, type Config } from '#platform';
import { WorkerModule } from './worker.module.js';

/**
 * A worker that does jobs until it is closed; tests start it as the program does.
 * @param options schedules false: nothing is looked for by itself, so that a test can look when it is time
 */
export async function createWorker(config: Config, options = { schedules: true }): Promise<INestApplicationContext> {
  const module = WorkerModule.forRoot(config);
  const app = await NestFactory.createApplicationContext(module, {
    bufferLogs: true,
    // When it does not start, the program prints why, once.
    autoFlushLogs: false,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.flushLogs();
  const jobs = app.get(Jobs);
  await jobs.start();
  await jobs.work();
  if (options.schedules) app.get(Schedules).start();
  return app;
}
