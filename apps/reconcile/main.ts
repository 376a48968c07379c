import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigError, Jobs, PlatformModule, readConfig, Schedules } from '#platform';
import { openDatabase, ROOMS } from '../rooms.js';

/** `npm run reconcile`: looks for everything that no webhook and no caller brought home, now, and prints what it found. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const modules = {
    module: class Reconcile {},
    imports: [PlatformModule.forRoot(config, await openDatabase(config), 'sender'), ...ROOMS],
  };
  const app = await NestFactory.createApplicationContext(modules, { logger: ['error', 'warn'], abortOnError: false });
  try {
    await app.get(Jobs).start();
    const found = Object.entries(await app.get(Schedules).runAll());
    for (const [name, count] of found) console.log(`${name.padEnd(32)}${count}`);
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
