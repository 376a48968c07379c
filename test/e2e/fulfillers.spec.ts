import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import type { Json } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { COMPILED } from '../support/programs.js';
import { delivers, Supplier } from '../support/supplier.js';
import { secretOf } from '../support/payment-steps.js';
import { build, killIfThere, Place, Started, type Build } from './started.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const DOCUMENT = readFileSync(join(ROOT, 'docs/fulfillers.md'), 'utf8');

/** The code blocks of the document in one language, each with the file that its first line names. */
function blocks(language: string, heading: RegExp): { file: string; text: string }[] {
  return [...DOCUMENT.matchAll(new RegExp('^```' + language + '\\n(.*?)^```$', 'gms'))].map(([, block = '']) => {
    const file = heading.exec(block)?.[1];
    if (file === undefined) throw new Error(`a block of ${language} names no file: ${block}`);
    return { file, text: block };
  });
}

/** Does what the document says, in a copy of the sources. */
function followTheDocument(folder: string): void {
  for (const { file, text } of blocks('ts', /^\/\/ (\S+)$/m)) writeFileSync(join(folder, file), text);
  for (const { file, text } of blocks('diff', /^--- (\S+)$/m)) {
    const lines = text.trimEnd().split('\n').slice(1);
    const side = (mark: string) =>
      lines
        .filter((line) => line[0] === ' ' || line[0] === mark)
        .map((line) => line.slice(1))
        .join('\n');
    const before = readFileSync(join(folder, file), 'utf8');
    if (before.split(side('-')).length !== 2) throw new Error(`${file} does not hold this once: ${side('-')}`);
    writeFileSync(join(folder, file), before.replace(side('-'), side('+')));
  }
}

describe('docs/fulfillers.md: a fulfiller of one’s own, and one whose worker dies', () => {
  let built: Build;
  let place: Place;
  let started: Started;
  let supplier: Supplier;

  beforeAll(async () => {
    built = await build(followTheDocument);
    [place, supplier] = [await Place.find(), await Supplier.start()];
    started = await Started.begin(built, place).ready();
  });
  afterAll(async () => {
    await supplier.stop();
    await started.stop('SIGTERM');
    place.clear();
    built.remove();
  });

  const paid = async (order: Parameters<typeof started.api.placeOrder>[0]): Promise<string> => {
    const number = await started.api.placeOrder(order);
    await started.controls.confirm(secretOf(await started.api.init(number)));
    return number;
  };

  it('the example compiles against the real interface', () => {
    for (const file of ['tsconfig.json', 'openapi.json']) cpSync(join(ROOT, file), join(built.folder, file));
    const { status, stdout } = spawnSync(process.execPath, [TSC, '--types', 'node'], {
      cwd: built.folder,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, '']);
  });

  it('and runs in the real service: it delivers, fails, and is asked again', async () => {
    const locker = { fulfiller: 'locker' };
    const crowded = { station: 'crowded' };
    const number = await paid({ items: [locker, { ...locker, quantity: 41 }], metadata: crowded });
    const order = await started.api.orderIn(number, 'PartiallyFulfilled');
    expect(order.payment).toMatchObject({ status: 'PartiallyCaptured', amountCaptured: 1250 });
    expect(order.items).toMatchObject([
      { orderItemStatus: 'Delivered', deliverables: [{ type: 'compartment', value: expect.stringMatching(/^\d+$/) }] },
      { orderItemStatus: 'Failed', statusText: 'So many do not fit into our lockers' },
    ]);
  });

  it('a worker that is killed in the middle of a call leaves nothing twice and nothing stuck: the same key comes again', async () => {
    const set = spawnSync(
      process.execPath,
      [
        join(built.folder, 'dist/apps/partners/main.js'),
        'set',
        'par_demo',
        '--fulfillment-url',
        supplier.url,
        '--json',
      ],
      { env: { PATH: process.env.PATH, ...COMPILED, ...place.environment() }, encoding: 'utf8' },
    );
    const { fulfillmentSecret } = JSON.parse(set.stdout) as { fulfillmentSecret: string };
    supplier.behaviour = () => 'silence';
    const number = await paid({ items: [{ fulfiller: 'http' }] });
    await eventually(
      () => Promise.resolve(supplier.waiting),
      (waiting) => waiting === 1,
    );
    for (const pid of place.pids('worker')) killIfThere(pid);
    await started.end();

    supplier.behaviour = delivers;
    started = await Started.begin(built, place).ready();
    await expireJobs(number);
    const order = await eventually(
      () => started.api.order(number),
      (latest: Json) => latest.orderStatus === 'Fulfilled',
    );
    expect(order.items[0].deliverables).toEqual([{ type: 'voucher', value: `V-${number}-1` }]);
    expect(order.payment).toMatchObject({ status: 'Captured', amountCaptured: 1250 });
    const keys = supplier.of(number).map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`${number}-1`, `${number}-1`]);
    for (const { text, headers } of supplier.of(number))
      expect(() => new Webhook(fulfillmentSecret).verify(text, headers as Record<string, string>)).not.toThrow();
    const outcomes = (await started.api.timeline(number)).filter(({ type }) => type === 'item.delivered');
    expect(outcomes).toHaveLength(1);
  });

  /** As if the minute had passed after which a job that nobody ends belongs to a dead worker. */
  async function expireJobs(number: string): Promise<void> {
    const { EMBEDDED_POSTGRES_PORT: port } = place.ports;
    const client = new pg.Client({ connectionString: `postgres://holdfast@127.0.0.1:${port}/holdfast` });
    await client.connect();
    try {
      const { rowCount } = await client.query(
        `UPDATE pgboss.job SET started_on = started_on - interval '2 minutes' WHERE state = 'active' AND data->>'orderNumber' = $1`,
        [number],
      );
      expect(rowCount).toBe(1);
    } finally {
      await client.end();
    }
  }
});
