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
    const { found, failures } = await app.get(Schedules).runAll();
    console.log(`${'looked for'.padEnd(32)}found`);
    for (const [name, count] of Object.entries(found)) console.log(`${name.padEnd(32)}${count}`);
    for (const { name, error } of failures)
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    // What failed is kept and tried again by every worker; whoever asked by hand is to know.
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
