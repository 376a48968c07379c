import 'reflect-metadata';
import { ConfigError, readConfig } from '#platform';
import { createApi } from './api.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const app = await createApi(config);
  app.enableShutdownHooks();
  await app.listen({ port: config.port, host: config.host });
  // Started by another program: tell it, and do not outlive it.
  process.send?.('ready');
  process.on('disconnect', () => void app.close().then(() => process.exit(0)));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
