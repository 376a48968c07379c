import 'reflect-metadata';
import { ConfigError, Jobs, readConfig, Schedules } from '#platform';
import { DatabaseAway, withModules, MODULES } from '../modules.js';

/** `npm run reconcile`: looks for everything that no webhook and no caller brought home, now, and prints what it found. */
async function main(): Promise<void> {
  const { found, failures } = await withModules(readConfig(process.env), { imports: MODULES }, async (app) => {
    await app.get(Jobs).start();
    return app.get(Schedules).runAll();
  });
  console.log(`${'looked for'.padEnd(32)}found`);
  for (const [name, count] of Object.entries(found)) console.log(`${name.padEnd(32)}${count}`);
  for (const { name, error } of failures)
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  // What failed is kept and tried again by every worker; whoever asked by hand is to know.
  if (failures.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof DatabaseAway;
  console.error(expected ? error.message : error);
  process.exit(1);
});
