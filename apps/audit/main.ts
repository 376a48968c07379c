import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { Clock, ConfigError, Database, PlatformModule, readConfig } from '#platform';
import { StripeGateway, StripeModule } from '#stripe';
import { openDatabase } from '../rooms.js';
import { audit } from './audit.js';

/** `npm run audit`: prints every invariant that does not hold, and exits with 1 when there is one. Changes nothing. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const config = readConfig(process.env);
  const modules = {
    module: class Audit {},
    imports: [PlatformModule.forRoot(config, await openDatabase(config), 'sender'), StripeModule],
  };
  const app = await NestFactory.createApplicationContext(modules, { logger: ['error', 'warn'], abortOnError: false });
  try {
    const findings = await audit(app.get(Database), app.get(StripeGateway), app.get(Clock));
    if (values.json) console.log(JSON.stringify(findings));
    else if (findings.length === 0) console.log('Every invariant holds.');
    else
      for (const { invariant, subject, found } of findings) console.log(`invariant ${invariant}  ${subject}  ${found}`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await app.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
