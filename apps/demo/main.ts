import 'reflect-metadata';
import { ConfigError, reachable, readConfig, type Config } from '#platform';
import type { Addresses } from './demo.client.js';
import { playDemo } from './demo.js';

function addressesOf(config: Config): Addresses {
  const { apiBase } = config.stripe;
  if (config.mode !== 'sandbox' || apiBase === undefined) {
    throw new ConfigError([`this is ${config.mode} mode; the demo pays with test cards, in sandbox mode only`]);
  }
  return { api: `http://${reachable(config.host)}:${config.port}`, sandbox: apiBase.origin };
}

async function main(): Promise<void> {
  process.exitCode = await playDemo(addressesOf(readConfig(process.env)), (line) => console.log(line));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
