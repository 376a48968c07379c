import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Whom a stranger could know the server's software by. */
const BOASTS = ['server', 'x-powered-by', 'x-aspnet-version', 'via'];

let holdfast: Holdfast;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
});
afterAll(() => holdfast.stop());

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route that the router knows, the ones of Swagger UI included; parameters are filled in. */
function everyRoute(): Route[] {
  const router = holdfast.app.getHttpAdapter().getInstance() as unknown as {
    printRoutes(options: { commonPrefix: boolean }): string;
  };
  const parents: string[] = [];
  return router
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \((.+)\)$/.exec(line) ?? [];
      const depth = indent.length / 4;
      parents.splice(depth, parents.length, (parents[depth - 1] ?? '') + part);
      const path = parents[depth]!.replace(/:\w+/g, 'unknown').replace('*', 'swagger-ui.css');
      return part === '' ? [] : methods.split(', ').map((method) => ({ method, path }));
    });
}

async function rawExchange(request: string): Promise<{ status: number; headers: Headers; body: string }> {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(holdfast.config.port, '127.0.0.1', () => socket.end(request));
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]));
  return { status: Number(statusLine.split(' ')[1]), headers, body };
}

function expectSecure(headers: Headers, path: string): void {
  const isPage = /^\/(docs|console)(\/|$)/.test(path);
  const told = Object.fromEntries(headers);
  expect([path, told]).toEqual([
    path,
    expect.objectContaining({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-request-id': expect.stringMatching(/^req_\w+$/),
      'content-security-policy': isPage
        ? expect.stringMatching(/^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/)
        : NOTHING,
      ...(!/^\/docs/.test(path) && { 'cache-control': 'no-store' }),
    }),
  ]);
  expect([path, BOASTS.filter((name) => headers.has(name))]).toEqual([path, []]);
  expect([path, headers.has('access-control-allow-origin')]).toEqual([path, false]);
}

describe('the headers of an answer', () => {
  it('are there on every route, whoever calls it', async () => {
    const routes = everyRoute();
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    expect(known).toEqual(
      expect.arrayContaining([
        ...['GET /docs', 'GET /docs/swagger-ui.css', 'GET /openapi.json', 'GET /metrics', 'POST /webhooks/stripe'],
        ...['POST /v1/accounts/unknown/tokens', 'PUT /v1/orders/unknown/payment', 'DELETE /v1/orders/unknown'],
      ]),
    );
    const document = (await holdfast.api.get('/openapi.json')).body as { paths: Record<string, object> };
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, 'unknown')}`),
    );
    expect(documented.filter((route) => !known.includes(route))).toEqual([]);
    for (const { method, path } of routes) {
      for (const credential of ['hf_test_demo', null]) {
        const answer = await holdfast.api.call(path, { method, credential });
        // The bare address leads there.
        expectSecure(answer.headers, path === '/' ? '/docs' : path);
      }
    }
  });

  it('are there where no route answers', async () => {
    for (const [method, path] of [
      ['GET', '/docsx'],
      ['GET', '/v1/unknown'],
      ['OPTIONS', '/v1/orders'],
    ] as const) {
      const answer = await holdfast.api.call(path, { method });
      expect([path, answer.status]).toEqual([path, 404]);
      expectSecure(answer.headers, path);
    }
    const large = { method: 'POST', raw: 'x'.repeat(1024 * 1024 + 1) };
    const refused = [
      await holdfast.api.call('/v1/orders', large),
      await holdfast.api.call('/v1/orders', { method: 'POST', raw: '{}', headers: { 'Content-Type': 'text/plain' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([413, 415]);
    for (const { headers } of refused) expectSecure(headers, '/v1/orders');
  });

  it.each([
    ['an address that is none', 'GET http://[/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['an address that is no text', 'GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['a method that is none', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['TRACE', 'TRACE /v1/orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\n', 400],
    ['too large headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['no host in HTTP/1.0', 'GET /health/live HTTP/1.0\r\n\r\n', 200],
    ['an unknown expectation', 'GET /health/live HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n', 200],
  ])('are there for %s', async (_, request, status) => {
    const answer = await rawExchange(request);
    expect(answer.status).toBe(status);
    expectSecure(answer.headers, '/');
    if (status >= 400) expect(JSON.parse(answer.body)).toMatchObject({ status });
  });

  it('let Swagger UI load its own files and nothing else, and no page load the API’s answers', async () => {
    const { headers } = await holdfast.api.get('/docs');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    const console = await holdfast.api.get('/console/login');
    expect(console.headers.get('content-security-policy')).toMatch(/script-src 'self'; style-src 'self'; img-src/);
    expect(console.headers.get('cache-control')).toBe('no-store');
  });

  it('ask for https outside sandbox mode only', async () => {
    const name = 'strict-transport-security';
    expect((await holdfast.api.get('/health/live')).headers.has(name)).toBe(false);
    const environment = {
      ...{ STRIPE_SECRET_KEY: 'sk_test_headers', STRIPE_PUBLISHABLE_KEY: 'pk_test_headers' },
      ...{ STRIPE_WEBHOOK_SECRET: 'whsec_headers', OPERATOR_KEY: 'headers-operator' },
    };
    const other = await Holdfast.start({ worker: false, environment });
    try {
      for (const path of ['/health/live', '/docs', '/v1/orders', '/nowhere']) {
        const answer = await other.api.get(path);
        expect([path, answer.headers.get(name)]).toEqual([path, 'max-age=31536000']);
      }
    } finally {
      await other.stop();
    }
  });
});
