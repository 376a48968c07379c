import 'reflect-metadata';
import { ConfigError, Metrics, readConfig } from '#platform';
import { serveMetrics } from './worker.metrics.js';
import { createWorker } from './worker.js';

async function main(): Promise<void> {
  // Started by another program: do not outlive it, not even while starting.
  const leave = () => process.exit(0);
  process.on('disconnect', leave);
  const config = readConfig(process.env);
  const app = await createWorker(config);
  // Ends with the process: whoever reads it comes again.
  if (config.workerPort !== undefined) (await serveMetrics(config, app.get(Metrics), config.workerPort)).unref();
  app.enableShutdownHooks();
  process.off('disconnect', leave).on('disconnect', () => void app.close().then(leave));
  process.send?.('ready');
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
