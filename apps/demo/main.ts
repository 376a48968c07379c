import 'reflect-metadata';
import { ConfigError, readConfig, type Config } from '#platform';
import type { Addresses } from './demo.client.js';
import { playDemo } from './demo.js';

/** Names every interface, and is no address to call. */
const EVERY_INTERFACE = ['0.0.0.0', '::'];

function addressesOf(config: Config): Addresses {
  const { apiBase } = config.stripe;
  if (config.mode !== 'sandbox' || apiBase === undefined) {
    throw new ConfigError([`this is ${config.mode} mode; the demo pays with test cards, in sandbox mode only`]);
  }
  const host = EVERY_INTERFACE.includes(config.host) ? '127.0.0.1' : config.host;
  return { api: `http://${host}:${config.port}`, sandbox: apiBase.origin };
}

async function main(): Promise<void> {
  process.exitCode = await playDemo(addressesOf(readConfig(process.env)), (line) => console.log(line));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
