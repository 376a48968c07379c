import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from '#platform';
import { runOrders } from '../../apps/orders/run.js';
import { dyingRelease, plantCase } from '../e2e/console.fixture.js';
import { build, type Build } from '../e2e/started.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { charged } from '../support/payment-steps.js';
import { Programs } from '../support/programs.js';
import { Receiver } from '../support/receiver.js';
import { Terminal } from '../support/terminal.js';

let house: Build;
let holdfast: Holdfast;
let receiver: Receiver;
beforeAll(async () => {
  [holdfast, house] = await Promise.all([Holdfast.start(), build()]);
});
afterAll(async () => {
  await holdfast.stop();
  house.remove();
});

beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());

function environment(changes: Record<string, string> = {}): Record<string, string> {
  const { secrets, database, stripe } = holdfast.config;
  const [secret] = secrets;
  return {
    DATABASE_URL: database.url,
    STRIPE_API_BASE: stripe.apiBase?.origin ?? '',
    LOG_LEVEL: 'silent',
    HOLDFAST_SECRETS: `${secret?.id ?? ''}:${secret?.key.toString('base64') ?? ''}`,
    ...changes,
  };
}

/** Runs the command as it is installed. */
async function program(argv: readonly string[], changes: Record<string, string> = {}) {
  const programs = new Programs(house.folder, environment(changes));
  const { code, stdout } = await programs.run('orders', argv);
  return { code, stdout, stderr: programs.output };
}

/** Runs what the program runs, in this process. */
async function orders(argv: readonly string[], changes: Record<string, string> = {}) {
  const terminal = new Terminal();
  const code = await runOrders(argv, () => readConfig(environment(changes)), terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

describe('npm run orders', () => {
  it('shows an order as a person wants it, and as a program does, without what is nobody’s business', async () => {
    const { endpointId } = await receiver.register(holdfast.api);
    const items = [{ name: 'Ticket \u202E' }, { sku: 'fail-tour', unitAmount: 900 }];
    const { number, intentId } = await charged(holdfast, { items });
    await receiver.expect(number, 6);
    await eventually(
      () => holdfast.rows(`SELECT FROM notifications WHERE order_number = $1 AND status <> 'Delivered'`, [number]),
      (waiting) => waiting.length === 0,
    );

    // The API refuses it; an older version may not have.
    await holdfast.rows(`UPDATE order_items SET name = name || $2 WHERE order_item_number = $1`, [
      `${number}-1`,
      '\u001b[2J',
    ]);

    const { code, stdout, stderr } = await program(['show', number]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Order ${number}  PartiallyFulfilled  21.50 EUR`);
    expect(stdout).toContain('Of 21.50 EUR: 12.50 EUR charged and kept · 9.00 EUR released, not charged.');
    expect(stdout).toContain(`at Stripe: ${intentId}`);
    expect(stdout).toMatch(/\d\d:\d\d UTC {2}order\.paid .*Payment → Paid/);
    expect(stdout).toMatch(/order\.partially_fulfilled +Delivered +1 tried, last: status 204/);
    expect(stdout).toContain('Ticket [U+202E][U+001B][2J');
    const json = await orders(['show', number, '--json']);
    const file = JSON.parse(json.stdout) as { order: { orderNumber: string }; notifications: unknown[] };
    expect(file).toMatchObject({ order: { orderNumber: number }, cut: [] });
    expect(file.notifications).toHaveLength(6);
    expect(json.stdout).not.toMatch(/createParams|"response"|operationStuck/);
    await holdfast.api.delete(`/v1/notification-endpoints/${endpointId}`);
  });

  it('lists what needs a person with the command to type, and does it', async () => {
    expect((await orders(['stuck'])).stdout).toBe('Nothing needs a person.\n');
    const number = await dyingRelease(holdfast);
    await plantCase(holdfast, 'refund-returned', number);
    receiver.answer = () => 500;
    await receiver.register(holdfast.api);
    await holdfast.api.placeOrder();
    await eventually(
      () => holdfast.rows('SELECT FROM notification_endpoints WHERE failing_since IS NOT NULL'),
      (failing) => failing.length > 0,
    );

    const { code, stdout } = await orders(['stuck']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3 things need a person/);
    expect(stdout).toContain(`order ${number}`);
    expect(stdout).toContain(`does not answer with success: status 500`);
    const replay = /orders -- replay (\S+)/.exec(stdout)?.[1] ?? '';
    const close = /orders -- close (\S+)/.exec(stdout)?.[1] ?? '';
    expect((await orders(['replay', replay])).stdout).toBe('It is in its queue.\n');
    expect((await orders(['close', close])).stdout).toBe('Closed.\n');
    await holdfast.api.orderIn(number, 'Canceled');
    expect((await orders(['look', number])).stdout).toContain('12.50 EUR released, not charged');
    expect((await orders(['stuck'])).stdout).toMatch(/^1 thing needs a person/);
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['an order that is not there', ['show', '26-999999'], {}, /^There is no such order\n$/],
    ['what is no number of an order', ['look', "x'\u0007"], {}, /^There is no such order\n$/],
    ['a case that is not open', ['close', '999'], {}, /^There is no such open case\n$/],
    ['a job that is not dead', ['replay', 'x'], {}, /^There is no such dead job\n$/],
    ['a word that is no command', ['dance'], {}, /^npm run orders -- stuck/],
    [
      'a database that is away',
      ['stuck'],
      { DATABASE_URL: 'postgres://holdfast@127.0.0.1:1/x' },
      /^The database cannot be reached/,
    ],
    ['an environment that is not valid', ['stuck'], { PORT: 'many' }, /^The environment is not valid:\n.*PORT/],
  ])('ends with 1 and one word for %s, and no stack', async (_, argv, changes, words) => {
    const { code, stdout, stderr } = await orders(argv, changes);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('ends with 1 as a program, too', async () => {
    expect(await program(['show', '26-999999'])).toEqual({ code: 1, stdout: '', stderr: 'There is no such order\n' });
  });
});
