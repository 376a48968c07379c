import 'reflect-metadata';
import { OperatorsService } from '#operators';
import { ConfigError, Jobs, readConfig } from '#platform';
import { Problem } from '#http';
import { DatabaseAway, withModules, MODULES } from '../modules.js';
import { readCommand, UsageError } from './command.js';

/** `npm run orders`: the operator at a terminal. */
async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  await withModules(readConfig(process.env), { imports: MODULES }, async (app) => {
    await app.get(Jobs).start();
    console.log(await command(app.get(OperatorsService)));
  });
}

main().catch((error: unknown) => {
  const expected = [UsageError, ConfigError, DatabaseAway, Problem].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
