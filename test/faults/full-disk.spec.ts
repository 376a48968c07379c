import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { build, type Build } from '../e2e/started.js';
import { freePorts } from '../support/free-ports.js';
import { Programs } from '../support/programs.js';

let house: Build;
let dataDir: string;
let programs: Programs;
let stripe: Stripe;
beforeAll(async () => {
  house = await build();
});
afterAll(() => house.remove());
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'holdfast-full-'));
  const [port = 0] = await freePorts(1);
  programs = new Programs(house.folder, { DATA_DIR: dataDir, SANDBOX_PORT: String(port), WEBHOOK_URL: '' });
  stripe = new Stripe('sk_test_holdfast', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
});
afterEach(async () => {
  await programs.kill();
  rmSync(dataDir, { recursive: true });
});

const journal = () => join(dataDir, 'stripe-sandbox', 'journal.jsonl');

/** No file of the process may grow beyond this: like a full disk, it takes what fits of a write and then refuses. */
function limitFiles(program: ChildProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(program.pid), `--fsize=${bytes}:`]);
}

const reserve = (idempotencyKey: string) =>
  stripe.paymentIntents.create(
    {
      amount: 5000,
      currency: 'eur',
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example',
    },
    { idempotencyKey },
  );

test('a sandbox without room for an answer does not give it, and keeps every one that it gave', async () => {
  const sandbox = await programs.start('stripe-sandbox');
  const given = [(await reserve('first')).id];
  const each = statSync(journal()).size;
  // Room for three more, and for half of the one after them.
  limitFiles(sandbox, Math.round(each * 4.5));
  const refused: string[] = [];
  for (let n = 1; n <= 8; n++) {
    const key = `reserve-${n}`;
    await reserve(key).then(
      ({ id }) => given.push(id),
      () => refused.push(key),
    );
  }
  expect(Math.min(given.length, refused.length)).toBeGreaterThan(1);
  // What it could not keep it does not show either.
  await expect(stripe.paymentIntents.list()).rejects.toThrow('file too large');

  limitFiles(sandbox, 'unlimited');
  for (const key of refused) given.push((await reserve(key)).id);
  const before = (await stripe.paymentIntents.list({ limit: 100 })).data.map(({ id }) => id);
  expect(before).toHaveLength(given.length);
  sandbox.kill('SIGKILL');
  await once(sandbox, 'exit');

  await programs.start('stripe-sandbox');
  const after = (await stripe.paymentIntents.list({ limit: 100 })).data.map(({ id }) => id);
  expect(after).toEqual(before);
  expect([...after].sort()).toEqual([...given].sort());
  for (const line of readFileSync(journal(), 'utf8').trimEnd().split('\n')) JSON.parse(line);
});
