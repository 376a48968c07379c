import { HttpModule } from '#http';
import { FulfillmentSecrets, PartnerKeys, PartnerRefused, PartnersModule, PartnersService } from '#partners';
import { ConfigError, type Config } from '#platform';
import { SandboxClock } from '#stripe';
import { DatabaseAway, withModules } from '../modules.js';
import { asText } from './answer.js';
import { readCommand, UsageError } from './command.js';

/** What a person at the terminal can put right: the message is enough. */
const EXPECTED = [UsageError, PartnerRefused, ConfigError, DatabaseAway];

/**
 * @param configuration is read once the arguments are known to make sense
 * @returns the exit code
 */
export async function runPartners(
  argv: string[],
  configuration: () => Config,
  terminal: Pick<Console, 'log' | 'error'>,
): Promise<0 | 1> {
  try {
    const command = readCommand(argv);
    // When an overlap ends is business time.
    const modules = { imports: [HttpModule, PartnersModule], providers: [SandboxClock] };
    await withModules(configuration(), modules, async (app) => {
      const answer = await command.run({
        partners: app.get(PartnersService),
        keys: app.get(PartnerKeys),
        fulfillmentSecrets: app.get(FulfillmentSecrets),
      });
      terminal.log(command.asJson ? JSON.stringify(answer) : asText(answer));
    });
    return 0;
  } catch (error) {
    const isExpected = error instanceof Error && EXPECTED.some((kind) => error instanceof kind);
    terminal.error(isExpected ? error.message : error);
    return 1;
  }
}
