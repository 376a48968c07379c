import 'reflect-metadata';
import { HttpModule } from '#http';
import { FulfillmentSecrets, PartnerKeys, PartnerRefused, PartnersModule, PartnersService } from '#partners';
import { ConfigError, readConfig } from '#platform';
import { SandboxClock } from '#stripe';
import { DatabaseAway, withModules } from '../modules.js';
import { asText } from './answer.js';
import { readCommand, UsageError } from './command.js';

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  // When an overlap ends is business time.
  const modules = { imports: [HttpModule, PartnersModule], providers: [SandboxClock] };
  await withModules(readConfig(process.env), modules, async (app) => {
    const answer = await command.run({
      ...{ partners: app.get(PartnersService), keys: app.get(PartnerKeys) },
      fulfillmentSecrets: app.get(FulfillmentSecrets),
    });
    console.log(command.asJson ? JSON.stringify(answer) : asText(answer));
  });
}

main().catch((error: unknown) => {
  const expected = [UsageError, PartnerRefused, ConfigError, DatabaseAway].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
