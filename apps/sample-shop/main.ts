import { openShop } from './server.js';

/** The shop as a program. Only this file reads the environment. */
async function main(): Promise<void> {
  const { DATA_DIR, HOLDFAST_KEY, HOLDFAST_URL, HOST, SHOP_PORT, SHOP_URL, STRIPE_JS_URL } = process.env;
  const opening = openShop({
    port: portFrom(SHOP_PORT ?? '3001'),
    host: HOST ?? '127.0.0.1',
    holdfastUrl: HOLDFAST_URL ?? 'http://127.0.0.1:3000',
    partnerKey: HOLDFAST_KEY ?? 'hf_test_demo',
    dataDir: DATA_DIR ?? '.data',
    ...(SHOP_URL === undefined ? {} : { shopUrl: SHOP_URL }),
    ...(STRIPE_JS_URL === undefined ? {} : { stripeJsUrl: STRIPE_JS_URL }),
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void opening.then((shop) => shop.close()).then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Started by another program: do not outlive it, also when it dies while the shop is opening.
  if (process.send !== undefined) process.on('disconnect', stop);
  const shop = await opening;
  // Whoever started it as a part of something tells where everything is.
  if (process.send !== undefined) process.send('ready');
  else console.log(`Sample shop: ${shop.url}`);
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`SHOP_PORT must be a port from 0 to 65535, not "${text}".`);
}

await main();
