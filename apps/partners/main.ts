import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AccountsModule, PartnersService, type PartnerSettings } from '#accounts';
import { ConfigError, PlatformModule, readConfig } from '#platform';
import { openDatabase } from '../rooms.js';

const USAGE = `npm run partners -- create --name NAME [--json]
npm run partners -- list [--json]
npm run partners -- set PARTNER [--return-host HOST]… [--origin ORIGIN]… [--fulfillment-url URL] [--json]

A list that is given replaces the one before.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    json: { type: 'boolean', default: false },
    'return-host': { type: 'string', multiple: true },
    origin: { type: 'string', multiple: true },
    'fulfillment-url': { type: 'string' },
  },
});

async function run(partners: PartnersService): Promise<unknown> {
  const [command, partnerId] = positionals;
  if (command === 'create' && values.name) return partners.create(values.name);
  if (command === 'list') return partners.list();
  if (command === 'set' && partnerId) return partners.set(partnerId, settings());
  throw new UsageError(USAGE);
}

class UsageError extends Error {}

function settings(): PartnerSettings {
  const { origin, 'return-host': returnHosts, 'fulfillment-url': fulfillmentUrl } = values;
  return {
    ...(returnHosts && { returnHosts }),
    ...(origin && { origins: origin }),
    ...(fulfillmentUrl !== undefined && { fulfillmentUrl }),
  };
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const dataSource = await openDatabase(config).catch((error: unknown) => {
    throw new UsageError('The database cannot be reached: `npm start` runs it, or DATABASE_URL names it.', {
      cause: error,
    });
  });
  const modules = {
    module: class Partners {},
    imports: [PlatformModule.forRoot(config, dataSource, 'sender'), AccountsModule],
  };
  const app = await NestFactory.createApplicationContext(modules, { logger: false });
  const answer = await run(app.get(PartnersService));
  console.log(values.json ? JSON.stringify(answer) : answer);
  await app.close();
}

main().catch((error: unknown) => {
  const expected = error instanceof UsageError || error instanceof ConfigError;
  console.error(expected ? error.message : error);
  process.exit(1);
});
