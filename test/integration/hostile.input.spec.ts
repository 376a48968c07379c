import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { reserve } from '../support/payment-steps.js';
import { deliver, eventAbout } from '../support/signed-delivery.js';

const MEBIBYTE = 1024 * 1024;
const SECRET = 'whsec_holdfast_sandbox';
/** Inflated it would be a thousand times its size, and more than the process may have. */
const BOMB = gzipSync(Buffer.alloc(512 * MEBIBYTE, 0x20));

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

/** Sends parts as they are, one after the other, and reads until the other side closes. */
async function exchange(parts: readonly (string | Uint8Array)[], pauseMs = 0): Promise<string> {
  const socket = connect(holdfast.config.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  // Refused while we are still sending: what was answered before that counts.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) {
    if (!socket.writable) break;
    socket.write(part);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  await closed;
  return answer;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const head = (path: string, headers: readonly string[]) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: holdfast',
    'Connection: close',
    'Content-Type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n');
const bearer = 'Authorization: Bearer hf_test_demo';
const asChunk = (bytes: string) => `${Buffer.byteLength(bytes).toString(16)}\r\n${bytes}\r\n`;

/** An event that has an effect, and its signature. */
async function unheard(): Promise<{ number: string; payload: string; signature: string }> {
  await holdfast.controls.webhooks({ mode: 'hold' });
  const { number, intentId } = await reserve(holdfast, { accountId });
  const intent = await holdfast.stripe.paymentIntents.retrieve(intentId);
  const payload = JSON.stringify(eventAbout('payment_intent.amount_capturable_updated', intent));
  return { number, payload, signature: sign(payload) };
}
function sign(payload: string, secret = SECRET, timestamp = Math.floor(Date.now() / 1000)): string {
  return holdfast.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}
const storedEvents = async () => (await holdfast.rows('SELECT event_id FROM stripe_events')).length;
const statusIn = async (number: string) => (await holdfast.api.order(number)).orderStatus as string;

describe('Stripe’s webhook, and somebody on the way to it', () => {
  it('an event in pieces, chunked and slow, is the event', async () => {
    const { number, payload, signature } = await unheard();
    const pieces = payload.match(/[^]{1,400}/g) ?? [];
    const headers = ['Transfer-Encoding: chunked', `Stripe-Signature: ${signature}`];
    const answer = await exchange([head('/webhooks/stripe', headers), ...pieces.map(asChunk), '0\r\n\r\n'], 5);
    expect(statusOf(answer)).toBe(200);
    expect(await statusIn(number)).toBe('Paid');
  });

  it('one that is cut short, or has something behind it, is refused and nothing is stored', async () => {
    const { number, payload, signature } = await unheard();
    const before = await storedEvents();
    for (const sent of [
      payload.slice(0, -1),
      `${payload}\n`,
      `${payload}${payload}`,
      `\ufeff${payload}`,
      payload.replace('1250', '125'),
    ]) {
      expect(await deliver(holdfast, payload, { sent, signature })).toBe(400);
    }
    expect(await storedEvents()).toBe(before);
    expect(await statusIn(number)).toBe('Payment');
  });

  it('a signature by a secret that was revoked is refused, also among others; a valid one among others is taken', async () => {
    const { number, payload } = await unheard();
    const now = Math.floor(Date.now() / 1000);
    const v1 = (secret: string, timestamp = now) => /v1=(\w+)/.exec(sign(payload, secret, timestamp))?.[1] ?? '';
    const revoked = v1('whsec_revoked');
    for (const signature of [
      `t=${now},v1=${revoked}`,
      `t=${now},v1=${revoked},v1=${'0'.repeat(64)}`,
      `t=${now},v0=${v1(SECRET)},v1=${revoked}`,
      `t=${now + 1},v1=${v1(SECRET)}`,
      `t=${now},t=${now - 1},v1=${v1(SECRET)}`,
      `t=,v1=${v1(SECRET)}`,
      `v1=${v1(SECRET)}`,
      `t=${now},v1=${v1(SECRET).slice(0, -1)}`,
      `t=${now - 301},v1=${v1(SECRET, now - 301)}`,
      ...['t=NaN,v1=', 't=-1,v1=x', ',,,', '=', 'x'.repeat(8000)],
    ]) {
      expect([signature, await deliver(holdfast, payload, { signature })]).toEqual([signature, 400]);
    }
    expect(await statusIn(number)).toBe('Payment');
    expect(await deliver(holdfast, payload, { signature: `t=${now},v1=${revoked},v1=${v1(SECRET)}` })).toBe(200);
    expect(await statusIn(number)).toBe('Paid');
  });

  it('another content type is refused with 415, before the signature is looked at', async () => {
    const { payload, signature } = await unheard();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      const sent = { method: 'POST', raw: payload, credential: null };
      const headers = { 'Content-Type': type, 'Stripe-Signature': signature };
      expect((await holdfast.api.call('/webhooks/stripe', { ...sent, headers })).status).toBe(415);
    }
  });

  it('a signed body nested a hundred thousand deep is no fault of ours', async () => {
    for (const depth of [100, 100_000]) {
      const event = `{"id":"evt_deep_${depth}","object":"event","type":"x","livemode":false,"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
      expect([200, 400]).toContain(await deliver(holdfast, event));
    }
  });
});

describe.each([
  ['the webhook', '/webhooks/stripe', []],
  ['the API', '/v1/orders', [bearer]],
])('%s and bodies that are too much', (_, path, credential) => {
  it('10 MiB are refused with 413, told or not told beforehand', async () => {
    const told = await exchange([
      head(path, [...credential, `Content-Length: ${10 * MEBIBYTE}`]),
      Buffer.alloc(64 * 1024, 0x20),
    ]);
    expect(statusOf(told)).toBe(413);
    const chunk = asChunk(' '.repeat(64 * 1024));
    const untold = await exchange([
      head(path, [...credential, 'Transfer-Encoding: chunked']),
      ...Array<string>(160).fill(chunk),
      '0\r\n\r\n',
    ]);
    expect(statusOf(untold)).toBe(413);
  });

  it('a compressed one is refused and never inflated', async () => {
    expect(BOMB.length).toBeLessThan(MEBIBYTE);
    const small = Buffer.from('{}');
    const before = process.memoryUsage.rss();
    for (const [encoding, bytes] of [
      ['gzip', BOMB],
      ['gzip', gzipSync(small)],
      ['GZip', gzipSync(small)],
      ['br', brotliCompressSync(small)],
      ['deflate', deflateSync(small)],
      ['gzip, gzip', gzipSync(gzipSync(small))],
      // It says so, and is not.
      ['gzip', small],
    ] as const) {
      const headers = [...credential, `Content-Encoding: ${encoding}`, `Content-Length: ${bytes.length}`];
      const answer = await exchange([head(path, headers), bytes]);
      expect([encoding, statusOf(answer)]).toEqual([encoding, 415]);
      expect(answer).toContain('must not be compressed');
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * MEBIBYTE);
  });
});

describe('the protocol', () => {
  it('two lengths, a length and chunks, or a folded header are refused: no request hides in another', async () => {
    const hidden = 'GET /v1/accounts HTTP/1.1\r\nHost: holdfast\r\nAuthorization: Bearer hf_test_demo\r\n\r\n';
    for (const headers of [
      [bearer, 'Content-Length: 2', 'Transfer-Encoding: chunked'],
      [bearer, 'Content-Length: 2', `Content-Length: ${hidden.length}`],
      [bearer, 'Content-Length: 2, 3'],
      [bearer, 'Content-Length: -1'],
      [bearer, 'Transfer-Encoding: chunked, identity'],
      [bearer, 'Transfer-Encoding : chunked'],
      [bearer, 'X-Request-Id: a\r\n b: folded'],
      ['Authorization: Bearer hf_test_demo\nX-Injected: yes\rX-More: yes'],
    ]) {
      const answer = await exchange([head('/v1/orders', headers), `{}${hidden}`]);
      expect([headers, statusOf(answer)]).toEqual([headers, 400]);
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    }
  });

  it('a sender that never comes to its end is cut off', () => {
    const server = holdfast.app.getHttpServer();
    expect(server.requestTimeout).toBeGreaterThan(0);
    expect(server.requestTimeout).toBeLessThanOrEqual(30_000);
    expect(server.headersTimeout).toBeGreaterThan(0);
  });
});

describe('line breaks and control characters in what is sent', () => {
  it('reach no header of an answer', async () => {
    for (const id of ['a%0d%0aX-Injected:%20yes', '%E5%98%8A%E5%98%8DX-Injected:%20yes']) {
      for (const path of [`/v1/orders/${id}`, `/${id}`, `/v1/orders?cursor=${id}`]) {
        const { headers } = await holdfast.api.get(path);
        expect([...headers.keys()].filter((name) => name.includes('injected'))).toEqual([]);
      }
    }
    // What a header may hold, and what an answer must not repeat.
    const answer = await exchange([head('/v1/orders', [bearer, 'X-Request-Id: a\tb', 'Content-Length: 2']), '{}']);
    expect(answer).toMatch(/\r\nx-request-id: req_\w{24}\r\n/i);
  });

  it('are refused in names, and stay what they are in metadata', async () => {
    const order = (members: object, item: object = {}) =>
      holdfast.api.post('/v1/orders', {
        ...{ accountId, currency: 'EUR', items: [{ sku: 'a', name: 'A', quantity: 1, unitAmount: 100, ...item }] },
        ...members,
      });
    for (const bad of ['a\r\nb', 'a\nb', 'a\rb', 'a\u0085b', 'a\u2028b', 'a\u0007b', '\u001b[31mred']) {
      const name = JSON.stringify(bad);
      expect([name, (await order({}, { name: bad })).status]).toEqual([name, 400]);
      expect([name, (await order({}, { sku: bad })).status]).toEqual([name, 400]);
      expect([name, (await order({ externalReference: bad })).status]).toEqual([name, 400]);
      expect([name, (await holdfast.api.post('/v1/accounts', { name: bad })).status]).toEqual([name, 400]);
      const kept = await order({ metadata: { [bad]: bad } });
      expect(kept.status).toBe(201);
      expect(kept.body.order.metadata).toEqual({ [bad]: bad });
    }
  });
});
