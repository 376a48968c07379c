import 'reflect-metadata';
import { OperatorsService } from '#operators';
import { ConfigError, Jobs, Problem, readConfig } from '#platform';
import { DatabaseAway, inRooms, ROOMS } from '../rooms.js';
import { readCommand, UsageError } from './command.js';

/** `npm run orders`: the operator at a terminal. */
async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  await inRooms(readConfig(process.env), { imports: ROOMS }, async (app) => {
    await app.get(Jobs).start();
    console.log(await command(app.get(OperatorsService)));
  });
}

main().catch((error: unknown) => {
  const expected = [UsageError, ConfigError, DatabaseAway, Problem].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
