import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PartnersService } from '#partners';
import { FulfillmentCircuit } from '#fulfillment';
import type { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { Holdfast } from '../support/holdfast.js';
import { impatiently, makeJobsDue } from '../support/idle-jobs.js';
import { patience } from '../support/patience.js';
import { secretOf } from '../support/payment-steps.js';
import { delivers, Supplier } from '../support/supplier.js';

const ITEMS = 20;
/** A machine that does other things too may be slow for a moment; whoever is held up is slow each time. */
const MEASURED = 5;

describe('an address that only fails holds up nobody else', () => {
  let holdfast: Holdfast;
  let broken: Supplier;
  let healthy: Supplier;
  let other: ApiClient;

  beforeAll(async () => {
    holdfast = await Holdfast.start();
    [broken, healthy] = [await Supplier.start(), await Supplier.start()];
    const partners = holdfast.app.get(PartnersService, { strict: false });
    await partners.set('par_demo', { fulfillmentUrl: broken.url, fulfillmentAttempts: 40 });
    const { partnerId, key } = await holdfast.createPartner();
    await partners.set(partnerId, { fulfillmentUrl: healthy.url });
    other = holdfast.api.as(key);
  });
  afterAll(async () => {
    await Promise.all([broken.stop(), healthy.stop()]);
    await holdfast.stop();
  });
  afterEach(async () => {
    await holdfast.rows('DELETE FROM fulfillment_circuits');
  });

  const paid = async (api: ApiClient): Promise<string> => {
    const number = await api.placeOrder({ items: Array.from({ length: ITEMS }, () => ({ fulfiller: 'http' })) });
    await holdfast.controls.confirm(secretOf(await api.init(number)));
    return number;
  };
  /** Milliseconds from the payment to the last item's outcome. */
  const timed = async (): Promise<number> => {
    const began = performance.now();
    await other.orderIn(await paid(other), 'Fulfilled');
    return performance.now() - began;
  };
  const fullSpeed = (alone: number) => alone * 2 + patience(500);
  const tell = (alone: number, beside: number, trouble: string) =>
    console.log(
      `${ITEMS} items of another partner: ${alone.toFixed()} ms alone, ${beside.toFixed()} ms beside ${trouble}`,
    );
  const isOpen = () =>
    eventually(
      () => holdfast.rows('SELECT FROM fulfillment_circuits WHERE address = $1 AND open_until > now()', [broken.url]),
      (rows) => rows.length === 1,
    );

  /** All items of the order came, and were sent away until later. */
  const deferred = (number: string) =>
    eventually(
      () =>
        holdfast.rows(
          `SELECT FROM pgboss.job WHERE name = 'fulfillment.deliver-item' AND state IN ('created', 'retry')
             AND start_after > now() AND data->>'orderNumber' = $1`,
          [number],
        ),
      (waiting) => waiting.length === ITEMS,
    );
  const openUntil = (when: string) => holdfast.rows(`UPDATE fulfillment_circuits SET open_until = ${when}`);

  it('while its circuit is open it is hardly asked, others go on at full speed, and all is delivered when it is back', async () => {
    await timed();
    const alone = await timed();

    broken.behaviour = () => ({ status: 503 });
    const number = await paid(holdfast.api);
    await isOpen();
    await openUntil(`now() + interval '1 hour'`);
    await deferred(number);
    // Those that were under way with the fifth failure have had their say about it too.
    await openUntil(`now() + interval '1 hour'`);
    const askedToOpen = broken.asked.length;
    // Five failures open it; those that were under way with the fifth may have been answered after it.
    expect(askedToOpen).toBeLessThanOrEqual(8);
    let beside = await timed();
    for (let n = 1; n < MEASURED && beside >= fullSpeed(alone); n++) beside = Math.min(beside, await timed());
    tell(alone, beside, 'an open circuit');
    expect(beside).toBeLessThan(fullSpeed(alone));
    expect(broken.asked.length).toBe(askedToOpen);

    // It is half open: all of them come at once, and one is let through.
    await openUntil('now()');
    await makeJobsDue(holdfast);
    await deferred(number);
    expect(broken.asked.length).toBe(askedToOpen + 1);
    broken.behaviour = delivers;
    await openUntil('now()');
    await impatiently(holdfast, holdfast.api.orderIn(number, 'Fulfilled'));
    expect(await holdfast.rows('SELECT FROM fulfillment_circuits')).toEqual([]);
    const keys = new Set(broken.of(number).map(({ headers }) => headers['idempotency-key']));
    expect(keys.size).toBe(ITEMS);
  });

  it('one that never answers keeps four hands, and others go on at full speed', async () => {
    const alone = await timed();
    broken.behaviour = () => 'silence';
    await paid(holdfast.api);
    let beside = Infinity;
    for (let n = 0; n < MEASURED && beside >= fullSpeed(alone); n++) {
      // Silence is a failure when it has lasted: what was left alone for that is asked again.
      await holdfast.rows('DELETE FROM fulfillment_circuits');
      await impatiently(
        holdfast,
        eventually(
          () => Promise.resolve(broken.waiting),
          (waiting) => waiting >= 4,
        ),
      );
      beside = await timed();
      expect(broken.waiting).toBeLessThanOrEqual(4);
    }
    tell(alone, beside, 'a silent address');
    expect(beside).toBeLessThan(fullSpeed(alone));
  });

  it('the fifth failure in a row opens it, an answer closes it, and of those that come when its time is over one tries', async () => {
    const circuit = holdfast.app.get(FulfillmentCircuit, { strict: false });
    const address = 'http://supplier.example/fulfil';
    const isListed = async () => (await circuit.open(10)).some((open) => open.address === address);
    const fail = async (times: number) => {
      for (let i = 0; i < times; i++) await circuit.record(address, 'down');
    };
    await fail(4);
    expect(await circuit.admit(address)).toBe(0);
    await circuit.record(address, 'answers');
    await fail(4);
    expect([await circuit.admit(address), await isListed()]).toEqual([0, false]);
    await fail(1);
    expect(await circuit.admit(address)).toBeGreaterThan(0);
    expect(await isListed()).toBe(true);

    const timeIsOver = () =>
      holdfast.rows(`UPDATE fulfillment_circuits SET open_until = now() - interval '1 s' WHERE address = $1`, [
        address,
      ]);
    for (const probe of ['the first', 'and the next one, when that died']) {
      await timeIsOver();
      const waits = await Promise.all(Array.from({ length: 8 }, () => circuit.admit(address)));
      expect([probe, waits.filter((seconds) => seconds === 0).length]).toEqual([probe, 1]);
    }
    await timeIsOver();
    expect(await circuit.admit(address)).toBe(0);
    await fail(1);
    expect(await circuit.admit(address)).toBeGreaterThan(0);
    await circuit.record(address, 'answers');
    expect([await circuit.admit(address), await isListed()]).toEqual([0, false]);
  });
});
