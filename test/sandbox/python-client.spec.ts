import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeUnlessMissing } from '../support/needs.js';
import { openReceiver, openSandbox, type Fixture, type Receiver } from './sandbox.fixture.js';

/** A Python of the user's own rarely has Debian's modules, so the system's is asked too. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import stripe']).status === 0,
);
const CLIENT = join(import.meta.dirname, 'python', 'client.py');
const SECRET = 'whsec_holdfast_sandbox';

const missing =
  python === undefined ? 'Python with Stripe’s library (Debian: apt-get install python3-stripe)' : undefined;

describeUnlessMissing(missing)("Stripe's Python library", () => {
  let f: Fixture;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await openReceiver();
    f = await openSandbox({ webhookEndpoints: [{ url: receiver.url, secret: SECRET }] });
  });
  afterAll(async () => {
    await receiver.close();
    await f.sandbox.close();
  });

  /** Resolves when the case has gone through; otherwise the error shows Python's traceback. */
  async function run(name: string, sandbox: string, input: object = {}): Promise<void> {
    const running = promisify(execFile)(python ?? 'python3', [CLIENT, name, sandbox]);
    running.child.stdin?.end(JSON.stringify(input));
    await running;
  }

  test.each([
    'customer',
    'capture_a_part',
    'cancel',
    'decline',
    'three_d_secure',
    'refund',
    'saved_card',
    'idempotency',
    'errors',
    'checkout',
  ])('%s', (name) => run(name, f.sandbox.url));

  test('paging', async () => {
    const own = await openSandbox();
    try {
      await run('paging', own.sandbox.url);
    } finally {
      await own.sandbox.close();
    }
  });

  test('webhook', async () => {
    const before = receiver.received.length;
    await f.stripe.customers.create({ name: 'Ada' });
    await receiver.until(before + 1);
    const created = receiver.received.slice(before).find(({ event }) => event.type === 'customer.created');
    await run('webhook', f.sandbox.url, { body: created?.body, signature: created?.signature, secret: SECRET });
  });

  test('a case that fails is seen to fail', async () => {
    await expect(run('webhook', f.sandbox.url, { body: '{}', signature: 't=1,v1=00', secret: SECRET })).rejects.toThrow(
      'SignatureVerificationError',
    );
  });
});
