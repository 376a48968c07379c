import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { FulfillmentSecrets, PartnersService } from '#partners';
import type { Item } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently } from '../support/idle-jobs.js';
import { casesOf, reserve, reserveManual, untilReportsAreAwaited } from '../support/payment-steps.js';
import { delivers, Supplier, type Behaviour } from '../support/supplier.js';

const DEMO = 'par_demo';

describe('http: the partner’s fulfilment address is asked', () => {
  let holdfast: Holdfast;
  let supplier: Supplier;
  let secret: string;
  const partners = () => holdfast.app.get(PartnersService, { strict: false });

  beforeAll(async () => {
    holdfast = await Holdfast.start();
    supplier = await Supplier.start();
    const settings = { fulfillmentUrl: supplier.url, fulfillmentAttempts: 3 };
    secret = (await partners().set(DEMO, settings)).fulfillmentSecret ?? '';
  });
  afterAll(async () => {
    await holdfast.stop();
    await supplier.stop();
  });
  beforeEach(() => {
    supplier.behaviour = delivers;
  });
  afterEach(async () => {
    await holdfast.rows('DELETE FROM fulfillment_circuits');
  });

  const paid = async (items: Item[] = [{}], order: object = {}): Promise<string> => {
    const asked = items.map((item) => ({ fulfiller: 'http', ...item }));
    return (await reserve(holdfast, { items: asked, ...order })).number;
  };
  const ended = (number: string) =>
    impatiently(holdfast, holdfast.api.orderIn(number, 'Fulfilled', 'PartiallyFulfilled', 'FulfillmentError'));
  const asked = (number: string, times: number) =>
    eventually(
      () => Promise.resolve(supplier.of(number)),
      (calls) => calls.length >= times,
    );
  const report = (number: string, body: object) =>
    holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, body);
  /** A gate: whoever is asked waits until it is opened. */
  const gated = (answer: Behaviour) => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    supplier.behaviour = async (call, times) => {
      await opened;
      return answer(call, times);
    };
    return open;
  };

  it('with what was ordered, signed, under a key per item; what it delivers is charged', async () => {
    const items = [{ sku: 'tour', name: 'Tour', quantity: 2 }, { sku: 'bus' }];
    const number = await paid(items, { metadata: { campaign: 'winter' } });
    const order = await ended(number);
    expect([order.orderStatus, order.payment.amountCaptured]).toEqual(['Fulfilled', 3750]);
    expect(order.items[0].deliverables).toEqual([{ type: 'voucher', value: `V-${number}-1` }]);

    const calls = supplier.of(number).toSorted((a, b) => (a.text < b.text ? -1 : 1));
    expect(calls.map(({ body }) => body)).toEqual([
      {
        ...{ orderNumber: number, orderItemNumber: `${number}-1`, sku: 'tour', name: 'Tour', quantity: 2 },
        metadata: { campaign: 'winter' },
      },
      expect.objectContaining({ orderItemNumber: `${number}-2`, sku: 'bus', quantity: 1 }),
    ]);
    expect(new Set(calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
    for (const { text, headers } of calls) {
      const signed = headers as Record<string, string>;
      expect(() => new Webhook(secret).verify(text, signed)).not.toThrow();
      expect(() => new Webhook(secret).verify(`${text} `, signed)).toThrow('No matching signature');
    }
  });

  it('its secret is shown once, stored encrypted, and replaced with an overlap in which both sign', async () => {
    expect(secret).toMatch(/^whsec_/);
    expect(await partners().set(DEMO, { fulfillmentUrl: supplier.url })).not.toHaveProperty('fulfillmentSecret');
    expect(JSON.stringify(await partners().list())).not.toContain('whsec_');
    const stored = await holdfast.rows<{ encrypted: string }>('SELECT encrypted FROM fulfillment_secrets');
    expect(stored.filter(({ encrypted }) => encrypted.includes(secret.slice(6)))).toEqual([]);

    const secrets = holdfast.app.get(FulfillmentSecrets, { strict: false });
    const rotated = await secrets.rotate(DEMO, 1);
    expect(rotated.fulfillmentSecret).not.toBe(secret);
    const accepted = async () => {
      const number = await paid();
      await ended(number);
      const [call] = supplier.of(number);
      return [secret, rotated.fulfillmentSecret].map((known) => {
        try {
          new Webhook(known).verify(call?.text ?? '', (call?.headers ?? {}) as Record<string, string>);
          return true;
        } catch (error) {
          return String(error);
        }
      });
    };
    expect(await accepted()).toEqual([true, true]);
    await holdfast.rows(
      "UPDATE fulfillment_secrets SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL",
    );
    expect(await accepted()).toEqual([expect.stringContaining('No matching signature'), true]);
  });

  it('202: it is not asked again, and the report that comes later is the outcome', async () => {
    supplier.behaviour = () => ({ status: 202 });
    const number = await paid();
    await untilReportsAreAwaited(holdfast, number);
    expect((await holdfast.api.order(number)).items[0].orderItemStatus).toBe('InTransit');
    expect((await report(number, { outcome: 'Delivered' })).status).toBe(200);
    expect((await ended(number)).orderStatus).toBe('Fulfilled');
    expect(supplier.of(number)).toHaveLength(1);
  });

  it('200 with Failed fails the item with its text, and the rest of the order is charged', async () => {
    supplier.behaviour = (call, times) =>
      call.body.sku === 'gone'
        ? { status: 200, body: { outcome: 'Failed', statusText: 'Sold out' } }
        : delivers(call, times);
    const order = await ended(await paid([{ sku: 'gone' }, { sku: 'there' }]));
    expect(order.orderStatus).toBe('PartiallyFulfilled');
    expect(order.items[0]).toMatchObject({ orderItemStatus: 'Failed', statusText: 'Sold out' });
    expect(order.payment.amountCaptured).toBe(1250);
  });

  it.each([400, 401, 404, 410, 422])('%i fails the item at once', async (status) => {
    supplier.behaviour = () => ({ status });
    const number = await paid();
    const order = await ended(number);
    expect(order.items[0]).toMatchObject({
      orderItemStatus: 'Failed',
      statusText: `The supplier refused the item with status ${status}`,
    });
    expect(supplier.of(number)).toHaveLength(1);
  });

  it('408, 409, 425, 429, 5xx, redirects, lost and invalid answers are tried again, under the same key', async () => {
    const first: Record<string, Awaited<ReturnType<Behaviour>>> = {
      ...Object.fromEntries([408, 409, 425, 429, 500, 503, 302, 204].map((status) => [`s-${status}`, { status }])),
      's-cut': 'cut',
      's-text': { status: 200, body: 'no JSON' },
      's-huge': { status: 200, body: JSON.stringify({ outcome: 'Delivered', statusText: 'x'.repeat(70_000) }) },
      's-other': { status: 200, body: { outcome: 'Perhaps' } },
      's-more': { status: 200, body: { outcome: 'Delivered', price: 1 } },
    };
    supplier.behaviour = (call, times) => (times === 1 && first[call.body.sku]) || delivers(call, times);
    const check = async (sku: string) => {
      const number = await paid([{ sku }]);
      const order = await ended(number);
      const keys = supplier.of(number).map(({ headers }) => [headers['idempotency-key'], headers['webhook-id']]);
      expect([order.items[0].sku, order.orderStatus, keys.length]).toEqual([order.items[0].sku, 'Fulfilled', 2]);
      expect(keys[1]).toEqual(keys[0]);
    };
    // Not all at once: five failures without an answer between them would open the address's circuit.
    const kinds = Object.keys(first);
    while (kinds.length > 0) await Promise.all(kinds.splice(0, 4).map(check));
  });

  it.each([
    [{ status: 500 }, 'Gave up after 3 attempts: the supplier answered with status 500'],
    ['cut', /^Gave up after 3 attempts: the supplier: no connection, or no valid answer/],
    [
      { status: 200, body: '{' },
      /^Gave up after 3 attempts: the supplier's answer is not valid: the body is not JSON$/,
    ],
    [
      { status: 200, body: { outcome: 'Perhaps' } },
      /^Gave up after 3 attempts: the supplier's answer is not valid: outcome/,
    ],
  ] as const)('after as many tries as the partner set, %j fails the item with a clear text', async (answer, text) => {
    supplier.behaviour = () => answer;
    const number = await paid();
    const order = await ended(number);
    expect(order.orderStatus).toBe('FulfillmentError');
    expect(order.items[0].statusText).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(supplier.of(number)).toHaveLength(3);
    expect(order.payment).toMatchObject({ status: 'Released', amountCaptured: 0 });
  });

  it('no answer, 429 and 5xx are failures of the address; whatever else it says is an answer', async () => {
    await partners().set(DEMO, { fulfillmentAttempts: 1 });
    const failuresAfter = async (answer: Awaited<ReturnType<Behaviour>>) => {
      supplier.behaviour = () => answer;
      await ended(await paid());
      const [row] = await holdfast.rows<{ failures: number }>('SELECT failures FROM fulfillment_circuits');
      return row?.failures ?? 0;
    };
    const failures = [];
    for (const answer of ['cut', { status: 429 }, { status: 500 }, { status: 503 }] as const)
      failures.push(await failuresAfter(answer));
    expect(failures).toEqual([1, 2, 3, 4]);
    for (const status of [400, 408, 409, 204]) {
      expect([status, await failuresAfter({ status })]).toEqual([status, 0]);
      await holdfast.rows('INSERT INTO fulfillment_circuits (address, failures) VALUES ($1, 4)', [supplier.url]);
    }
    await partners().set(DEMO, { fulfillmentAttempts: 3 });
  });

  it('the answer is lost after the supplier did it: the same key comes again, and the outcome is recorded once', async () => {
    const done = new Map<string, string>();
    let made = 0;
    supplier.behaviour = ({ headers }) => {
      const key = String(headers['idempotency-key']);
      const known = done.get(key);
      if (known === undefined) {
        done.set(key, `voucher ${++made}`);
        return 'cut';
      }
      return { status: 200, body: { outcome: 'Delivered', deliverables: [{ type: 'voucher', value: known }] } };
    };
    const number = await paid();
    const order = await ended(number);
    expect([made, order.items[0].deliverables]).toEqual([1, [{ type: 'voucher', value: 'voucher 1' }]]);
    const outcomes = (await holdfast.api.timeline(number)).filter(({ type }) => type === 'item.delivered');
    expect(outcomes).toHaveLength(1);
  });

  it('the items of one supplier run in parallel up to four at once', async () => {
    supplier.mostWaiting = 0;
    const open = gated(delivers);
    const number = await paid(Array.from({ length: 10 }, () => ({})));
    await eventually(
      () => Promise.resolve(supplier.waiting),
      (waiting) => waiting === 4,
    );
    open();
    expect((await ended(number)).orderStatus).toBe('Fulfilled');
    expect([supplier.mostWaiting, supplier.of(number).length]).toEqual([4, 10]);
  });

  describe('cancelling', () => {
    const cancel = (number: string) => holdfast.api.post(`/v1/orders/${number}/cancel`, {});

    it('is refused while the supplier was asked and has not answered, and after a 202', async () => {
      const open = gated(() => ({ status: 202 }));
      const number = await paid();
      await asked(number, 1);
      expect([(await cancel(number)).status, (await cancel(number)).body.orderStatus]).toEqual([409, 'InTransit']);
      open();
      await untilReportsAreAwaited(holdfast, number);
      expect((await cancel(number)).status).toBe(409);
      expect((await report(number, { outcome: 'Failed' })).status).toBe(200);
      await ended(number);
    });

    it('is possible as long as nobody was asked, and then nobody is', async () => {
      await holdfast.rows(
        "INSERT INTO fulfillment_circuits (address, failures, open_until) VALUES ($1, 5, now() + interval '1 hour')",
        [supplier.url],
      );
      const number = await paid();
      await holdfast.api.orderIn(number, 'InTransit');
      const waiting = () =>
        holdfast.rows<{ attempts: number }>(
          `SELECT fulfillment_attempts AS attempts FROM order_items i WHERE order_number = $1 AND fulfillment_attempts = 0
             AND EXISTS (SELECT FROM pgboss.job j WHERE j.name = 'fulfillment.deliver-item' AND j.state = 'created'
               AND j.start_after > now() AND j.data->>'orderItemNumber' = i.order_item_number)`,
          [number],
        );
      await eventually(waiting, (rows) => rows.length === 1);
      expect((await cancel(number)).body.order).toMatchObject({ orderStatus: 'Canceled' });
      const open = () =>
        holdfast.rows(
          `SELECT FROM pgboss.job WHERE name = 'fulfillment.deliver-item' AND state < 'completed'
             AND data->>'orderNumber' = $1`,
          [number],
        );
      await impatiently(
        holdfast,
        eventually(open, (rows) => rows.length === 0),
      );
      expect(supplier.of(number)).toEqual([]);
    });
  });

  describe('an outcome that comes too late', () => {
    const late = async (number: string): Promise<unknown[]> =>
      (await holdfast.api.timeline(number))
        .filter(({ type }) => type === 'item.late_outcome')
        .map((line) => line.detail as unknown);

    it('delivered after the item failed: noted, and on the operator’s list, since nobody pays for it', async () => {
      const open = gated(delivers);
      const number = await paid();
      await asked(number, 1);
      expect((await report(number, { outcome: 'Failed', statusText: 'Sold out' })).status).toBe(200);
      expect((await ended(number)).orderStatus).toBe('FulfillmentError');
      open();
      const noted = await eventually(
        () => late(number),
        (lines) => lines.length > 0,
      );
      expect(noted).toEqual([{ orderItemNumber: `${number}-1`, outcome: 'Delivered', itemStatus: 'Failed' }]);
      expect(await casesOf(holdfast, `${number}-1`)).toEqual(['delivered-unpaid']);
      const order = await holdfast.api.order(number);
      expect([order.orderStatus, order.items[0].orderItemStatus, order.payment.amountCaptured]).toEqual([
        'FulfillmentError',
        'Failed',
        0,
      ]);
    });

    it('a report for a cancelled item: refused, noted once, and on the operator’s list', async () => {
      const { number } = await reserveManual(holdfast);
      await holdfast.api.post(`/v1/orders/${number}/cancel`, {});
      for (const body of [{ nonsense: 1 }, { outcome: 'Delivered' }, { outcome: 'Delivered' }])
        expect((await report(number, body)).body.code).toBe('order-item-not-in-state-to-report');
      expect(await late(number)).toEqual([
        { orderItemNumber: `${number}-1`, outcome: 'Delivered', itemStatus: 'Canceled' },
      ]);
      expect(await casesOf(holdfast, `${number}-1`)).toEqual(['delivered-unpaid']);
    });

    it('the same outcome again is nothing new; a contradiction is noted', async () => {
      const open = gated(delivers);
      const number = await paid();
      await asked(number, 1);
      await report(number, { outcome: 'Delivered' });
      open();
      await ended(number);
      await eventually(
        () => Promise.resolve(supplier.waiting),
        (waiting) => waiting === 0,
      );
      expect((await report(number, { outcome: 'Failed', statusText: 'Broken' })).status).toBe(409);
      expect(await late(number)).toEqual([
        { orderItemNumber: `${number}-1`, outcome: 'Failed', itemStatus: 'Delivered', statusText: 'Broken' },
      ]);
      expect(await casesOf(holdfast, `${number}-1`)).toEqual([]);
    });
  });
});
