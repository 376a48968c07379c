import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playDemo } from '../../apps/demo/demo.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';

async function play(api: string, sandbox: string): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await playDemo({ api, sandbox }, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

describe('npm run demo', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  it('plays both procedures, a partial delivery, none, a flaky one and a free order, and its numbers are the ledger’s', async () => {
    const { code, text } = await impatiently(holdfast, play(holdfast.api.url, holdfast.sandbox.url));

    expect(text).toContain('every amount agrees with the sandbox’s ledger');
    expect(code).toBe(0);
    // order, status, total, reserved, captured, released
    expect(summaryRows(text)).toEqual([
      ['Fulfilled', '25.00', '0.00', '25.00', '0.00'],
      ['PartiallyFulfilled', '34.00', '0.00', '25.00', '9.00'],
      ['FulfillmentError', '9.00', '0.00', '0.00', '9.00'],
      ['Fulfilled', '15.00', '0.00', '15.00', '0.00'],
      ['Fulfilled', '0.00', '0.00', '0.00', '0.00'],
    ]);
    // The money of the second story on its way: reserved, then captured in part and released in part.
    expect(text).toMatch(/payment: Authorized +34\.00 +0\.00 +0\.00 {2}\[={20}\]/);
    expect(text).toMatch(/payment: PartiallyCaptured +0\.00 +25\.00 +9\.00 {2}\[#{15}\.{5}\]/);
  });

  it('fails when the ledger has other numbers', async () => {
    const liar = await startLiar(holdfast.sandbox.url);
    try {
      const { code, text } = await impatiently(holdfast, play(holdfast.api.url, addressOf(liar)));
      expect(code).toBe(1);
      expect(text).toMatch(/DIFFERENT: \d\d-\d+: captured, against the ledger: 2500 and not 2501/);
    } finally {
      liar.close();
    }
  });

  it('says so when nothing answers', async () => {
    const gone = await startLiar('http://127.0.0.1:1');
    const address = addressOf(gone);
    await new Promise((resolve) => gone.close(resolve));

    const noService = await play(address, holdfast.sandbox.url);
    expect(noService).toEqual({ code: 1, text: expect.stringContaining(`Holdfast does not answer at ${address}`) });
    expect(noService.text).toContain('npm start');
    const noSandbox = await play(holdfast.api.url, address);
    expect(noSandbox).toEqual({ code: 1, text: expect.stringContaining(`The sandbox does not answer at ${address}`) });
  });
});

function summaryRows(text: string): string[][] {
  const [, summary = ''] = text.split('Summary');
  const rows = summary.split('\n').filter((line) => /^ {2}\d\d-\d{6,} /.test(line));
  return rows.map((line) => line.trim().split(/ +/).slice(1));
}

/** A sandbox that tells the truth about everything but what was received. */
async function startLiar(sandbox: string): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const isRead = request.method === 'GET';
      const answer = await fetch(`${sandbox}${request.url}`, {
        method: request.method ?? 'GET',
        headers: {
          ...(request.headers.authorization && { Authorization: request.headers.authorization }),
          ...(request.headers['content-type'] && { 'Content-Type': request.headers['content-type'] }),
        },
        ...(!isRead && { body: Buffer.concat(chunks) }),
      });
      const text = await answer.text();
      response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(
        request.url === '/_sandbox/ledger' ? text.replaceAll('"amount_received":2500', '"amount_received":2501') : text,
      );
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
