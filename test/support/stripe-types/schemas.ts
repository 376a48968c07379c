import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Schemas } from './schema.js';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Everything that the sandbox's API and its webhooks can answer with, errors too. */
const WANTED = [
  'Account',
  'ApiList<unknown>',
  'Charge',
  'Checkout.Session',
  'Customer',
  'DeletedCustomer',
  'DeletedWebhookEndpoint',
  'Dispute',
  'Event',
  'LineItem',
  'PaymentIntent',
  'PaymentMethod',
  'Refund',
  'SetupIntent',
  'StripeRawError',
  'WebhookEndpoint',
];

/**
 * The schemas of the pinned `stripe` package. Making them takes the compiler seconds, reading them milliseconds, so they
 * are kept in the machine's temporary folder under a name that changes with the package and with what makes them.
 */
export async function stripeSchemas(): Promise<Schemas> {
  const cache = join(tmpdir(), `holdfast-stripe-types-${fingerprint()}.json`);
  if (!existsSync(cache)) {
    const { generateSchemas } = await import('./generate.js');
    const draft = `${cache}.${randomUUID()}`;
    writeFileSync(draft, JSON.stringify(generateSchemas(WANTED, ROOT)));
    // Two workers may come here at once: each puts a whole file in place.
    renameSync(draft, cache);
  }
  return JSON.parse(readFileSync(cache, 'utf8')) as Schemas;
}

function fingerprint(): string {
  const makers = ['node_modules/stripe/package.json', 'node_modules/typescript/package.json'].map((path) =>
    join(ROOT, path),
  );
  const own = ['schemas.ts', 'generate.ts'].map((name) => join(import.meta.dirname, name));
  const hash = createHash('sha256');
  for (const path of [...makers, ...own]) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}
