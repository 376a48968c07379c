import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startSandbox } from '../../apps/stripe-sandbox/index.js';
import { Journal, type Change } from '../../apps/stripe-sandbox/state/journal.js';
import { patience } from '../support/patience.js';
import { openReceiver, openSandbox, type Fixture } from './sandbox.fixture.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stripe-sandbox-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const reserve = (f: Fixture) =>
  f.stripe.paymentIntents.create(
    {
      amount: 5000,
      currency: 'eur',
      capture_method: 'manual',
      confirm: true,
      payment_method: 'pm_card_visa',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    },
    { idempotencyKey: 'reserve' },
  );

test('a restart forgets nothing: objects, keys, clock and account', async () => {
  const before = await openSandbox({ dataDir });
  const intent = await reserve(before);
  const account = (await before.stripe.accounts.retrieveCurrent()).id;
  await before.control('POST', 'clock', { advanceSeconds: 3600 });
  await before.sandbox.close();
  const after = await openSandbox({ dataDir });
  expect((await after.stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture');
  expect((await reserve(after)).id).toBe(intent.id);
  expect((await after.stripe.accounts.retrieveCurrent()).id).toBe(account);
  expect(await after.control('GET', 'clock')).toMatchObject({ advancedSeconds: 3600 });
  await after.control('POST', 'clock', { advanceSeconds: 7 * 86_400 });
  expect((await after.stripe.paymentIntents.retrieve(intent.id)).status).toBe('canceled');
  await after.sandbox.close();
});

test('what was written is there without a clean end, and a torn last line loses only itself', async () => {
  const killed = await openSandbox({ dataDir });
  const intent = await reserve(killed);
  // Read while the first is still open: nothing was flushed by a clean end.
  const left = join(dataDir, 'left');
  mkdirSync(left);
  const journal = readFileSync(join(dataDir, 'journal.jsonl'), 'utf8');
  writeFileSync(join(left, 'journal.jsonl'), `${journal}[["payment_intents","pi_torn",{"id":"pi_to`);
  const after = await openSandbox({ dataDir: left });
  expect((await after.stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([intent.id]);
  expect((await after.stripe.paymentIntents.capture(intent.id)).status).toBe('succeeded');
  await after.sandbox.close();
  await killed.sandbox.close();
});

test('a request and its idempotency key are one line: a kill finds both or neither', async () => {
  const f = await openSandbox({ dataDir });
  const lines = () => readFileSync(join(dataDir, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
  const before = lines().length;
  await reserve(f);
  const written = lines().slice(before);
  expect(written.length).toBe(1);
  const tables = (JSON.parse(written[0]!) as [string][]).map(([table]) => table);
  expect(tables).toEqual(expect.arrayContaining(['payment_intents', 'charges', 'events', 'idempotent_answers']));
  await f.sandbox.close();
});

test('a line that is broken with others after it stops the start: what follows is not thrown away', async () => {
  const before = await openSandbox({ dataDir });
  await reserve(before);
  await before.sandbox.close();
  const path = join(dataDir, 'journal.jsonl');
  const written = readFileSync(path, 'utf8').trimEnd().split('\n');
  const broken = ['[["customers","cus_torn",{"id"', ...written].join('\n') + '\n';
  writeFileSync(path, broken);
  await expect(openSandbox({ dataDir })).rejects.toThrow(`${path}: line 1 is broken`);
  expect(readFileSync(path, 'utf8')).toBe(broken);
});

test('one directory is one sandbox’s: another is refused, and leaves the first its memory', async () => {
  const first = await openSandbox({ dataDir });
  await expect(startSandbox({ dataDir })).rejects.toThrow(`${dataDir}: another sandbox keeps its state here`);
  const intent = await reserve(first);
  await first.sandbox.close();
  const after = await openSandbox({ dataDir });
  expect((await after.stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([intent.id]);
  await after.sandbox.close();
});

test('a start that finds its port taken changes nothing, and holds nothing', async () => {
  const first = await openSandbox({ dataDir });
  await first.sandbox.close();
  const path = join(dataDir, 'journal.jsonl');
  const before = readFileSync(path, 'utf8');
  const other = await openSandbox({});
  await expect(startSandbox({ dataDir, port: other.sandbox.port })).rejects.toThrow('EADDRINUSE');
  await other.sandbox.close();
  expect(readFileSync(path, 'utf8')).toBe(before);
  await (await openSandbox({ dataDir })).sandbox.close();
});

test('deliveries that were pending go on after a restart', async () => {
  const receiver = await openReceiver();
  receiver.status = 500;
  const webhookEndpoints = [{ url: receiver.url, secret: 'whsec_holdfast_sandbox' }];
  const before = await openSandbox({ dataDir, webhookEndpoints });
  await before.stripe.customers.create();
  await receiver.until(1);
  await before.sandbox.close();
  receiver.status = 200;
  const after = await openSandbox({ dataDir, webhookEndpoints });
  await after.control('POST', 'clock', { advanceSeconds: 60 });
  await receiver.until(2);
  expect(receiver.received[1]?.event.id).toBe(receiver.received[0]?.event.id);
  await after.sandbox.close();
  await receiver.close();
});

test('one address with two secrets is two endpoints, after a restart too', async () => {
  const receiver = await openReceiver();
  const secrets = ['whsec_former', 'whsec_latter'];
  const webhookEndpoints = secrets.map((secret) => ({ url: receiver.url, secret }));
  const ids = async (f: Fixture) => (await f.stripe.webhookEndpoints.list()).data.map(({ id }) => id);
  const before = await openSandbox({ dataDir, webhookEndpoints });
  const known = await ids(before);
  await before.sandbox.close();
  const after = await openSandbox({ dataDir, webhookEndpoints });
  expect(await ids(after)).toEqual(known);
  await after.stripe.customers.create();
  await receiver.until(2);
  const verifiedBy = receiver.received.map(({ body, signature }) =>
    secrets.filter((secret) => {
      try {
        return after.stripe.webhooks.constructEvent(body, signature, secret);
      } catch {
        return false;
      }
    }),
  );
  expect(verifiedBy.flat().sort()).toEqual(secrets);
  await after.sandbox.close();
  await receiver.close();
});

test('closing does not wait for a receiver that never answers', async () => {
  const { promise: arrived, resolve: asked } = Promise.withResolvers<void>();
  const silent = createServer(() => asked());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const f = await openSandbox({ dataDir, webhookEndpoints: [{ url: `http://127.0.0.1:${port}/`, secret: 'whsec_x' }] });
  await f.stripe.customers.create();
  await arrived;
  const waited = sleep(patience(5_000), 'the sandbox is still open', { ref: false });
  expect(await Promise.race([f.sandbox.close(), waited])).toBeUndefined();
  await new Promise((resolve) => silent.close(resolve));
});

test('many sandboxes in one process know nothing of each other', async () => {
  const [one, two] = await Promise.all([openSandbox(), openSandbox()]);
  await one.stripe.customers.create();
  expect((await two.stripe.customers.list()).data).toEqual([]);
  await Promise.all([one.sandbox.close(), two.sandbox.close()]);
});

test('a journal that cannot be made smaller goes on as it is, and loses nothing', () => {
  const journal = new Journal(dataDir);
  const rows: Change[] = [];
  const add = (id: string, text: string) => {
    rows.push(['rows', id, text]);
    journal.record('rows', id, text);
    journal.commit(() => rows);
  };
  journal.compact(rows);
  const next = join(dataDir, 'journal.jsonl.next');
  mkdirSync(next);
  // More than it writes before it writes the state anew.
  add('large', 'x'.repeat(65 * 1024 * 1024));
  add('after', 'y');
  expect([...journal.read()].map(([, id]) => id)).toEqual(['large', 'after']);
  rmSync(next, { recursive: true });
  add('larger', 'z'.repeat(65 * 1024 * 1024));
  expect([...journal.read()].map(([, id]) => id)).toEqual(['large', 'after', 'larger']);
  expect(readFileSync(join(dataDir, 'journal.jsonl'), 'utf8').split('\n', 1)[0]).not.toContain('after');
  journal.close();
});
