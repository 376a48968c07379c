import 'reflect-metadata';
import { ConfigError, readConfig } from '#platform';
import { createApi } from './api.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // Started by another program: do not outlive it, not even while starting.
  const leave = () => process.exit(0);
  process.on('disconnect', leave);
  const app = await createApi(config);
  app.enableShutdownHooks();
  await app.listen({ port: config.port, host: config.host });
  process.off('disconnect', leave).on('disconnect', () => void app.close().then(leave));
  process.send?.('ready');
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
