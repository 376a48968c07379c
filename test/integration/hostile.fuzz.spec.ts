import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HostileCalls, type ApiDocument, type HostileCall } from '../support/hostile-calls.js';
import { Holdfast } from '../support/holdfast.js';
import { patience } from '../support/patience.js';
import { CHECKOUT, reserveManual, secretOf } from '../support/payment-steps.js';

/**
 * A fixed modest number here; more by `FUZZ_RUNS=100000 npm test -- test/integration/hostile.fuzz`. A failure prints seed and
 * path; `FUZZ_SEED` and `FUZZ_PATH` send the same calls again.
 */
const RUNS = Number(process.env.FUZZ_RUNS ?? 1500);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Against a call that hangs. */
const CALL_MS = 2_000;
/** The longest that a timer of Node waits: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;
/** Longer than any wait of ours (10 s), and than a busy machine's pause. */
const ANSWER_MS = patience(20_000);

/** What is nobody's business outside: files, SQL, classes, libraries, stacks. */
const INTERNAL =
  /node_modules|\.[cm]?[jt]s\b|\bat \S+ \(|\/libs\/|\/dist\/|SELECT |INSERT INTO|UPDATE \w+ SET|violates|syntax error|relation "|column "|(?:Type|Range|Syntax|Reference|QueryFailed)Error|\bError:|typeorm|fastify|pgboss|nest(?:js)?\b|class-validator|\w+(?:Service|Repository|Controller|Entity|Dto)\b/i;

let holdfast: Holdfast;
let calls: HostileCalls;
let credentials: Record<HostileCall['who'], string | null>;
const statuses = new Map<number, number>();

beforeAll(async () => {
  holdfast = await Holdfast.start();
  const { api, controls } = holdfast;
  const accountId = await api.createAccount();
  const other = await holdfast.createPartner();
  const foreign = await api.as(other.key).placeOrder();
  const init = await api.init(await api.placeOrder({ accountId }), { savePaymentMethod: true });
  await controls.confirm(secretOf(init));
  const orders = [foreign];
  for (const status of ['New', 'New', 'Placed', 'Placed', 'Placed', 'Placed', 'Placed', 'Placed']) {
    const { body } = await api.post('/v1/orders', {
      ...{ accountId, currency: 'EUR', orderStatus: status },
      items: [{ sku: 'a', name: 'A', quantity: 1, unitAmount: 700 }],
    });
    orders.push(body.order.orderNumber as string);
  }
  await api.init(orders.at(-1) ?? '');
  await api.init(orders.at(-2) ?? '', CHECKOUT);
  orders.push((await reserveManual(holdfast)).number, (await reserveManual(holdfast)).number);
  await holdfast.settled();
  const cards = (await api.get(`/v1/accounts/${accountId}/payment-methods`)).body.data as { id: string }[];
  expect(cards).toHaveLength(1);
  calls = new HostileCalls((await api.get('/openapi.json')).body as ApiDocument, {
    orderNumber: orders,
    orderItemNumber: orders.map((number) => `${number}-1`),
    accountId: [accountId, 'me', await api.as(other.key).createAccount()],
    paymentMethodId: [...cards.map(({ id }) => id), 'pm_nobody'],
  });
  credentials = {
    partner: 'hf_test_demo',
    account: (await api.post(`/v1/accounts/${accountId}/tokens`, { expiresInSeconds: 86_400 })).body.token as string,
    'another partner': other.key,
    nobody: null,
    nonsense: 'hf_test_nonsense',
  };
});
afterAll(() => holdfast.stop());

/** Sends a call, and throws for whatever an answer must never be. */
async function send({ who, method, path, headers, body }: HostileCall): Promise<void> {
  const started = performance.now();
  // Held against the document there: its status, and its body to the last member.
  const answer = await holdfast.api.call(path, {
    ...{ method, headers, credential: credentials[who] },
    ...(body !== undefined && { raw: body }),
  });
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  if (answer.status >= 500) throw new Error(`${answer.status}: ${answer.text}`);
  if (performance.now() - started > ANSWER_MS) throw new Error(`answered after ${ANSWER_MS} ms`);
  if (answer.status < 400) return;
  const problem = answer.body as Record<string, unknown>;
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  // A kept refusal comes again byte for byte, and names the request that was answered first.
  const isReplay = answer.headers.get('idempotent-replayed') === 'true';
  const requestId: unknown = isReplay ? expect.stringMatching(/./) : answer.headers.get('x-request-id');
  expect(problem).toMatchObject({ status: answer.status, requestId });
  // What was sent may come back in the answer that refuses it; nothing else may.
  const ours = [problem.title, problem.code, problem.type, ...(isEcho(problem) ? [] : [problem.detail])].join('\n');
  expect(ours).not.toMatch(INTERNAL);
  expect(answer.headers.get('x-injected')).toBeNull();
}

/** Such an answer quotes names or text of the request in its detail and its messages. */
function isEcho({ code }: Record<string, unknown>): boolean {
  return ['request-not-valid', 'body-not-json', 'initPaymentDataRequest_not_valid'].includes(String(code));
}

describe('every call of the document, with whatever anybody may send', () => {
  it(
    'is answered as the document says, never with a fault of ours, and without a word about the inside',
    async () => {
      const path = process.env.FUZZ_PATH;
      process.stdout.write(`hostile calls: FUZZ_SEED=${SEED}, ${RUNS} calls\n`);
      await fc.assert(fc.asyncProperty(calls.any(), send), {
        ...{ seed: SEED, numRuns: RUNS },
        ...(path !== undefined && { path }),
      });
      process.stdout.write(`hostile calls: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}\n`);
    },
    Math.min(patience(RUNS * CALL_MS), LONGEST_MS),
  );

  it('went deep: calls succeeded, and were refused for every kind of reason (control)', () => {
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 401, 403, 404, 409, 415]));
    const reached = [...statuses].filter(([status]) => status < 400).reduce((total, [, count]) => total + count, 0);
    expect(reached).toBeGreaterThan(100);
  });

  it('would be caught: a stack, a file, SQL, a class of ours (control)', () => {
    const leaks = [
      ...[
        'Error: x\n    at Object.find (file:///srv/app/x.js:1:2)',
        'SELECT * FROM orders',
        'relation "orders" does not exist',
      ],
      ...[
        'Cannot read properties of undefined (TypeError: x)',
        'OrdersRepository.find',
        'node_modules/pg',
        'payments.init.ts',
      ],
    ];
    for (const leak of leaks) expect(leak).toMatch(INTERNAL);
  });
});
