import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { isTaken } from '../support/free-ports.js';
import { build, killIfThere, openCopy, PACKAGES, Place, Started, type Build } from './started.js';

/** A promise to people, on a machine that has nothing else to do; see {@link secondStart}. */
const SECOND_START_MS = 10_000;
/** A second start that took too long is tried again: one that waits for something in vain takes too long each time. */
const SECOND_STARTS = 3;
const NOBODY = 65_534;

/** What `npm start` runs in sandbox mode, beside PostgreSQL. */
const PROGRAMS = ['api', 'worker', 'stripe-sandbox', 'sample-shop'];

interface FirstStart {
  readonly place: Place;
  readonly started: Started;
  readonly exitCode: number | string | null;
  /** An order in Payment when it ended. */
  readonly waiting: { number: string; secret: string };
  /** A copy of its data: most tests go on from there, which is quicker than from nothing. */
  readonly data: Place;
}

let house: Build;
/** Where the current test starts programs. */
let place: Place;
let firstStart: FirstStart | undefined;
/** Grows with the time that starts take on this machine. */
let secondStartMs = SECOND_START_MS;

beforeAll(async () => {
  house = await build();
});
afterEach(() => place.clear());
afterAll(() => firstStart?.data.clear());

const begin = (...options: Parameters<typeof Started.begin> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
  Started.begin(house, place, ...options);

/** Starts from nothing, fulfills an order and ends on SIGINT; once for all tests, by the first that needs it. */
async function former(): Promise<FirstStart> {
  if (firstStart) return firstStart;
  place = await Place.find();
  expect(statSync(place.dataDir).mode & 0o777).toBe(0o700);
  const before = performance.now();
  const started = await begin().ready();
  secondStartMs = Math.max(SECOND_START_MS, 1.5 * (performance.now() - before));
  const shop = await fetch(`http://127.0.0.1:${place.ports.SHOP_PORT}/`);
  expect(await shop.text()).toContain('Harbour tour');
  await payAndExpectFulfilled(started, await orderInPayment(started));
  const waiting = await orderInPayment(started);
  const exitCode = await started.stop('SIGINT');
  await expectNothingLeft();
  firstStart = { place, started, exitCode, waiting, data: await Place.find(place) };
  return firstStart;
}

async function placeWithData(): Promise<Place> {
  return Place.find((await former()).data);
}

/**
 * Starts where a start was: ready within {@link SECOND_START_MS}, or where the machine is slower, in the time of a start after
 * which nothing happened.
 * @param end ends the start before; and the second one too, when it took too long and is tried again
 */
async function secondStart(first: Started, end: (running: Started) => Promise<unknown>): Promise<Started> {
  const took: number[] = [];
  let running = first;
  while (took.length < SECOND_STARTS) {
    await end(running);
    const before = performance.now();
    running = await begin().ready();
    const milliseconds = Math.round(performance.now() - before);
    took.push(milliseconds);
    if (milliseconds >= secondStartMs) secondStartMs = Math.max(secondStartMs, 1.5 * (await usualStartMs()));
    if (milliseconds < secondStartMs) return running;
  }
  throw new Error(`waited for a second start within ${Math.round(secondStartMs)} ms; they took ${took.join(', ')} ms`);
}

async function usualStartMs(): Promise<number> {
  const elsewhere = await placeWithData();
  try {
    const before = performance.now();
    const usual = await Started.begin(house, elsewhere).ready();
    const milliseconds = performance.now() - before;
    await usual.stop('SIGTERM');
    return milliseconds;
  } finally {
    elsewhere.clear();
  }
}

async function expectNothingLeft(): Promise<void> {
  expect(place.processes()).toEqual([]);
  for (const port of Object.values(place.ports)) expect([port, await isTaken(port)]).toEqual([port, false]);
}

function processesEnd(isAwaited: (process: { pid: number }) => boolean = () => true): Promise<unknown> {
  return eventually(
    async () => place.processes().filter(isAwaited),
    (running) => running.length === 0,
  );
}

/** @throws Error with what it said when the start ends before it comes so far */
async function comesSoFar(started: Started, isThere: () => boolean): Promise<void> {
  await eventually(
    async () => ({ isThere: isThere(), exitCode: started.child.exitCode, output: started.output }),
    (now) => now.isThere || now.exitCode !== null,
  );
  if (started.child.exitCode !== null)
    throw new Error(`waited for ${String(isThere)}; it ended instead: ${started.output}`);
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

async function killAndExpectAllStopped(started: Started, name: string): Promise<void> {
  const [pid = 0] = name === 'postgres' ? [postmaster()] : place.pids(name);

  process.kill(pid, 'SIGKILL');

  expect(await started.end()).toBe(1);
  const said = name === 'postgres' ? 'PostgreSQL ended by itself' : `${name} ended by itself (SIGKILL)`;
  expect(started.output).toContain(said);
  await processesEnd();
  await expectNothingLeft();
}

/** As people type it. @returns npm, which is not the program behind it */
async function npmStart(): Promise<Started> {
  const npm = await begin({ command: ['npm', 'start'] }).ready();
  expect(place.pids('start')).toHaveLength(1);
  expect(place.pids('start')).not.toContain(npm.pid);
  return npm;
}

describe('npm start', () => {
  it('starts from nothing in a folder that only its owner can enter, plays the journey, ends on SIGINT, finds all again, and stops everything when api dies', async () => {
    const first = await former();
    ({ place } = first);
    const { PORT, SANDBOX_PORT, SHOP_PORT } = place.ports;
    for (const told of [
      `http://127.0.0.1:${PORT}/v1`,
      `http://127.0.0.1:${PORT}/docs`,
      `http://127.0.0.1:${SANDBOX_PORT}`,
      `http://127.0.0.1:${SHOP_PORT}`,
      'hf_test_demo',
    ])
      expect(first.started.output).toContain(told);
    expect(first.exitCode).toBe(0);

    // The first one has ended already.
    const second = await secondStart(first.started, (running) => running.stop('SIGTERM'));
    await payAndExpectFulfilled(second, first.waiting);
    await killAndExpectAllStopped(second, 'api');
  });

  it('ends in order when SIGTERM goes to npm alone; a second start on the same folder was refused, and the first did not notice', async () => {
    place = await placeWithData();
    const npm = await npmStart();
    const [first] = place.pids('start');
    const postgres = place.pids('postgres');
    const { PORT, SANDBOX_PORT, SHOP_PORT, EMBEDDED_POSTGRES_PORT } = (await Place.find()).ports;
    const elsewhere = { PORT, SANDBOX_PORT, SHOP_PORT, EMBEDDED_POSTGRES_PORT };

    const second = begin({
      environment: Object.fromEntries(Object.entries(elsewhere).map(([name, port]) => [name, String(port)])),
    });
    expect(await second.end()).toBe(1);

    expect(second.output).toContain(`DATA_DIR: another start (process ${first}) runs on ${place.dataDir}`);
    expect(place.pids('postgres')).toEqual(expect.arrayContaining(postgres.slice(0, 1)));
    await payAndExpectFulfilled(npm, await orderInPayment(npm));

    process.kill(npm.pid, 'SIGTERM');
    expect(await npm.end()).toBe(0);
    await expectNothingLeft();
  });

  it('ends in order when SIGINT goes to npm alone', async () => {
    place = await placeWithData();
    const npm = await npmStart();
    process.kill(npm.pid, 'SIGINT');
    expect(await npm.end()).toBe(0);
    await expectNothingLeft();
  });

  it('ends in order on a signal while it initialises the database, starts PostgreSQL, the sandbox and the worker; the next start goes on from there, until SIGINT goes to everybody in the terminal', async () => {
    place = await Place.find();
    const log = join(place.dataDir, 'postgres.log');
    for (const [signal, isThere] of [
      ['SIGTERM', () => existsSync(join(place.dataDir, 'postgres.new'))],
      ['SIGINT', () => existsSync(log)],
      ['SIGTERM', () => place.pids('stripe-sandbox').length > 0],
      ['SIGINT', () => place.pids('worker').length > 0],
    ] as const) {
      // Of the start before.
      rmSync(log, { force: true });
      const started = begin();
      await comesSoFar(started, isThere);

      expect(await started.stop(signal)).toBe(0);

      expect(started.output).not.toContain('Holdfast is ready');
      expect(started.output).not.toContain('rror');
      await expectNothingLeft();
    }
    const npm = await npmStart();
    await payAndExpectFulfilled(npm, await orderInPayment(npm));
    process.kill(-npm.pid, 'SIGINT');
    expect(await npm.end()).toBe(0);
    await expectNothingLeft();
  });
});

describe('npm start after kill -9', () => {
  const strangers: ChildProcess[] = [];
  afterEach(() => strangers.splice(0).forEach((stranger) => stranger.kill('SIGKILL')));
  const killEverything = async () => {
    for (const { pid } of place.processes()) killIfThere(pid);
  };

  it('of the start while its programs start, of the start alone, and of everything, PostgreSQL included: programs end by themselves, the next start finds everything, and a process that has the number of the dead PostgreSQL by now is left alone', async () => {
    place = await placeWithData();
    const interrupted = begin();
    await comesSoFar(interrupted, () => place.pids('api').length > 0);
    interrupted.child.kill('SIGKILL');
    await eventually(
      async () => PROGRAMS.flatMap((name) => place.pids(name)),
      (left) => left.length === 0,
    );

    const first = await begin().ready();
    const order = await orderInPayment(first);
    const orphans = PROGRAMS.flatMap((name) => place.pids(name));
    expect(orphans).toHaveLength(PROGRAMS.length);

    const second = await secondStart(first, async ({ child }) => child.kill('SIGKILL'));

    await payAndExpectFulfilled(second, order);
    await processesEnd(({ pid }) => orphans.includes(pid));
    const nextOrder = await orderInPayment(second);

    const third = await secondStart(second, killEverything);

    await payAndExpectFulfilled(third, nextOrder);
    const pidFile = join(place.dataDir, 'postgres', 'postmaster.pid');
    await killEverything();
    await processesEnd();
    const left = readFileSync(pidFile, 'utf8');
    const stranger = spawn('sleep', ['infinity'], { stdio: 'ignore' });
    strangers.push(stranger);
    writeFileSync(pidFile, left.replace(/^\d+/, String(stranger.pid)));

    const fourth = await begin().ready();
    await payAndExpectFulfilled(fourth, await orderInPayment(fourth));
    expect(await fourth.stop('SIGTERM')).toBe(0);
    await expectNothingLeft();
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });
});

describe('npm start as a user who is not root', () => {
  let open: Build;
  beforeAll(() => {
    open = openCopy(house);
  });
  afterAll(() => open.remove());

  it('starts its own PostgreSQL as that user', async () => {
    const isRoot = process.getuid?.() === 0;
    const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
    place = await Place.find();
    if (isRoot) chownSync(place.dataDir, NOBODY, NOBODY);
    const command = isRoot
      ? [...withPackagesAt(open.folder), ...user, join(open.folder, 'node_modules/.bin/node')]
      : [process.execPath];
    const program = join((isRoot ? open : house).folder, 'dist/apps/start/main.js');

    const started = await begin({ command: [...command, program] }).ready();

    expect(statSync(join(place.dataDir, 'postgres', 'PG_VERSION')).uid).toBe(isRoot ? NOBODY : process.getuid?.());
    expect(statSync(`/proc/${postmaster()}`).uid).toBe(isRoot ? NOBODY : process.getuid?.());
    await payAndExpectFulfilled(started, await orderInPayment(started));
    expect(await started.stop('SIGTERM')).toBe(0);
    await expectNothingLeft();
  });
});

describe('npm start refuses', () => {
  beforeEach(async () => {
    place = await Place.find();
  });
  const listening: Server[] = [];
  afterEach(async () => {
    for (const server of listening.splice(0)) await once(server.close(), 'close');
  });

  it.each(['PORT', 'SANDBOX_PORT', 'SHOP_PORT', 'EMBEDDED_POSTGRES_PORT'] as const)(
    'a taken %s, by its name',
    async (name) => {
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
  // That it does when api dies is seen above.
  it.each([...PROGRAMS.slice(1), 'postgres'])('%s dies', async (name) => {
    place = await placeWithData();
    await killAndExpectAllStopped(await begin().ready(), name);
  });
});
