import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { measureCreations } from '../../apps/stripe-sandbox/bench.js';
import { startSandbox } from '../../apps/stripe-sandbox/index.js';

/**
 * A guard, not a benchmark (that is `npm run sandbox:bench`): measured against a server that only answers, in the same
 * process and under the same load, so that a busy machine slows both. A creation costs two to three bare answers; ten
 * times that must be noticed.
 */
const MOST_BARE_ANSWERS = 12;
const LOAD = { creations: 600, connections: 16 };

/** Answers every request with a body of a PaymentIntent's size. */
async function openBareServer() {
  const body = JSON.stringify({ status: 'requires_payment_method', filler: 'x'.repeat(1_600) });
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test('creating an intent stays within a few times a bare answer, also among thousands', async () => {
  const bare = await openBareServer();
  const sandbox = await startSandbox();
  const creations = () => measureCreations(sandbox.url, 'sk_test_holdfast', LOAD);
  const answers = () => measureCreations(bare.url, 'none', LOAD);
  await creations();
  await answers();
  const costs = [];
  for (let round = 0; round < 4; round += 1) costs.push((await answers()) / (await creations()));
  await sandbox.close();
  await bare.close();
  expect(Math.min(...costs)).toBeLessThan(MOST_BARE_ANSWERS);
});
