import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AccountsModule, FulfillmentSecrets, PartnerKeys, PartnerRefused, PartnersService } from '#accounts';
import { ConfigError, PlatformModule, readConfig } from '#platform';
import { SandboxClock } from '#stripe';
import { openDatabase } from '../rooms.js';
import { asText } from './answer.js';
import { readCommand, UsageError } from './command.js';

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  const config = readConfig(process.env);
  const dataSource = await openDatabase(config).catch((error: unknown) => {
    throw new UsageError('The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.', {
      cause: error,
    });
  });
  const modules = {
    module: class Partners {},
    imports: [PlatformModule.forRoot(config, dataSource, 'sender'), AccountsModule],
    // When an overlap ends is business time.
    providers: [SandboxClock],
  };
  const app = await NestFactory.createApplicationContext(modules, { logger: false });
  try {
    const rooms = {
      ...{ partners: app.get(PartnersService), keys: app.get(PartnerKeys) },
      fulfillmentSecrets: app.get(FulfillmentSecrets),
    };
    const answer = await command.run(rooms);
    console.log(command.asJson ? JSON.stringify(answer) : asText(answer));
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  const expected = [UsageError, PartnerRefused, ConfigError].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
