import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { NOTIFICATION_TYPES, TEST_TYPE } from '../../libs/notifications/notifications.catalogue.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-ports.js';
import { Holdfast } from '../support/holdfast.js';
import { toldOf, type NewEndpoint } from '../support/receiver.js';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDE = readFileSync(resolve(ROOT, 'docs/notifications.md'), 'utf8');

describe('docs/notifications.md', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start({ schedules: true });
  });
  afterAll(() => holdfast.stop());

  it('lists every type, and no other', () => {
    const listed = [...GUIDE.matchAll(/^\| `([\w.]+)`/gm)].map(([, type]) => type);
    expect(listed).toEqual([...NOTIFICATION_TYPES, TEST_TYPE]);
  });

  it('its receiver runs as it stands: it takes what is genuine, once, and refuses the rest', async () => {
    const [code = '', ...others] = [...GUIDE.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(others).toEqual([]);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/holdfast`;
    const created = await holdfast.api.post('/v1/notification-endpoints', { url, events: ['order.placed'] });
    const { endpointId, secret } = created.body as NewEndpoint;
    const receiver = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: ROOT,
      env: { HOLDFAST_SECRET: secret, PORT: String(port) },
    });
    let output = '';
    for (const stream of [receiver.stdout, receiver.stderr])
      stream.on('data', (text: Buffer) => (output += String(text)));
    try {
      const post = (headers: Record<string, string>, body: string) =>
        fetch(url, { method: 'POST', headers, body }).then(
          ({ status }) => status,
          () => 0,
        );
      await eventually(
        () => post({}, '{}'),
        (status) => status === 400,
      );
      const number = await holdfast.api.placeOrder();
      const line = `order.placed ${number} Placed\n`;
      await eventually(
        async () => output,
        (text) => text === line,
      );

      const body = JSON.stringify({
        type: 'order.paid',
        data: { orderNumber: number, order: { orderStatus: 'Paid' } },
      });
      const signed = (at: Date, key: string) => ({
        'webhook-id': 'ntf_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(key).sign('ntf_1', at, body),
      });
      const forged = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
      expect(await post(signed(new Date(), forged), body)).toBe(400);
      expect(await post(signed(new Date(Date.now() - 6 * 60_000), secret), body)).toBe(400);
      expect(await post(signed(new Date(), secret), `${body} `)).toBe(400);
      expect(await post(signed(new Date(), secret), body)).toBe(204);
      expect(await post(signed(new Date(), secret), body)).toBe(204);
      expect(output).toBe(`${line}order.paid ${number} Paid\n`);

      const asked = await holdfast.api.post(`/v1/notification-endpoints/${endpointId}/test`, {});
      const { notificationId } = asked.body as { notificationId: string };
      const [told] = await eventually(
        async () =>
          (await toldOf(holdfast.api, `endpointId=${endpointId}`)).filter(
            (one) => one.notificationId === notificationId,
          ),
        ([one]) => (one?.attempts.length ?? 0) > 0,
      );
      expect(told).toMatchObject({ type: TEST_TYPE, status: 'Delivered', attempts: [{ statusCode: 204 }] });
    } finally {
      receiver.kill();
      await once(receiver, 'exit');
    }
  });
});
