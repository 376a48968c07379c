import { join } from 'node:path';
import { startSandbox, WEBHOOK_SECRET } from './index.js';

/** The sandbox as a program. Only this file reads the environment. */
async function main(): Promise<void> {
  const { DATA_DIR, HOST, SANDBOX_PORT, WEBHOOK_URL } = process.env;
  const urls = (WEBHOOK_URL ?? 'http://127.0.0.1:3000/webhooks/stripe').split(',').filter((url) => url !== '');
  const sandbox = await startSandbox({
    port: portFrom(SANDBOX_PORT ?? '12111'),
    host: HOST ?? '127.0.0.1',
    ...(DATA_DIR === undefined || DATA_DIR === '' ? {} : { dataDir: join(DATA_DIR, 'stripe-sandbox') }),
    webhookEndpoints: urls.map((url) => ({ url: url.trim(), secret: WEBHOOK_SECRET })),
  });
  // Whoever started it as a part of something tells where everything is.
  if (process.send !== undefined) process.send('ready');
  else console.log(`Stripe sandbox: ${sandbox.url} (webhooks to ${urls.join(', ') || 'nowhere'})`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void sandbox.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Started by another program: do not outlive it.
  if (process.send !== undefined) process.on('disconnect', stop);
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`SANDBOX_PORT must be a port from 0 to 65535, not "${text}".`);
}

await main();
