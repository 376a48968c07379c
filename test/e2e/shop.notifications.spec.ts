import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { openShop } from '../../apps/sample-shop/server.js';
import { describeInBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { toldOf } from '../support/receiver.js';
import { GOOD, useShop, type Customer, type ShopFixture } from './shop.fixture.js';
import { Gate } from './shop.gate.js';

interface Kept {
  readonly endpointId: string;
  readonly secret: string;
}

interface Registered {
  readonly endpointId: string;
  readonly url: string;
  readonly status: string;
}

let f: ShopFixture;
let customer: Customer;
describeInBrowser('the sample shop, told by Holdfast', () => {
  useShop(async (fixture) => {
    f = fixture;
    customer = await f.visit();
  });

  const file = () => join(f.options.dataDir, 'sample-shop.endpoint.json');
  const kept = async () =>
    JSON.parse(
      await eventually(
        () => readFile(file(), 'utf8').catch(() => ''),
        (text) => text !== '',
      ),
    ) as Kept;

  async function endpoints(): Promise<Registered[]> {
    return ((await f.holdfast.api.get('/v1/notification-endpoints')).body as { data: Registered[] }).data;
  }

  async function paidOrder(): Promise<string> {
    const order = await customer.toCardForm();
    await customer.payWith(GOOD);
    await customer.until('Fulfilled');
    return order;
  }

  /** What the result page says that the shop was told, as soon as the last of it is there. */
  async function told(order: string): Promise<string[]> {
    await customer.page.goto(`${f.shop.url}/orders/${order}/status`);
    await customer.page.getByTestId('told').getByText('order.fulfilled').waitFor({ state: 'attached' });
    return customer.page.getByTestId('told').locator('code').allTextContents();
  }

  async function deliver(body: string, headers: Record<string, string>): Promise<number> {
    const sent = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
    return (await fetch(`${f.shop.url}/holdfast/notifications`, sent)).status;
  }

  test('the result page shows what came, each thing once, and keeps it open while more comes', async () => {
    await f.holdfast.stopWorker();
    let order: string;
    try {
      order = await customer.toCardForm();
      await customer.payWith(GOOD);
      await customer.until('Paid');
      await customer.page.getByText('Holdfast told the shop').click();
    } finally {
      await f.holdfast.startWorker();
    }
    await customer.until('Fulfilled');
    await customer.page.getByTestId('told').getByText('order.fulfilled').waitFor();
    const types = ['item.delivered', 'order.fulfilled', 'order.paid', 'order.placed', 'payment.captured'];
    expect((await told(order)).sort()).toEqual(types);
    expect(customer.faults).toEqual([]);
  });

  test('what is sent again under the same id is answered with success, and is no second thing', async () => {
    const order = await paidOrder();
    const before = await told(order);
    const [latest] = await toldOf(f.holdfast.api, `orderNumber=${order}`);
    const id = latest?.notificationId ?? '';
    await f.holdfast.api.post(`/v1/notifications/${id}/redeliver`, undefined);
    const attempts = await eventually(
      async () =>
        (await toldOf(f.holdfast.api, `orderNumber=${order}`)).flatMap(({ notificationId, attempts: made }) =>
          notificationId === id ? made : [],
        ),
      (made) => made.length === 2,
    );
    expect(attempts.map(({ statusCode }) => statusCode)).toEqual([204, 204]);
    expect(await told(order)).toEqual(before);
  });

  describe('what Holdfast did not send is refused, and leaves nothing behind', () => {
    const body = JSON.stringify({
      type: 'order.paid',
      timestamp: new Date().toISOString(),
      data: { orderNumber: 'x' },
    });
    const signed = (secret: string, at = new Date(), text = body) => ({
      'webhook-id': 'ntf_forged',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('ntf_forged', at, text),
    });
    const foreign = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

    test.each<[string, (own: string) => [string, Record<string, string>]]>([
      ['no signature', () => [body, {}]],
      ['another’s signature', () => [body, signed(foreign)]],
      ['altered bytes', (own) => [body.replace('"x"', '"y"'), signed(own)]],
      ['an old message', (own) => [body, signed(own, new Date(Date.now() - 600_000))]],
    ])('%s', async (_name, forge) => {
      const { secret } = await kept();
      expect(await deliver(...forge(secret))).toBe(400);
      const lines = await readFile(join(f.options.dataDir, 'sample-shop.notifications.jsonl'), 'utf8').catch(() => '');
      expect(lines).not.toContain('ntf_forged');
    });

    test('the same with Holdfast’s own signature is taken', async () => {
      const { secret } = await kept();
      expect(await deliver(body, signed(secret))).toBe(204);
      expect(await deliver(body, signed(secret))).toBe(204);
    });
  });

  describe('a shop that starts again', () => {
    const restart = async () => {
      const port = Number(new URL(f.shop.url).port);
      await f.shop.close();
      f.shop = await openShop({ ...f.options, port });
    };

    test('goes on with its endpoint, its secret and what it was told', async () => {
      const order = await paidOrder();
      const before = { told: await told(order), kept: await kept(), endpoints: await endpoints() };
      await restart();
      const other = await paidOrder();
      expect(await told(other)).toContain('order.paid');
      expect({ told: await told(order), kept: await kept(), endpoints: await endpoints() }).toEqual(before);
      expect(before.endpoints).toHaveLength(1);
      expect((await stat(file())).mode & 0o077).toBe(0);
    });

    test('without its secret: one new endpoint stands for the old one', async () => {
      const before = await kept();
      await rm(file());
      await restart();
      const now = await kept();
      expect(now.endpointId).not.toBe(before.endpointId);
      expect((await endpoints()).map(({ endpointId }) => endpointId)).toEqual([now.endpointId]);
      expect(await told(await paidOrder())).toContain('order.paid');
    });

    test('before Holdfast does: it registers as soon as it can', async () => {
      const gate = await Gate.before(f.holdfast.api.url);
      gate.refuse('cut');
      const dataDir = join(f.options.dataDir, 'early');
      const early = await openShop({ ...f.options, holdfastUrl: gate.url, dataDir });
      try {
        await eventually(
          () => Promise.resolve(gate.refused),
          (refused) => refused > 0,
        );
        gate.open();
        const url = `${early.url}/holdfast/notifications`;
        await eventually(endpoints, (all) => all.some((one) => one.url === url));
      } finally {
        await early.close();
        gate.close();
      }
    });
  });
});
