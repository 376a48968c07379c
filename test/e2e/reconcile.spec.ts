import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { EVERY_TRY, reserve } from '../support/payment-steps.js';
import { COMPILED } from '../support/programs.js';
import { build, type Build } from './started.js';

/** The command that a person types, as the program that is installed: beside a running service, which hears of nothing. */
describe('npm run reconcile', () => {
  let holdfast: Holdfast;
  let built: Build;
  const environment = { HOLDFAST_SECRETS: `test:${Buffer.alloc(32, 'reconcile').toString('base64')}` };
  beforeAll(async () => {
    [holdfast, built] = await Promise.all([Holdfast.start({ environment }), build()]);
    await holdfast.controls.webhooks({ mode: 'hold' });
  });
  afterAll(async () => {
    await holdfast.stop();
    built.remove();
  });

  const reconcile = async () => {
    const child = spawn(process.execPath, [join(built.folder, 'dist/apps/reconcile/main.js')], {
      cwd: built.folder,
      env: {
        PATH: process.env.PATH,
        ...COMPILED,
        ...environment,
        DATABASE_URL: holdfast.config.database.url,
        STRIPE_API_BASE: holdfast.sandbox.url,
      },
    });
    const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return {
      code: code as number,
      out,
      error,
      found: Object.fromEntries(
        out
          .trim()
          .split('\n')
          // The first line heads the columns.
          .slice(1)
          .map((line) => line.split(/\s+/)),
      ) as Record<string, string>,
    };
  };

  it('brings home what no webhook did, prints what it found, and finds nothing the second time', async () => {
    const { number } = await reserve(holdfast);
    const first = await reconcile();
    expect(first).toMatchObject({ code: 0, error: '' });
    expect(Number(first.found['webhooks.read-events'])).toBeGreaterThan(0);
    expect((await holdfast.api.orderIn(number, 'Fulfilled')).payment.amountCaptured).toBe(1250);
    // The capture's own event may be younger than the first look.
    await holdfast.reconcile();
    const second = await reconcile();
    expect(second.code).toBe(0);
    expect(new Set(Object.values(second.found))).toEqual(new Set(['0']));
  });

  it('names what cannot be looked at, after everything else, and exits with 1', async () => {
    const { controls, api } = holdfast;
    const accountId = await api.createAccount();
    const { body } = await api.post('/v1/orders', { accountId, currency: 'EUR', items: [] });
    await holdfast.passTime(8 * 24 * 3600);
    await controls.fault({ kind: 'error', path: '/v1/events', times: EVERY_TRY });
    const { code, error, found } = await reconcile();
    expect(code).toBe(1);
    expect(error).toMatch(/^webhooks\.read-events: /);
    expect(found).toMatchObject({ 'payments.expire-orders': '1' });
    const { orderNumber } = (body as { order: { orderNumber: string } }).order;
    expect((await api.order(orderNumber)).orderStatus).toBe('Expired');
  });
});
