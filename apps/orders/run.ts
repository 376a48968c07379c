import { OperatorsService } from '#operators';
import { Problem } from '#http';
import { ConfigError, Jobs, readConfig } from '#platform';
import { DatabaseAway, MODULES, withModules } from '../modules.js';
import { readCommand, UsageError } from './command.js';

/** What a person at the terminal can put right: the message is enough. */
const EXPECTED = [UsageError, ConfigError, DatabaseAway, Problem];

/**
 * `npm run orders`: the operator at a terminal.
 * @returns the exit code
 */
export async function runOrders(
  argv: readonly string[],
  environment: Parameters<typeof readConfig>[0],
  terminal: Pick<Console, 'log' | 'error'>,
): Promise<0 | 1> {
  try {
    const command = readCommand(argv);
    await withModules(readConfig(environment), { imports: MODULES }, async (app) => {
      await app.get(Jobs).start();
      terminal.log(await command(app.get(OperatorsService)));
    });
    return 0;
  } catch (error) {
    const isExpected = error instanceof Error && EXPECTED.some((kind) => error instanceof kind);
    terminal.error(isExpected ? error.message : error);
    return 1;
  }
}
