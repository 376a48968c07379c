import 'reflect-metadata';
import { ConfigError, readConfig } from '#platform';
import { createWorker } from './worker.js';

async function main(): Promise<void> {
  const app = await createWorker(readConfig(process.env));
  app.enableShutdownHooks();
  // Started by another program: tell it, and do not outlive it.
  process.send?.('ready');
  process.on('disconnect', () => void app.close().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
