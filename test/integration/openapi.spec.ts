import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writtenApi } from '../../apps/api/openapi.js';
import { Holdfast } from '../support/holdfast.js';
import { routesOf } from '../support/routes.js';

const COMMITTED = join(resolve(import.meta.dirname, '../..'), 'openapi.json');
/** Everything that answers without a credential. */
const PUBLIC = [
  'GET /',
  'GET /docs',
  'GET /health/live',
  'GET /health/ready',
  'GET /openapi.json',
  'POST /webhooks/stripe',
];

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Record<string, { summary?: string; value: unknown }>;
}
interface Operation {
  readonly summary?: string;
  readonly tags?: string[];
  readonly security?: object[];
  readonly parameters: { name: string; in: string }[];
  readonly requestBody?: { content: Record<string, Media> };
  readonly responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
}

let holdfast: Holdfast;
let document: Document;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false, environment: { OPERATOR_KEY: 'operator-of-this-test' } });
  document = (await holdfast.api.get('/openapi.json')).body as Document;
});
afterAll(() => holdfast.stop());

const routes = () => routesOf(holdfast.app);

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );

describe('openapi.json', () => {
  it('is committed as the code says it', async () => {
    const written = await writtenApi();
    if (readFileSync(COMMITTED, 'utf8') !== written) {
      throw new Error('openapi.json is not what the code says: run `npm run openapi` and commit it');
    }
  });

  it('is what the service serves', async () => {
    expect(JSON.parse(await writtenApi())).toEqual(document);
  });

  it('describes every route, but for Stripe’s webhook, the operator’s and itself', () => {
    const described = operations().map(({ name }) => name.replace(/\{(\w+)\}/g, ':$1'));
    const known = routes();
    const hidden = known.filter((route) => !described.includes(route)).sort();
    const operators = hidden.filter((route) => /^\w+ \/(?:metrics|console|v1\/operator\/)/.test(route));
    expect(operators.length).toBeGreaterThan(0);
    expect(hidden.filter((route) => !operators.includes(route))).toEqual([
      'GET /',
      'GET /docs',
      'GET /openapi.json',
      'POST /webhooks/stripe',
    ]);
    expect(described.filter((route) => !known.includes(route))).toEqual([]);
  });

  it('gives every operation a summary and a tag, every body an example, every answer its schema', () => {
    expect(operations().length).toBeGreaterThan(15);
    const gaps = operations().flatMap(({ name, operation }) => [
      ...(operation.summary ? [] : [`${name}: no summary`]),
      ...(operation.tags?.length === 1 ? [] : [`${name}: not one tag`]),
      ...Object.entries(operation.requestBody?.content ?? {}).flatMap(([, { schema, examples }]) =>
        schema && Object.values(examples ?? {}).some(({ summary }) => summary)
          ? []
          : [`${name}: no example of its body`],
      ),
      ...Object.entries(operation.responses).flatMap(([status, { description, content }]) => {
        const hasSchema = Object.values(content ?? {}).some(({ schema }) => schema);
        return description && (hasSchema || status === '204') ? [] : [`${name}: ${status} is not described`];
      }),
    ]);
    expect(gaps).toEqual([]);
  });

  it('names for every operation the answers that its kind can give', () => {
    const gaps = operations().flatMap(({ name, operation }) => {
      const isOpen = operation.security === undefined;
      const expected = [
        '500',
        ...(isOpen ? [] : ['400', '401', '429']),
        ...(name.includes('{') ? ['404'] : []),
        ...(operation.requestBody ? ['400'] : []),
        // Whoever may send a body may send one that is too large, or of another type.
        ...(name.startsWith('GET') ? [] : ['413', '415']),
        ...(name.startsWith('POST') ? ['409', '422'] : []),
      ];
      return expected.filter((status) => !(status in operation.responses)).map((status) => `${name}: ${status}`);
    });
    expect(gaps).toEqual([]);
  });

  it('shows the query of lists, and the Idempotency-Key of every POST', () => {
    const namesOf = (path: string, method: string) =>
      document.paths[path]?.[method]?.parameters.map(({ name }) => name);
    expect(namesOf('/v1/orders', 'get')).toEqual(['limit', 'cursor', 'accountId', 'orderStatus', 'externalReference']);
    expect(namesOf('/v1/accounts', 'get')).toEqual(['limit', 'cursor']);
    for (const { name, operation } of operations().filter((one) => one.name.startsWith('POST'))) {
      expect([name, operation.parameters.map((parameter) => parameter.name)]).toEqual([
        name,
        expect.arrayContaining(['Idempotency-Key']),
      ]);
    }
  });

  it('does not know the webhook', () => {
    expect(JSON.stringify(document)).not.toContain('/webhooks/stripe');
  });
});

describe('every route', () => {
  it('asks for a credential, but for the public ones', async () => {
    const open: string[] = [];
    for (const route of routes()) {
      const [method = '', path = ''] = route.split(' ');
      const address = path.replace(/:\w+/g, 'x');
      const answer = await holdfast.api.call(address, { method, credential: null });
      if (answer.status === 401) expect(answer.body).toMatchObject({ code: 'credential-not-valid' });
      else open.push(route);
    }
    expect(open.sort()).toEqual(PUBLIC);
  });

  it('of the operator asks for the operator’s key, and takes it', async () => {
    const operators = routes().filter((route) => /^GET \/(?:metrics|console$|v1\/operator\/[\w-]+$)/.test(route));
    expect(operators).toContain('GET /metrics');
    for (const route of operators) {
      const path = route.replace('GET ', '');
      expect(await holdfast.api.get(path)).toMatchObject({ status: 401, body: { code: 'credential-not-valid' } });
      expect((await holdfast.api.as('operator-of-this-test').get(path)).status).toBe(200);
    }
  });
});
