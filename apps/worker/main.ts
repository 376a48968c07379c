import 'reflect-metadata';
import { ConfigError, readConfig } from '#platform';
import { createWorker } from './worker.js';

async function main(): Promise<void> {
  // Started by another program: do not outlive it, not even while starting.
  const leave = () => process.exit(0);
  process.on('disconnect', leave);
  const app = await createWorker(readConfig(process.env));
  app.enableShutdownHooks();
  process.off('disconnect', leave).on('disconnect', () => void app.close().then(leave));
  process.send?.('ready');
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
