import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Answer, Json } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';

interface Line {
  readonly type: string;
  readonly actor: string;
  readonly from?: string;
  readonly to?: string;
}

const ITEM = { sku: 'ticket', name: 'Ticket', quantity: 1, unitAmount: 1250 };

let holdfast: Holdfast;
let accountId: string;
beforeAll(async () => {
  holdfast = await Holdfast.start({ worker: false });
  accountId = await holdfast.api.createAccount();
});
afterAll(() => holdfast.stop());

const create = (members: object = {}) =>
  holdfast.api.post('/v1/orders', { accountId, currency: 'EUR', items: [ITEM], ...members });
const placed = (members: object = {}) => create({ orderStatus: 'Placed', ...members });
const put = (number: string, body: object) => holdfast.api.put(`/v1/orders/${number}`, body);

async function newNumber(members: object = {}): Promise<string> {
  return (await create(members)).body.order.orderNumber as string;
}
const codes = (answer: Answer) => (answer.body.validationMessages as { code: string }[]).map(({ code }) => code);
const itemNumbers = (order: Json) =>
  (order.items as { orderItemNumber: string }[]).map(({ orderItemNumber }) => orderItemNumber);

/** Holds the order's row until all calls wait for it, makes the changes of somebody who was faster, and lets them go on. */
async function whileWaiting(
  number: string,
  calls: () => Promise<Answer>[],
  changes: [sql: string, parameter: string][],
) {
  const other = new pg.Client({ connectionString: holdfast.config.database.url });
  await other.connect();
  await other.query('BEGIN');
  await other.query('SELECT FROM orders WHERE order_number = $1 FOR UPDATE', [number]);
  const answers = calls();
  const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'`;
  await eventually(
    () => holdfast.rows(waiting),
    (rows) => rows.length === answers.length,
  );
  for (const [sql, parameter] of changes) await other.query(sql, [parameter]);
  await other.query('COMMIT');
  await other.end();
  return Promise.all(answers);
}

describe('creating an order', () => {
  it('answers with the whole of it, as a later read does', async () => {
    const answer = await create({
      externalReference: 'cart-1',
      metadata: { b: '1', a: '2' },
      items: [ITEM, { ...ITEM, quantity: 3, fulfiller: 'manual' }],
    });
    expect(answer.status).toBe(201);
    const { order, validationMessages } = answer.body as { order: Json; validationMessages: unknown[] };
    expect(validationMessages).toEqual([]);
    expect(order).toEqual({
      orderNumber: expect.stringMatching(/^\d\d-\d{6,}$/),
      ...{ accountId, orderStatus: 'New', currency: 'EUR', totalAmount: 5000, externalReference: 'cart-1' },
      ...{ metadata: { a: '2', b: '1' }, payment: null },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: expect.any(String),
      items: [
        {
          orderItemNumber: `${order.orderNumber}-1`,
          orderItemStatus: 'New',
          ...ITEM,
          totalAmount: 1250,
          fulfiller: 'instant',
          deliverables: [],
        },
        {
          orderItemNumber: `${order.orderNumber}-2`,
          orderItemStatus: 'New',
          ...ITEM,
          quantity: 3,
          totalAmount: 3750,
          fulfiller: 'manual',
          deliverables: [],
        },
      ],
    });
    expect((await holdfast.api.get(`/v1/orders/${order.orderNumber}`)).text).toBe(answer.text);
  });

  it('is New unless Placed is wished for and nothing is missing', async () => {
    for (const [members, status] of [
      [{}, 'New'],
      [{ orderStatus: 'New' }, 'New'],
      [{ orderStatus: 'Placed' }, 'Placed'],
    ] as const) {
      expect((await create(members)).body.order.orderStatus).toBe(status);
    }
  });

  it.each([
    ['no items', { items: [] }, 'order-without-items'],
    ['a total below the smallest charge', { items: [{ ...ITEM, unitAmount: 49 }] }, 'total-too-small'],
    ['a total above the largest', { items: [{ ...ITEM, unitAmount: 99_999_999, quantity: 2 }] }, 'total-too-large'],
    [
      'an http fulfiller without an address',
      { items: [{ ...ITEM, fulfiller: 'http' }] },
      'fulfillment-address-missing',
    ],
  ])('with %s is stored as New, and says why', async (_, members, code) => {
    const answer = await placed(members);
    expect(answer.status).toBe(201);
    expect(answer.body.order.orderStatus).toBe('New');
    expect(codes(answer)).toEqual([code]);
    const read = await holdfast.api.get(`/v1/orders/${answer.body.order.orderNumber}`);
    expect(read.body).toEqual(answer.body);
    expect(await holdfast.api.init(answer.body.order.orderNumber as string)).toMatchObject({
      status: 409,
      body: { orderStatus: 'New' },
    });
  });

  it('says everything that is missing at once, the item included', async () => {
    const answer = await placed({
      items: [
        { ...ITEM, unitAmount: 1 },
        { ...ITEM, unitAmount: 1, fulfiller: 'http' },
      ],
    });
    expect(answer.body.validationMessages).toMatchObject([
      { code: 'total-too-small', source: 'order', level: 'ValidationError' },
      {
        code: 'fulfillment-address-missing',
        source: 'orderItem',
        orderItemNumber: `${answer.body.order.orderNumber}-2`,
      },
    ]);
  });

  it('at the edges of what can be paid is Placed', async () => {
    for (const unitAmount of [0, 50, 99_999_999]) {
      expect((await placed({ items: [{ ...ITEM, unitAmount }] })).body.order).toMatchObject({
        orderStatus: 'Placed',
        totalAmount: unitAmount,
      });
    }
  });

  it.each(['eur', 'UGX', 'ZZZ', '', 'EURO', 'E R', 1, null, ['EUR']])(
    'in the currency %j is refused',
    async (currency) => {
      expect(await create({ currency })).toMatchObject({ status: 400, body: { code: 'request-not-valid' } });
    },
  );

  it.each([
    ['KWD', 1255, 10],
    ['BHD', 1, 10],
    ['ISK', 1250, 100],
  ])('S11 in %s refuses %i, which is no multiple of %i', async (currency, unitAmount, multiple) => {
    const answer = await create({
      currency,
      items: [ITEM, { ...ITEM, unitAmount }].map((item, n) => (n === 0 ? { ...item, unitAmount: 0 } : item)),
    });
    expect(answer.status).toBe(400);
    expect(answer.body.validationMessages).toMatchObject([{ memberNames: ['items[1].unitAmount'] }]);
    expect((await create({ currency, items: [{ ...ITEM, unitAmount: multiple * 7 }] })).status).toBe(201);
    const number = (await create({ currency, items: [] })).body.order.orderNumber as string;
    expect((await put(number, { items: [{ ...ITEM, unitAmount }] })).status).toBe(400);
  });

  it('gives numbers from 100000 on, one sequence, however many come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => create()));
    const numbers = answers.map(({ body }) => body.order.orderNumber as string);
    expect(new Set(numbers).size).toBe(30);
    const [first] = await holdfast.rows<{ first: string }>('SELECT min(order_number) AS first FROM orders');
    const year = String(new Date().getUTCFullYear()).slice(-2);
    expect(first?.first).toBe(`${year}-100000`);
  });
});

describe('replacing an order', () => {
  it('keeps an item by its number, adds one without, removes one left out, and never uses a number twice', async () => {
    const number = await newNumber({
      items: [ITEM, { ...ITEM, sku: 'b' }],
      metadata: { a: '1' },
      externalReference: 'x',
    });
    const kept = { ...ITEM, sku: 'b', quantity: 5, orderItemNumber: `${number}-2` };
    const first: Json = (await put(number, { items: [{ ...ITEM, sku: 'c' }, kept] })).body.order;
    expect(itemNumbers(first)).toEqual([`${number}-3`, `${number}-2`]);
    expect(first).toMatchObject({ totalAmount: 1250 * 6, metadata: {} });
    expect(first.externalReference).toBeUndefined();
    const second: Json = (await put(number, { items: [] })).body.order;
    expect(second).toMatchObject({ items: [], totalAmount: 0 });
    const third = await put(number, { items: [ITEM] });
    expect(itemNumbers(third.body.order)).toEqual([`${number}-4`]);
    expect((await holdfast.api.get(`/v1/orders/${number}`)).text).toBe(third.text);
  });

  it('refuses unknown, removed, foreign and repeated item numbers, and what cannot be changed, all at once', async () => {
    const number = await newNumber({ items: [ITEM, ITEM] });
    await put(number, { items: [{ ...ITEM, orderItemNumber: `${number}-1` }] });
    const foreign = await newNumber();
    const other = await holdfast.api.createAccount();
    const numbers = [`${number}-1`, `${number}-1`, `${number}-2`, `${foreign}-1`, 'x', null];
    const answer = await put(number, {
      items: [...numbers.map((orderItemNumber) => ({ ...ITEM, orderItemNumber })), { ...ITEM, quantity: 0 }],
      ...{ accountId: other, currency: 'USD', orderStatus: 'Paid' },
    });
    expect(answer.status).toBe(400);
    const members = (answer.body.validationMessages as { memberNames: string[] }[]).flatMap(
      ({ memberNames }) => memberNames,
    );
    expect(members.sort()).toEqual([
      'accountId',
      'currency',
      ...[1, 2, 3, 4].map((n) => `items[${n}].orderItemNumber`),
      'items[6].quantity',
      'orderStatus',
    ]);
    expect(itemNumbers(await holdfast.api.order(number))).toEqual([`${number}-1`]);
  });

  it('takes the account and the currency that it has, and null for what is absent', async () => {
    const number = await newNumber();
    expect((await put(number, { items: [ITEM], accountId, currency: 'EUR' })).status).toBe(200);
    expect((await put(number, { items: [ITEM], accountId: null, currency: null, metadata: null })).status).toBe(200);
  });

  it('keeps the wished status unless one is sent', async () => {
    const number = (await placed()).body.order.orderNumber as string;
    const statusAfter = async (body: object) => (await put(number, body)).body.order.orderStatus as string;
    expect(await statusAfter({ items: [] })).toBe('New');
    expect(await statusAfter({ items: [ITEM] })).toBe('Placed');
    expect(await statusAfter({ items: [ITEM], orderStatus: 'New' })).toBe('New');
    expect(await statusAfter({ items: [ITEM] })).toBe('New');
    expect(await statusAfter({ items: [ITEM], orderStatus: 'Placed' })).toBe('Placed');
    const lines = (await holdfast.api.timeline(number)) as Line[];
    expect(lines.map(({ type, from, to }) => [type, from ?? null, to ?? null])).toEqual([
      ['order.new', null, 'New'],
      ['order.placed', 'New', 'Placed'],
      ['order.updated', null, null],
      ['order.new', 'Placed', 'New'],
      ['order.updated', null, null],
      ['order.placed', 'New', 'Placed'],
      ['order.updated', null, null],
      ['order.new', 'Placed', 'New'],
      ['order.updated', null, null],
      ['order.updated', null, null],
      ['order.placed', 'New', 'Placed'],
    ]);
  });

  it('is refused in Payment, with the status', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    await holdfast.api.init(number);
    expect(await put(number, { items: [] })).toMatchObject({
      status: 409,
      body: {
        code: 'order-not-in-state-to-change',
        orderStatus: 'Payment',
        validationMessages: [{ code: 'order-not-in-state-to-change' }],
      },
    });
  });

  it('ten times at once ends as one of them, with every number used once', async () => {
    const number = await newNumber({ items: [] });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => put(number, { items: [{ ...ITEM, sku: `s${n}` }] })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const given = answers
      .flatMap(({ body }) => itemNumbers(body.order))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    expect(given).toEqual(Array.from({ length: 10 }, (_, n) => `${number}-${n + 1}`));
    expect((await holdfast.api.order(number)).items).toHaveLength(1);
  });

  it('that waited for another sees what the other left', async () => {
    const number = await newNumber({ items: [ITEM, ITEM] });
    const item = { ...ITEM, orderItemNumber: `${number}-2` };
    const [answer] = await whileWaiting(number, () => [put(number, { items: [item] })], [
      [`DELETE FROM order_items WHERE order_item_number = $1`, `${number}-2`],
      ['UPDATE orders SET next_item = next_item WHERE order_number = $1', number],
    ]);
    expect(answer).toMatchObject({ status: 400 });
  });
});

describe('deleting an order', () => {
  it('answers 204, then 404', async () => {
    const number = (await placed()).body.order.orderNumber as string;
    expect(await holdfast.api.delete(`/v1/orders/${number}`)).toMatchObject({ status: 204, text: '' });
    expect(await holdfast.api.delete(`/v1/orders/${number}`)).toMatchObject({
      status: 404,
      body: { code: 'order-not-found' },
    });
    expect((await holdfast.api.get(`/v1/orders/${number}`)).status).toBe(404);
  });

  it('is refused once a payment was begun, also when it was abandoned', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    await holdfast.api.init(number);
    const refused = { status: 409, body: { code: 'order-not-in-state-to-delete' } };
    expect(await holdfast.api.delete(`/v1/orders/${number}`)).toMatchObject({
      ...refused,
      body: { ...refused.body, orderStatus: 'Payment' },
    });
    expect((await holdfast.api.delete(`/v1/orders/${number}/payment`)).body.order.orderStatus).toBe('Placed');
    expect(await holdfast.api.delete(`/v1/orders/${number}`)).toMatchObject({
      ...refused,
      body: { ...refused.body, orderStatus: 'Placed' },
    });
  });

  it('is possible in every status that an order without a payment can be in', async () => {
    const number = await holdfast.api.placeOrder({ accountId });
    expect((await holdfast.api.post(`/v1/orders/${number}/cancel`, {})).body.order.orderStatus).toBe('Canceled');
    expect((await holdfast.api.delete(`/v1/orders/${number}`)).status).toBe(204);
  });

  it('while another deletes it answers 404, and so does a change', async () => {
    const number = await newNumber({ items: [] });
    const calls = () => [holdfast.api.delete(`/v1/orders/${number}`), put(number, { items: [] })];
    const answers = await whileWaiting(number, calls, [
      ['DELETE FROM order_timeline WHERE order_number = $1', number],
      ['DELETE FROM orders WHERE order_number = $1', number],
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  });

  it('many times at once answers 204 once and 404 otherwise; a change that comes too late is a 404', async () => {
    const number = await newNumber();
    const calls = Array.from({ length: 8 }, (_, n) =>
      n % 2 ? put(number, { items: [] }) : holdfast.api.delete(`/v1/orders/${number}`),
    );
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 204, 404].includes(status))).toEqual([]);
  });
});

describe('listing orders', () => {
  async function pages(path: string, limit: number): Promise<string[]> {
    const numbers: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await holdfast.api.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor && `&cursor=${cursor}`}`,
      );
      expect(body.data.length).toBeLessThanOrEqual(limit);
      numbers.push(...(body.data as { orderNumber: string }[]).map(({ orderNumber }) => orderNumber));
      cursor = body.nextCursor as string | null;
    }
    return numbers;
  }

  it('shows each once, the newest first, also those of the same moment and with one deleted in between', async () => {
    const mine = await holdfast.api.createAccount();
    const numbers: string[] = [];
    for (let n = 0; n < 7; n++) numbers.push(await newNumber({ accountId: mine, items: [ITEM, ITEM] }));
    await holdfast.rows(
      `UPDATE orders SET created_at = '2026-01-01T00:00:00.5Z' WHERE account_id = $1 AND order_number < $2`,
      [mine, numbers[5]],
    );
    const newestFirst = [...numbers].reverse();
    for (const limit of [1, 2, 3, 7, 100])
      expect(await pages(`/v1/orders?accountId=${mine}`, limit)).toEqual(newestFirst);
    const first = await holdfast.api.get(`/v1/orders?accountId=${mine}&limit=3`);
    await holdfast.api.delete(`/v1/orders/${newestFirst[2]}`);
    const next = await holdfast.api.get(
      `/v1/orders?accountId=${mine}&limit=3&cursor=${first.body.nextCursor as string}`,
    );
    expect((next.body.data as { orderNumber: string }[]).map(({ orderNumber }) => orderNumber)).toEqual(
      newestFirst.slice(3, 6),
    );
  });

  it('filters by account, status and reference; what is not the caller’s gives an empty list', async () => {
    const mine = await holdfast.api.createAccount();
    const inNew = await newNumber({ accountId: mine, externalReference: 'r-1' });
    const inPlaced = (await placed({ accountId: mine, externalReference: 'r-2' })).body.order.orderNumber as string;
    const list = (query: string) => pages(`/v1/orders?${query}`, 100);
    expect(await list(`accountId=${mine}`)).toEqual([inPlaced, inNew]);
    expect(await list(`AccountId=${mine}&OrderStatus=Placed`)).toEqual([inPlaced]);
    expect(await list(`externalReference=r-1`)).toEqual([inNew]);
    const partner = await holdfast.createPartner();
    const foreign = await holdfast.api.as(partner.key).createAccount();
    for (const query of [`accountId=${foreign}`, 'accountId=acc_none', 'externalReference=none'])
      expect(await list(query)).toEqual([]);
    const { body } = await holdfast.api.as(partner.key).get(`/v1/orders?accountId=${mine}`);
    expect(body).toEqual({ data: [], nextCursor: null });
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=abc',
    'limit=',
    'limit=1.5',
    'limit=-1',
    'limit=1&limit=2',
    'limit=1e1',
    'cursor=',
    'cursor=abc',
    `cursor=${'x'.repeat(200)}`,
    'orderStatus=placed',
    'orderStatus=',
  ])('with %s is refused', async (query) =>
    expect(await holdfast.api.get(`/v1/orders?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'request-not-valid' },
    }),
  );
});

describe('the timeline', () => {
  it('comes in pages, oldest first, each line once', async () => {
    const number = (await placed()).body.order.orderNumber as string;
    for (let n = 0; n < 3; n++) await put(number, { items: [ITEM] });
    const path = `/v1/orders/${number}/timeline`;
    const whole = (await holdfast.api.get(path)).body as { data: Line[]; nextCursor: null };
    expect(whole.nextCursor).toBeNull();
    expect(whole.data.map(({ type, actor }) => [type, actor])).toEqual([
      ['order.new', 'partner'],
      ['order.placed', 'partner'],
      ...(Array(3).fill(['order.updated', 'partner']) as string[][]),
    ]);
    const lines: Line[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const { body } = await holdfast.api.get(`${path}?limit=2&cursor=${cursor}`);
      lines.push(...(body.data as Line[]));
      cursor = body.nextCursor as string | null;
    }
    expect(lines).toEqual(whole.data);
    for (const query of ['limit=0', 'limit=101', 'cursor=x', 'cursor=-1'])
      expect((await holdfast.api.get(`${path}?${query}`)).status).toBe(400);
  });
});

describe('the business clock', () => {
  // Last: it moves a year on, and there is no way back.
  it('gives the year of new numbers, while the sequence goes on', async () => {
    const before = Number((await newNumber()).slice(3));
    const { now } = (await holdfast.controls.advance(370 * 24 * 3600)) as { now: string };
    const year = String(new Date(now).getUTCFullYear()).slice(-2);
    const number = await eventually(
      () => newNumber(),
      (latest) => latest.startsWith(`${year}-`),
    );
    expect(Number(number.slice(3))).toBeGreaterThan(before);
  });
});
