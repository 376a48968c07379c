import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, ApiClient } from '../support/api-client.js';
import { Holdfast } from '../support/holdfast.js';
import { CHECKOUT, secretOf } from '../support/payment-steps.js';
import { routesOf } from '../support/routes.js';
import { WatchedStatements } from '../support/watched-statements.js';

/** Somebody with an account, an order in Payment and a saved card. */
interface Owner {
  readonly partnerId: string;
  readonly accountId: string;
  readonly key: ApiClient;
  readonly token: ApiClient;
}

interface Route {
  readonly method: string;
  readonly path: string;
  /** The names in its address, from left to right. */
  readonly parameters: readonly string[];
}

/** What no id looks like, as it stands in an address. */
const STRANGE = [
  ...[
    '%00',
    'a%00b',
    '..%2F..',
    '%2F',
    'a%2Fb%2Fc',
    '%5C..',
    '%0D%0AX-Injected:%20yes',
    '%09',
    '%20',
    '%25',
    '%25%30%30',
  ],
  ...['%F0%9F%98%80', '%E2%82%AC', '%EF%BF%BD', "'--", '%22', '%3Cscript%3E', '*', '-1', '0', 'null', 'undefined'],
  ...['__proto__', 'constructor', '%7B%7D', '1e308', 'x'.repeat(300), 'x'.repeat(5000), '%E2%82%AC'.repeat(1500)],
];

let holdfast: Holdfast;
let statements: WatchedStatements;
let mine: Owner;
let sibling: Owner;
let stranger: Owner;

beforeAll(async () => {
  statements = new WatchedStatements();
  // Without a worker nothing else speaks to the database.
  holdfast = await Holdfast.start({ worker: false, environment: { OPERATOR_KEY: 'operator-of-this-test' } });
  const other = await holdfast.createPartner();
  mine = await owner('par_demo', holdfast.api);
  sibling = await owner('par_demo', holdfast.api);
  stranger = await owner(other.partnerId, holdfast.api.as(other.key));
});
afterAll(async () => {
  statements.end();
  await holdfast.stop();
});

async function owner(partnerId: string, key: ApiClient): Promise<Owner> {
  const accountId = await key.createAccount(`of-${partnerId}-${Math.random()}`);
  const token = key.as((await key.post(`/v1/accounts/${accountId}/tokens`, {})).body.token as string);
  // So that there are notifications; without a worker nobody sends them.
  await key.post('/v1/notification-endpoints', { url: 'http://127.0.0.1:9/' });
  const paid = await key.placeOrder({ accountId });
  await holdfast.controls.confirm(secretOf(await key.init(paid, { savePaymentMethod: true })));
  await key.orderIn(paid, 'Paid');
  await key.init(await key.placeOrder({ accountId }));
  return { partnerId, accountId, key, token };
}

/** Every route about something that somebody owns, from the server's own list. */
function routesWithIds(): Route[] {
  return routesOf(holdfast.app)
    .filter((route) => route.includes(':') && !/ \/(v1\/operator|console)\//.test(route))
    .map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path, parameters: [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '') };
    });
}

/** An id that exists and is the owner's: read from the list above it, which is filled by the document's own example. */
async function idOf(owner: Owner, parameter: string, collection: string): Promise<string> {
  if (parameter === 'accountId') return owner.accountId;
  if (parameter === 'orderItemNumber') return `${collection.split('/')[3]}-1`;
  const found = (await firstId(owner.token, collection)) ?? (await firstId(owner.key, collection));
  if (found !== undefined) return found;
  const document = (await holdfast.api.get('/openapi.json')).body;
  const { examples } = document.paths[collection].post.requestBody.content['application/json'];
  await owner.key.post(collection, (Object.values(examples as object) as { value: object }[])[0]?.value);
  const made = await firstId(owner.key, collection);
  if (made === undefined) throw new Error(`make one at ${collection} here, so that :${parameter} can be tried`);
  return made;
}

async function firstId(api: ApiClient, collection: string): Promise<string | undefined> {
  const { status, body } = await api.get(collection);
  const [first] = status === 200 ? (body.data as Record<string, string>[]) : [];
  return first && Object.values(first)[0];
}

/** The parts of the address of something that exists and is the owner's. */
async function addressOf(route: Route, owner: Owner): Promise<string[]> {
  const parts: string[] = [];
  for (const part of route.path.split('/')) {
    parts.push(part.startsWith(':') ? await idOf(owner, part.slice(1), parts.join('/')) : part);
  }
  return parts;
}

/** An id of the same kind that nobody has. */
const unknownLike = (id: string) => `${id.slice(0, -4)}${id.endsWith('9999') ? '8888' : '9999'}`;

/** What a caller can tell answers apart by; the request's id is the request's own. */
function seen(answer: Answer): unknown {
  const headers = [...answer.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return { status: answer.status, body: { ...(answer.body as object), requestId: '' }, headers };
}

/** Another's id, one nobody has, and what is no id at all, in place of one parameter; what stands before it is the caller's. */
async function idsInPlace(route: Route, position: number, caller: Owner, from: Owner): Promise<string[]> {
  const at = route.path.split('/').indexOf(`:${route.parameters[position]}`);
  const theirs = await addressOf(route, from);
  const before = position === 0 ? [] : (await addressOf(route, caller)).slice(0, at);
  const parts = [...before, ...theirs.slice(before.length)];
  const foreign = theirs[at] ?? '';
  const ids = [unknownLike(foreign), foreign, foreign.toUpperCase(), `${foreign}%20`, `${foreign}%00`, ...STRANGE];
  return ids.map((id) => parts.with(at, id).join('/'));
}

/** With every route and forty ids each: some thousand calls. */
const cases = () =>
  [
    { who: 'a partner, and another partner’s', as: mine.key, caller: mine, from: stranger },
    { who: 'another partner, and ours', as: stranger.key, caller: stranger, from: mine },
    { who: 'an account, and its neighbour’s', as: mine.token, caller: mine, from: sibling },
    { who: 'an account, and another partner’s', as: mine.token, caller: mine, from: stranger },
  ] as const;

describe('every route with an id in its address', () => {
  it('is known here, and there are no others but the operator’s', () => {
    const routes = routesWithIds();
    expect(routes.length).toBeGreaterThan(13);
    expect(routes.filter(({ path }) => !path.startsWith('/v1/'))).toEqual([]);
  });

  it('answers one 404 to another’s id, an unknown and a malformed one: one query with the owner in its WHERE, nothing at Stripe (S55)', async () => {
    const tries: { one: ReturnType<typeof cases>[number]; route: Route; paths: string[] }[] = [];
    for (const one of cases()) {
      for (const route of routesWithIds()) {
        tries.push({ one, route, paths: await idsInPlace(route, 0, one.caller, one.from) });
      }
    }
    const before = await holdfast.controls.requests();
    for (const { one, route, paths } of tries) {
      const { who, as, caller } = one;
      const isToken = as === caller.token;
      const answers = new Set<string>();
      for (const path of paths) {
        const name = `${who}: ${route.method} ${path.slice(0, 200)}`;
        const { result, statements: sent } = await statements.of(() => attempt(as, route.method, path));
        expect([404, ...(isToken ? [403] : [])]).toContain(result.status);
        answers.add(JSON.stringify(seen(result)));
        expect([name, answers.size]).toEqual([name, 1]);
        // An account token where only a partner may call is refused before anything is looked up.
        if (result.status === 403) expect(sent).toEqual([]);
        else expectOwnersQuery(name, sent, isToken ? [caller.partnerId, caller.accountId] : [caller.partnerId]);
      }
    }
    expect((await holdfast.controls.requests()).slice(before.length)).toEqual([]);
  });

  it('below a thing of the caller’s own: one 404, and nothing is written at Stripe', async () => {
    const writes = await holdfast.controls.writes();
    for (const { who, as, caller, from } of cases()) {
      for (const route of routesWithIds().filter(({ parameters }) => parameters.length > 1)) {
        for (let position = 1; position < route.parameters.length; position++) {
          const answers = new Set<string>();
          for (const path of await idsInPlace(route, position, caller, from)) {
            const { body, ...rest } = await attempt(as, route.method, path);
            const name = `${who}: ${route.method} ${path.slice(0, 200)}`;
            expect([404, ...(as === caller.token ? [403] : [])]).toContain(rest.status);
            answers.add(JSON.stringify(seen({ ...rest, body })));
            expect([name, answers.size]).toEqual([name, 1]);
          }
        }
      }
    }
    expect(await holdfast.controls.writes()).toEqual(writes);
  });
});

describe('every route of the operator with an id in its address', () => {
  it('answers one 404 to an id that nobody has, whatever it looks like', async () => {
    const operator = holdfast.api.as('operator-of-this-test');
    const routes = routesOf(holdfast.app).filter((route) => / \/v1\/operator\/.*:/.test(route));
    expect(routes.length).toBeGreaterThan(2);
    for (const route of routes) {
      const answers = new Set<string>();
      for (const id of ['26-999999', ...STRANGE]) {
        const [method = '', path = ''] = route.split(' ');
        const answer = await attempt(operator, method, path.replace(/:\w+/, id));
        expect([route, id.slice(0, 50), answer.status]).toEqual([route, id.slice(0, 50), 404]);
        answers.add(JSON.stringify(seen(answer)));
      }
      expect([route, answers.size]).toEqual([route, 1]);
    }
  });
});

/** A body that cannot be read: ownership comes before it. */
function attempt(api: ApiClient, method: string, path: string): Promise<Answer> {
  return api.call(path, method === 'GET' || method === 'DELETE' ? { method } : { method, raw: '{' });
}

function expectOwnersQuery(
  name: string,
  sent: { text: string; values: readonly unknown[] }[],
  owners: readonly string[],
): void {
  expect([name, sent.length]).toEqual([name, 1]);
  const [query] = sent;
  expect(query?.text).toMatch(/WHERE.*"?partner_id"?\s*=/is);
  expect(query?.values).toEqual(expect.arrayContaining([...owners]));
}

describe('another’s id that is not in the address', () => {
  it('in a body is not there: the same 404 as an unknown one, by the same one query', async () => {
    const order = (accountId: string) => ({ accountId, currency: 'EUR', items: [] });
    const answers: unknown[] = [];
    for (const accountId of [unknownLike(stranger.accountId), stranger.accountId, '', 'x'.repeat(5000), '€']) {
      const { result, statements: sent } = await statements.of(() => mine.key.post('/v1/orders', order(accountId)));
      answers.push(seen(result));
      const queries = sent.filter(({ text }) => !/^(START|BEGIN|COMMIT|ROLLBACK|SET )/i.test(text));
      expectOwnersQuery(accountId, queries, [mine.partnerId]);
    }
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'account-not-found' } });
  });

  it('in a filter gives an empty list, as an unknown one does', async () => {
    const { paths } = (await holdfast.api.get('/openapi.json')).body;
    const filters = Object.entries(paths as Record<string, { get?: { parameters: { name: string; in: string }[] } }>)
      .filter(([path]) => path.startsWith('/v1/') && !path.includes('{'))
      .flatMap(([path, { get }]) => (get?.parameters ?? []).map(({ name }) => ({ path, name })))
      .filter(({ name }) => name === 'accountId' || name === 'orderNumber');
    expect(filters).toContainEqual({ path: '/v1/orders', name: 'accountId' });
    for (const { path, name } of filters) {
      const foreign = await idOf(stranger, name, `/v1/${name.replace(/(Id|Number)$/, 's')}`);
      for (const id of [foreign, unknownLike(foreign)]) {
        expect((await mine.key.get(`${path}?${name}=${id}`)).body).toEqual({ data: [], nextCursor: null });
      }
    }
  });

  it('shows in no list', async () => {
    const lists = routesOf(holdfast.app).filter((route) => /^GET \/v1\/(?!operator)[\w-]+$/.test(route));
    expect(lists).toEqual(expect.arrayContaining(['GET /v1/accounts', 'GET /v1/orders']));
    const own = [
      [mine.key, [stranger]],
      [mine.token, [stranger, sibling]],
      [stranger.key, [mine, sibling]],
    ] as const;
    for (const [api, others] of own) {
      for (const list of lists) {
        const { text } = await api.get(`${list.replace('GET ', '')}?limit=100`);
        for (const other of others) expect(text).not.toContain(other.accountId);
      }
    }
  });

  it('as a cursor opens nothing: a page begins where it says, and holds the caller’s own only', async () => {
    const [order] = (await stranger.key.get('/v1/orders?limit=1')).body.data as { orderNumber: string }[];
    const cursor = Buffer.from(`${Date.now() + 60_000}.${order?.orderNumber}`).toString('base64url');
    const { body } = await mine.token.get(`/v1/orders?cursor=${cursor}`);
    expect(new Set((body.data as { accountId: string }[]).map(({ accountId }) => accountId))).toEqual(
      new Set([mine.accountId]),
    );
  });

  it('is what “me” never is: nobody’s for a partner, its own for an account', async () => {
    expect((await mine.key.get('/v1/accounts/me')).status).toBe(404);
    expect((await mine.token.get('/v1/accounts/me')).body.accountId).toBe(mine.accountId);
  });
});

describe('another’s card (S55)', () => {
  const cardOf = async (one: Owner) =>
    ((await one.key.get(`/v1/accounts/${one.accountId}/payment-methods`)).body.data as { id: string }[])[0]?.id ?? '';

  it('known here costs no call at Stripe; one not known costs one read under the caller’s own customer; both are 404', async () => {
    const [foreign] = [await cardOf(stranger), await cardOf(mine)];
    const [{ customer } = { customer: '' }] = await holdfast.rows<{ customer: string }>(
      'SELECT stripe_customer_id AS customer FROM stripe_customers WHERE account_id = $1',
      [mine.accountId],
    );
    const uses: ((id: string) => Promise<Answer>)[] = [
      (id) => mine.token.delete(`/v1/accounts/me/payment-methods/${id}`),
      async (id) => mine.token.init(await mine.key.placeOrder({ accountId: mine.accountId }), { paymentMethodId: id }),
    ];
    for (const use of uses) {
      const calls = async (id: string) => {
        const before = (await holdfast.controls.requests()).length;
        const answer = await use(id);
        const made = (await holdfast.controls.requests()).slice(before);
        return { answer: seen(answer), made: made.map(({ method, path }) => `${method} ${path}`) };
      };
      const [known, unknown] = [await calls(foreign), await calls('pm_nobody')];
      expect(known.answer).toEqual(unknown.answer);
      expect(known.answer).toMatchObject({ status: 404, body: { code: 'payment-method-not-found' } });
      expect(known.made).toEqual([]);
      expect(unknown.made).toEqual([`GET /v1/customers/${customer}/payment_methods/pm_nobody`]);
    }
    // Attached to another customer at Stripe, and not known here: still asked for under the caller's own.
    await holdfast.rows('DELETE FROM payment_methods WHERE payment_method_id = $1', [foreign]);
    expect((await mine.token.delete(`/v1/accounts/me/payment-methods/${foreign}`)).status).toBe(404);
    expect(await holdfast.stripe.paymentMethods.retrieve(foreign)).toMatchObject({ customer: expect.any(String) });
  });

  it('is not used on the hosted page or on the client either', async () => {
    const foreign = await cardOf(sibling);
    const number = await mine.key.placeOrder({ accountId: mine.accountId });
    expect((await mine.token.init(number, { ...CHECKOUT, paymentMethodId: foreign })).status).toBe(400);
    const confirmed = await holdfast.controls.confirm(secretOf(await mine.token.init(number)), foreign);
    expect(confirmed.status).toBe(400);
    expect((await mine.key.order(number)).orderStatus).toBe('Payment');
  });
});
