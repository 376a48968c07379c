import { parseArgs } from 'node:util';
import { ConfigError, createDataSource, Database, type Config } from '#platform';
import { StripeGateway, StripeUnavailable } from '#stripe';
import { registerWebhook, RegistrationFailed } from './register-webhook.js';

const USAGE = `npm run stripe -- register-webhook --url URL [--json]

Registers Holdfast's webhook, https://YOUR-HOST/webhooks/stripe, at Stripe, for exactly the events that are handled.`;

class UsageError extends Error {}

const EXPECTED = [UsageError, ConfigError, RegistrationFailed, StripeUnavailable];

/** Where the command speaks. */
interface Terminal {
  log(text: string): void;
  error(text: string): void;
}

/**
 * @param configuration is read once the arguments are known to make sense
 * @returns the exit code
 */
export async function runCommand(args: string[], configuration: () => Config, terminal: Terminal): Promise<0 | 1> {
  try {
    await register(readArguments(args), configuration(), terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || !EXPECTED.some((kind) => error instanceof kind)) throw error;
    terminal.error(error.message);
    return 1;
  }
}

function readArguments(args: string[]): { url: string; json: boolean } {
  const options = { url: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.join(' ') === 'register-webhook' && values.url) return { url: values.url, json: values.json };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  throw new UsageError(USAGE);
}

async function register({ url, json }: { url: string; json: boolean }, config: Config, terminal: Terminal) {
  const { id, secret, note } = await registerWebhook(gatewayOf(config), config.mode, url);
  if (note !== undefined) terminal.error(note);
  if (json) return terminal.log(JSON.stringify({ id, secret }));
  terminal.log(`id      ${id}`);
  terminal.log(`secret  ${secret}`);
  terminal.log('Stripe shows the secret this once: add it to STRIPE_WEBHOOK_SECRET (comma-separated) and restart.');
}

/** The gateway asks its database only whether a transaction is open: none is connected here. */
function gatewayOf(config: Config): StripeGateway {
  return new StripeGateway(config, new Database(createDataSource(config)));
}
