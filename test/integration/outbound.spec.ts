import 'reflect-metadata';
import { get, setGlobalProxyFromEnv, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDataSource, Database, type Mode } from '#platform';
import { Outbound, OutboundFailed, type Resolve } from '#outbound';
import { certificateFor } from '../support/certificate.js';
import { createTestDatabase } from '../support/database.js';
import { close, listen, textOf } from '../support/listener.js';
import { patience } from '../support/patience.js';

const PUBLIC = '93.184.215.14';
const OUTSIDE = { assertOutsideTransaction: () => undefined };
const REQUEST = { body: '{"n":1}', headers: { 'content-type': 'application/json' } };

/** A resolver that gives one answer after the other, and the names that it was asked for. */
function answering(...answers: string[][]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve = (name: string) => Promise.resolve(answers[asked.push(name) - 1] ?? answers.at(-1) ?? []);
  return { resolve, asked };
}

const client = (mode: Mode, resolve?: Resolve, callTimeoutMs = patience(5000)) =>
  new Outbound({ mode, callTimeoutMs }, OUTSIDE, resolve);

/** The reason why there is no answer. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    (answer) => answer,
    (reason: unknown) => reason,
  );
  if (error instanceof OutboundFailed) return error.message;
  throw new Error(`this was answered: ${JSON.stringify(error)}`);
}

describe('calls to addresses that partners gave', () => {
  const open: (Server | TlsServer)[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(close));
  });

  async function server(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
    const listening = await listen(answer);
    open.push(listening.server);
    return listening.port;
  }

  it('posts body and headers, and gives back status and body', async () => {
    const seen: unknown[] = [];
    const port = await server((request, response) => {
      void textOf(request).then((body) => {
        seen.push([request.method, request.url, request.headers['x-own'], request.headers['content-length'], body]);
        response.writeHead(418).end('short and stout');
      });
    });
    const headers = { ...REQUEST.headers, 'x-own': 'yes' };
    const answer = await client('sandbox').post(`http://localhost:${port}/in?a=b`, { ...REQUEST, headers });
    expect(answer).toEqual({ status: 418, body: 'short and stout' });
    expect(seen).toEqual([['POST', '/in?a=b', 'yes', '7', '{"n":1}']]);
  });

  describe('server-side requests to private addresses', () => {
    const inward = [
      ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '127.0.0.1.', '0', '0.0.0.0'],
      ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255'],
      ...['169.254.169.254', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '224.0.0.1', '239.255.255.255'],
      ...['255.255.255.255', '192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1'],
      ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]'],
      ...['[::ffff:127.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:7f00:1]', '[::ffff:93.184.215.14]', '[::127.0.0.1]'],
      ...['[64:ff9b::7f00:1]', '[64:ff9b::10.0.0.1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:a00:1::1]'],
      ...['[2001::1]', '[2001:db8::1]', '[3fff::1]', '[100::1]', '[5f00::1]', '[4000::1]'],
    ];

    it.each(inward)('outside sandbox mode: %s is refused in whatever form it is written', async (host) => {
      expect(await refusal(client('live').post(`https://${host}/`, REQUEST))).toBe('the address is not public');
      expect(await refusal(client('test').post(`https://${host}:8443/`, REQUEST))).toBe('the address is not public');
    });

    it.each(['localhost', 'localhost.', 'LOCALHOST', 'ⓛocalhost'])(
      'outside sandbox mode: the name %s is refused for where it leads to',
      async (name) => {
        expect(await refusal(client('live').post(`https://${name}/`, REQUEST))).toBe('the address is not public');
      },
    );

    it('a name with a trailing dot, and one that leads to one public and one private address, are refused', async () => {
      const both = answering([PUBLIC, '10.0.0.1']);
      expect(await refusal(client('live', both.resolve).post('https://mixed.example/', REQUEST))).toBe(
        'the address is not public',
      );
      const dotted = answering(['2606:2800:21f::1', '::ffff:10.0.0.1']);
      expect(await refusal(client('live', dotted.resolve).post('https://mixed.example./', REQUEST))).toBe(
        'the address is not public',
      );
      expect([both.asked, dotted.asked]).toEqual([['mixed.example'], ['mixed.example.']]);
    });

    it('by DNS that changes: public when it is checked and private when it is connected to, the call goes to what was checked', async () => {
      let reached = 0;
      const port = await server((_request, response) => {
        reached++;
        response.end();
      });
      const rebinding = answering([PUBLIC], ['127.0.0.1']);
      const call = client('live', rebinding.resolve, 700).post(`https://rebind.example:${port}/`, REQUEST);
      // No public address is reached from here or there: whichever way it fails, it was not the server on this machine.
      expect(await refusal(call)).toMatch(/^no (answer within 0.7 s|connection)/);
      expect([rebinding.asked, reached]).toEqual([['rebind.example'], 0]);
      // The second answer is what a client that resolves again would have connected to.
      expect(await rebinding.resolve('rebind.example')).toEqual(['127.0.0.1']);
    });

    it('by DNS that changes: the connection is made to the pinned address, under the name that was given', async () => {
      const hosts: unknown[] = [];
      const port = await server((request, response) => response.end(String(hosts.push(request.headers.host))));
      // Nothing listens on the second: a client that asked again would find nobody.
      const { resolve, asked } = answering(['127.0.0.1'], ['127.0.0.99']);
      const outbound = client('sandbox', resolve);
      expect(await outbound.post(`http://supplier.invalid:${port}/`, REQUEST)).toEqual({ status: 200, body: '1' });
      expect([hosts, asked]).toEqual([[`supplier.invalid:${port}`], ['supplier.invalid']]);
      expect(await refusal(outbound.post(`http://supplier.invalid:${port}/`, REQUEST))).toMatch(/^no connection/);
    });

    it.each([301, 302, 303, 307, 308])(
      'by redirect: a %i to another address is an answer and is not followed',
      async (status) => {
        let inwardCalls = 0;
        const target = await server((_request, response) => {
          inwardCalls++;
          response.end();
        });
        const port = await server((_request, response) => {
          response.writeHead(status, { location: `http://127.0.0.1:${target}/admin` }).end('elsewhere');
        });
        const answer = await client('sandbox').post(`http://127.0.0.1:${port}/`, REQUEST);
        expect([answer, inwardCalls]).toEqual([{ status, body: 'elsewhere' }, 0]);
      },
    );

    it('in sandbox mode loopback and private addresses are allowed, and link-local, multicast and mapped ones are not', async () => {
      const port = await server((_request, response) => response.end('own'));
      expect((await client('sandbox').post(`http://2130706433:${port}/`, REQUEST)).body).toBe('own');
      const never = ['169.254.169.254', '0.0.0.0', '224.0.0.1', '[::ffff:127.0.0.1]', '[fe80::1]', '[64:ff9b::7f00:1]'];
      for (const host of never) {
        const answer = await refusal(client('sandbox').post(`http://${host}:${port}/`, REQUEST));
        expect([host, answer]).toEqual([host, 'the address is not public']);
      }
    });
  });

  it.each([
    ['http://supplier.example/', 'live', 'the address is not https'],
    ['http://supplier.example/', 'test', 'the address is not https'],
    ['https://user:secret@supplier.example/', 'live', 'the address holds credentials'],
    ['https://user@supplier.example/', 'sandbox', 'the address holds credentials'],
    ['ftp://supplier.example/', 'sandbox', 'the address is not an http address'],
    ['file:///etc/passwd', 'sandbox', 'the address is not an http address'],
    ['https://[fe80::1%25eth0]/', 'live', 'the address is not an http address'],
    ['not an address', 'sandbox', 'the address is not an http address'],
  ] as const)('%s in %s mode: %s, before anything is resolved', async (url, mode, reason) => {
    const { resolve, asked } = answering([PUBLIC]);
    expect(await refusal(client(mode, resolve).post(url, REQUEST))).toBe(reason);
    expect(asked).toEqual([]);
  });

  it('a name that leads nowhere, or to nothing, is a failure with a reason', async () => {
    expect(await refusal(client('live').post('https://supplier.invalid/', REQUEST))).toBe(
      'the name could not be resolved',
    );
    expect(await refusal(client('live', answering([]).resolve).post('https://a.example/', REQUEST))).toBe(
      'the name could not be resolved',
    );
  });

  describe('what a stranger’s server may do to us', () => {
    /** A timer that is set at the same moment: on a machine that stands still both stand still. */
    const timed = (call: Promise<unknown>): Promise<string> =>
      Promise.race([refusal(call), sleep(1500, 'took too long', { ref: false })]);

    it('never answering, an answer that drips for ever, headers that drip, and a name that is never resolved end in time', async () => {
      const drips: NodeJS.Timeout[] = [];
      const silent = await server(() => undefined);
      const dripping = await server((_request, response) => {
        response.writeHead(200);
        drips.push(setInterval(() => response.write('x'), 20));
      });
      const sockets = new Set<Socket>();
      const raw = createTcpServer((socket) => {
        sockets.add(socket.on('error', () => undefined));
        socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
        drips.push(setInterval(() => socket.write('y'), 20));
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => raw.once('listening', resolve));
      try {
        const { port } = raw.address() as AddressInfo;
        const late = 'no answer within 0.3 s';
        for (const target of [silent, dripping, port]) {
          expect(await timed(client('sandbox', undefined, 300).post(`http://127.0.0.1:${target}/`, REQUEST))).toBe(
            late,
          );
        }
        const never: Resolve = () => new Promise(() => undefined);
        expect(await timed(client('live', never, 300).post('https://a.example/', REQUEST))).toBe(late);
      } finally {
        drips.forEach(clearInterval);
        sockets.forEach((socket) => socket.destroy());
        await new Promise((resolve) => raw.close(resolve));
      }
    });

    it('a huge answer is cut at 64 KiB, and its connection is ended', async () => {
      let sent = 0;
      const ended = new Promise((resolve) => {
        void server((_request, response) => {
          const block = Buffer.alloc(64 * 1024, 'z');
          const more = (): void => {
            while (!response.destroyed && response.write(block)) sent += block.length;
          };
          response.on('drain', more).on('close', resolve);
          more();
        }).then(async (port) => {
          const { body } = await client('sandbox').post(`http://127.0.0.1:${port}/`, REQUEST);
          expect([body.length, new Set(body)]).toEqual([65_536, new Set('z')]);
        });
      });
      await ended;
      expect(sent).toBeLessThan(32 * 1024 * 1024);
    });

    it('huge headers, no HTTP at all, a connection that is cut, and a switch of protocols are failures', async () => {
      const replies = [
        `HTTP/1.1 200 OK\r\nx-huge: ${'h'.repeat(100_000)}\r\n\r\n`,
        'SSH-2.0-OpenSSH_9.9\r\n',
        '',
        'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly a part',
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n',
      ];
      for (const reply of replies) {
        const raw = createTcpServer((socket) => {
          socket.on('error', () => undefined);
          socket.once('data', () => socket.end(reply));
        }).listen(0, '127.0.0.1');
        await new Promise((resolve) => raw.once('listening', resolve));
        const { port } = raw.address() as AddressInfo;
        const reason = await refusal(client('sandbox').post(`http://127.0.0.1:${port}/`, REQUEST));
        expect([reply.slice(0, 40), reason]).toEqual([
          reply.slice(0, 40),
          expect.stringMatching(/^(no|the) connection/),
        ]);
        await new Promise((resolve) => raw.close(resolve));
      }
    });

    it('two calls share no connection', async () => {
      const ports = new Set<number | undefined>();
      const port = await server((request, response) => {
        ports.add(request.socket.remotePort);
        response.setHeader('connection', 'keep-alive').end();
      });
      const outbound = client('sandbox');
      await outbound.post(`http://127.0.0.1:${port}/`, REQUEST);
      await outbound.post(`http://127.0.0.1:${port}/`, REQUEST);
      expect(ports.size).toBe(2);
    });
  });

  describe('over TLS', () => {
    async function tlsServer(name: string): Promise<{ port: number; cert: string }> {
      const { key, cert } = certificateFor(name);
      const secure = createTlsServer({ key, cert }, (_request, response) => response.end('safe')).listen(
        0,
        '127.0.0.1',
      );
      open.push(secure);
      await new Promise((resolve) => secure.once('listening', resolve));
      return { port: (secure.address() as AddressInfo).port, cert };
    }
    const post = (name: string, port: number) =>
      client('sandbox', answering(['127.0.0.1']).resolve).post(`https://${name}:${port}/`, REQUEST);

    it('a certificate that nobody vouches for is refused', async () => {
      const { port } = await tlsServer('supplier.example');
      expect(await refusal(post('supplier.example', port))).toMatch(/CERT/);
    });

    it('a trusted certificate is good for its own name alone, though the address is pinned', async () => {
      const { port, cert } = await tlsServer('supplier.example');
      const trusted = getCACertificates('default');
      setDefaultCACertificates([...trusted, cert]);
      try {
        expect(await post('supplier.example', port)).toEqual({ status: 200, body: 'safe' });
        expect(await refusal(post('other.example', port))).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
      } finally {
        setDefaultCACertificates(trusted);
      }
    });
  });

  it('no proxy of the environment is used', async () => {
    let proxied = 0;
    const proxy = await server((_request, response) => {
      proxied++;
      response.end('from the proxy');
    });
    const port = await server((_request, response) => response.end('direct'));
    const restore = setGlobalProxyFromEnv({ http_proxy: `http://127.0.0.1:${proxy}` });
    try {
      // The proxy is in force: what uses the environment's goes through it.
      const unaware = await new Promise<IncomingMessage>((done) => get(`http://127.0.0.1:${port}/`, done));
      expect(await textOf(unaware)).toBe('from the proxy');
      expect((await client('sandbox').post(`http://127.0.0.1:${port}/`, REQUEST)).body).toBe('direct');
    } finally {
      restore();
    }
    expect(proxied).toBe(1);
  });

  it('a call inside a database transaction throws before anything is resolved', async () => {
    const { resolve, asked } = answering([PUBLIC]);
    const { url, drop } = await createTestDatabase();
    const dataSource = createDataSource({ database: { url, embeddedPort: undefined } });
    await dataSource.initialize();
    const database = new Database(dataSource);
    try {
      const outbound = new Outbound({ mode: 'live', callTimeoutMs: patience(5000) }, database, resolve);
      const inside = database.transaction(() => outbound.post('https://a.example/', REQUEST));
      await expect(inside).rejects.toThrow('a call to a partner inside a transaction');
    } finally {
      await dataSource.destroy();
      await drop();
    }
    expect(asked).toEqual([]);
  });
});
