import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AccountsModule, PartnerRefused, PartnersService, type PartnerSettings } from '#accounts';
import { ConfigError, PlatformModule, readConfig } from '#platform';
import { openDatabase } from '../rooms.js';

const USAGE = `npm run partners -- create --name NAME [--json]
npm run partners -- list [--json]
npm run partners -- set PARTNER [--return-host HOST]… [--origin ORIGIN]… [--fulfillment-url URL] [--json]

A list that is given replaces the one before.`;

const OPTIONS = {
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    json: { type: 'boolean', default: false },
    'return-host': { type: 'string', multiple: true },
    origin: { type: 'string', multiple: true },
    'fulfillment-url': { type: 'string' },
  },
} as const;

class UsageError extends Error {}

type Command = (partners: PartnersService) => Promise<unknown>;

/** @throws UsageError before anything is opened */
function readCommand(): { command: Command; asJson: boolean } {
  const { values, positionals } = parsed();
  const [name, partnerId] = positionals;
  const asJson = values.json ?? false;
  if (name === 'list') return { command: (partners) => partners.list(), asJson };
  const { name: partnerName } = values;
  if (name === 'create' && partnerName) return { command: (partners) => partners.create(partnerName), asJson };
  if (name === 'set' && partnerId) return { command: (partners) => partners.set(partnerId, settings(values)), asJson };
  throw new UsageError(USAGE);
}

function parsed() {
  try {
    return parseArgs(OPTIONS);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function settings(values: ReturnType<typeof parsed>['values']): PartnerSettings {
  const { origin, 'return-host': returnHosts, 'fulfillment-url': fulfillmentUrl } = values;
  return {
    ...(returnHosts && { returnHosts }),
    ...(origin && { origins: origin }),
    ...(fulfillmentUrl !== undefined && { fulfillmentUrl }),
  };
}

async function main(): Promise<void> {
  const { command, asJson } = readCommand();
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
  try {
    const answer = await command(app.get(PartnersService));
    console.log(asJson ? JSON.stringify(answer) : answer);
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  const expected = [UsageError, PartnerRefused, ConfigError].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
