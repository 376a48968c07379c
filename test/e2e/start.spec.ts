import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { isTaken } from '../support/free-ports.js';
import { build, killIfThere, PACKAGES, Place, Started, type Build } from './started.js';

/** Several starts each, on a machine that does other things too. */
const TEST_MS = 120_000;
/** A promise to people, on a machine that has nothing else to do; see {@link secondStartMs}. */
const SECOND_START_MS = 10_000;
const NOBODY = 65_534;

let house: Build;
/** A start was here and ended in order: most tests go on from its data, which is faster than from nothing. */
let former: Place;
let place: Place;
let secondStartMs = SECOND_START_MS;

beforeAll(async () => {
  house = await build();
  former = await Place.find();
  const before = Date.now();
  const first = await Started.begin(house, former).ready();
  // A second start is to take no longer than the first, however busy the machine is.
  secondStartMs = Math.max(SECOND_START_MS, 1.5 * (Date.now() - before));
  expect(await first.stop('SIGTERM')).toBe(0);
}, TEST_MS);
afterAll(() => {
  former.clear();
  house.remove();
});
beforeEach(async () => {
  place = await Place.find(former);
});
afterEach(() => place.clear());

const begin = (...options: Parameters<typeof Started.begin> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
  Started.begin(house, place, ...options);

/** @param took milliseconds of a second start; when that is long, a start in which nothing happened shows how busy the machine is now */
async function expectSoon(took: number): Promise<void> {
  if (took >= secondStartMs) {
    const elsewhere = await Place.find(former);
    const before = Date.now();
    const usual = await Started.begin(house, elsewhere).ready();
    secondStartMs = Math.max(secondStartMs, 1.5 * (Date.now() - before));
    await usual.stop('SIGTERM');
    elsewhere.clear();
  }
  expect(took).toBeLessThan(secondStartMs);
}

async function expectNothingLeft(): Promise<void> {
  expect(place.processes()).toEqual([]);
  for (const port of Object.values(place.ports)) expect([port, await isTaken(port)]).toEqual([port, false]);
}

/** PostgreSQL's first process: the one that starts and ends the others. */
function postmaster(): number {
  return Number(readFileSync(join(place.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** An order in Payment, as the customer leaves it to find a card. */
async function orderInPayment({ api }: Started): Promise<{ number: string; secret: string }> {
  const number = await api.placeOrder();
  const { body } = await api.init(number);
  return { number, secret: body.initPaymentData.clientSecret };
}

/** The packages may be where only root can enter; in a view of the file system of its own, the program sees them here too. */
function withPackagesAt(folder: string): string[] {
  const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--',
    'sh',
    '-c',
    script,
    'sh',
    PACKAGES,
    join(folder, 'node_modules'),
  ];
}

async function payAndExpectFulfilled({ api, controls }: Started, order: { number: string; secret: string }) {
  expect((await api.order(order.number)).orderStatus).toBe('Payment');
  expect((await controls.confirm(order.secret)).body).toMatchObject({ status: 'requires_capture' });
  expect((await api.orderIn(order.number, 'Fulfilled')).payment).toMatchObject({ amountCaptured: 1250 });
}

/** What it runs in sandbox mode, beside PostgreSQL. */
const PROGRAMS = ['api', 'worker', 'stripe-sandbox', 'sample-shop'];

describe('npm start', () => {
  it(
    'starts from nothing in a folder that only its owner can enter, plays the journey, ends on SIGINT and finds all again',
    async () => {
      place.empty();
      expect(statSync(place.dataDir).mode & 0o777).toBe(0o700);
      const first = await begin().ready();
      const { PORT, SANDBOX_PORT, SHOP_PORT } = place.ports;
      for (const told of [
        `http://127.0.0.1:${PORT}/v1`,
        `http://127.0.0.1:${PORT}/docs`,
        `http://127.0.0.1:${SANDBOX_PORT}`,
        `http://127.0.0.1:${SHOP_PORT}`,
        'hf_test_demo',
      ])
        expect(first.output).toContain(told);
      const shop = await fetch(`http://127.0.0.1:${SHOP_PORT}/`);
      expect(await shop.text()).toContain('Harbour tour');
      await payAndExpectFulfilled(first, await orderInPayment(first));
      const waiting = await orderInPayment(first);

      expect(await first.stop('SIGINT')).toBe(0);
      await expectNothingLeft();

      const before = Date.now();
      const second = await begin().ready();
      await expectSoon(Date.now() - before);
      await payAndExpectFulfilled(second, waiting);
      expect(await second.stop('SIGTERM')).toBe(0);
      await expectNothingLeft();
    },
    TEST_MS,
  );

  it.each([
    ['SIGTERM', 'npm alone'],
    ['SIGINT', 'npm alone'],
    ['SIGINT', 'everybody in the terminal'],
  ] as const)(
    'ends in order when %s goes to %s',
    async (signal, whom) => {
      const npm = await begin({ command: ['npm', 'start'] }).ready();
      expect(place.pids('start')).not.toContain(npm.pid);

      process.kill(whom === 'npm alone' ? npm.pid : -npm.pid, signal);

      expect(await npm.end()).toBe(0);
      await expectNothingLeft();
    },
    TEST_MS,
  );

  it.each([
    ['SIGTERM', 'initialises the database', () => existsSync(join(place.dataDir, 'postgres.new'))],
    ['SIGINT', 'starts PostgreSQL', () => existsSync(join(place.dataDir, 'postgres.log'))],
    ['SIGTERM', 'starts the sandbox', () => place.pids('stripe-sandbox').length > 0],
    ['SIGINT', 'starts the worker', () => place.pids('worker').length > 0],
  ] as const)(
    'ends in order on %s while it %s',
    async (signal, _, reached) => {
      place.empty();
      const started = begin();
      await eventually(async () => reached(), Boolean);

      expect(await started.stop(signal)).toBe(0);

      expect(started.output).not.toContain('Holdfast is ready');
      expect(started.output).not.toContain('rror');
      await expectNothingLeft();
    },
    TEST_MS,
  );

  it(
    'a second start on the same folder is refused, and the first does not notice',
    async () => {
      const first = await begin().ready();
      const postgres = place.pids('postgres');
      const elsewhere = Object.fromEntries(
        Object.entries((await Place.find()).ports).map(([name, port]) => [name, String(port)]),
      );

      const second = begin({ environment: elsewhere });
      expect(await second.end()).toBe(1);

      expect(second.output).toContain(`DATA_DIR: another start (process ${first.pid}) runs on ${place.dataDir}`);
      expect(place.pids('postgres')).toEqual(expect.arrayContaining(postgres.slice(0, 1)));
      await payAndExpectFulfilled(first, await orderInPayment(first));
    },
    TEST_MS,
  );
});

describe('npm start after kill -9', () => {
  const strangers: ChildProcess[] = [];
  afterEach(() => strangers.splice(0).forEach((stranger) => stranger.kill('SIGKILL')));

  it(
    'of the start alone: its programs end by themselves, and a second start at once finds everything',
    async () => {
      const first = await begin().ready();
      const order = await orderInPayment(first);
      const orphans = PROGRAMS.flatMap((name) => place.pids(name));
      expect(orphans).toHaveLength(PROGRAMS.length);

      first.child.kill('SIGKILL');
      const before = Date.now();
      const second = await begin().ready();

      await expectSoon(Date.now() - before);
      await payAndExpectFulfilled(second, order);
      await eventually(
        async () => place.processes().filter(({ pid }) => orphans.includes(pid)),
        (left) => left.length === 0,
      );
      expect(await second.stop('SIGTERM')).toBe(0);
      await expectNothingLeft();
    },
    TEST_MS,
  );

  it(
    'of the start while its programs start: they end by themselves too',
    async () => {
      const started = begin();
      await eventually(
        async () => place.pids('api'),
        ([pid]) => pid !== undefined,
      );
      started.child.kill('SIGKILL');
      await eventually(
        async () => PROGRAMS.flatMap((name) => place.pids(name)),
        (left) => left.length === 0,
      );
    },
    TEST_MS,
  );

  it(
    'of everything, PostgreSQL included: a second start finds everything',
    async () => {
      const first = await begin().ready();
      const order = await orderInPayment(first);

      for (const { pid } of place.processes()) killIfThere(pid);
      const before = Date.now();
      const second = await begin().ready();

      await expectSoon(Date.now() - before);
      await payAndExpectFulfilled(second, order);
    },
    TEST_MS,
  );

  it(
    'a process that has the number of the dead PostgreSQL by now is left alone',
    async () => {
      await begin().ready();
      const pidFile = join(place.dataDir, 'postgres', 'postmaster.pid');
      for (const { pid } of place.processes()) killIfThere(pid);
      await eventually(
        async () => place.processes(),
        (left) => left.length === 0,
      );
      const former = readFileSync(pidFile, 'utf8');
      const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
      strangers.push(stranger);
      writeFileSync(pidFile, former.replace(/^\d+/, String(stranger.pid)));

      const second = await begin().ready();
      await payAndExpectFulfilled(second, await orderInPayment(second));
      expect(await second.stop('SIGTERM')).toBe(0);
      expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
    },
    TEST_MS,
  );
});

describe('npm start as a user who is not root', () => {
  it(
    'starts its own PostgreSQL as that user',
    async () => {
      const isRoot = process.getuid?.() === 0;
      const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
      place.empty();
      if (isRoot) chownSync(place.dataDir, NOBODY, NOBODY);
      const command = isRoot
        ? [...withPackagesAt(house.openFolder()), ...user, join(house.folder, 'open/node_modules/.bin/node')]
        : [process.execPath];
      const program = join(house.folder, isRoot ? 'open' : '.', 'dist/apps/start/main.js');

      const started = await begin({ command: [...command, program] }).ready();

      expect(statSync(join(place.dataDir, 'postgres', 'PG_VERSION')).uid).toBe(isRoot ? NOBODY : process.getuid?.());
      expect(statSync(`/proc/${postmaster()}`).uid).toBe(isRoot ? NOBODY : process.getuid?.());
      await payAndExpectFulfilled(started, await orderInPayment(started));
      expect(await started.stop('SIGTERM')).toBe(0);
      await expectNothingLeft();
    },
    TEST_MS,
  );
});

describe('npm start refuses', () => {
  const listening: Server[] = [];
  afterEach(async () => {
    for (const server of listening.splice(0)) await once(server.close(), 'close');
  });

  it.each(['PORT', 'SANDBOX_PORT', 'SHOP_PORT', 'EMBEDDED_POSTGRES_PORT'] as const)(
    'a taken %s, by its name',
    async (name) => {
      place.empty();
      const port = place.ports[name];
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      listening.push(server);

      const started = begin();

      expect(await started.end()).toBe(1);
      expect(started.output).toContain(`${name}: something listens on 127.0.0.1:${port} already`);
      expect(place.processes()).toEqual([]);
      expect(existsSync(join(place.dataDir, 'postgres'))).toBe(false);
    },
  );

  it('one port for two', async () => {
    const started = begin({ environment: { SANDBOX_PORT: String(place.ports.PORT) } });
    expect(await started.end()).toBe(1);
    expect(started.output).toContain(`SANDBOX_PORT: ${place.ports.PORT} is the port of PORT too`);
    await expectNothingLeft();
  });

  it('a wrong configuration, every fault at once', async () => {
    const started = begin({ environment: { PORT: 'abc', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://nowhere' } });
    expect(await started.end()).toBe(1);
    expect(started.output.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(3);
    for (const name of ['PORT is "abc"', 'LOG_LEVEL is "loud"', 'DATABASE_URL']) expect(started.output).toContain(name);
    await expectNothingLeft();
  });

  it('production in sandbox mode and on the embedded database', async () => {
    const started = begin({ environment: { NODE_ENV: 'production' } });
    expect(await started.end()).toBe(1);
    expect(started.output).toContain('NODE_ENV=production does not run in sandbox mode');
    expect(started.output).toContain('NODE_ENV=production does not run on the embedded database');
    await expectNothingLeft();
  });
});

describe('npm start stops everything when', () => {
  it.each([...PROGRAMS, 'postgres'])(
    '%s dies',
    async (name) => {
      const started = await begin().ready();
      const [pid = 0] = name === 'postgres' ? [postmaster()] : place.pids(name);

      process.kill(pid, 'SIGKILL');

      expect(await started.end()).toBe(1);
      const said = name === 'postgres' ? 'PostgreSQL ended by itself' : `${name} ended by itself (SIGKILL)`;
      expect(started.output).toContain(said);
      await eventually(
        async () => place.processes(),
        (left) => left.length === 0,
      );
      await expectNothingLeft();
    },
    TEST_MS,
  );
});
