import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Clock, ConfigError, Database, readConfig } from '#platform';
import { StripeGateway, StripeModule, StripeUnavailable } from '#stripe';
import { DatabaseAway, withModules } from '../modules.js';
import { audit } from './audit.js';

/** `npm run audit`: prints every invariant that does not hold, and exits with 1 when there is one. Changes nothing. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const findings = await withModules(readConfig(process.env), { imports: [StripeModule] }, (app) =>
    audit(app.get(Database), app.get(StripeGateway), app.get(Clock)),
  );
  if (values.json) console.log(JSON.stringify(findings));
  else if (findings.length === 0) console.log('Every invariant holds.');
  else
    for (const { invariant, subject, found } of findings) console.log(`invariant ${invariant}  ${subject}  ${found}`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  const expected = [ConfigError, DatabaseAway, StripeUnavailable].some((kind) => error instanceof kind);
  console.error(expected && error instanceof Error ? error.message : error);
  process.exit(1);
});
