import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Holdfast } from '../support/holdfast.js';
import { reserve } from '../support/payment-steps.js';

describe('a partner’s reports', () => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.start();
  });
  afterAll(() => holdfast.stop());

  /** An order with one item that its partner delivers. */
  async function waiting(): Promise<{ number: string; report: (body: unknown) => Promise<[number, string]> }> {
    const { number } = await reserve(holdfast, { items: [{ fulfiller: 'manual' }] });
    await holdfast.api.orderIn(number, 'InTransit');
    const path = `/v1/orders/${number}/items/${number}-1/fulfillment`;
    const report = async (body: unknown): Promise<[number, string]> => {
      const answer = await holdfast.api.put(path, body);
      return [answer.status, (answer.body as { code?: string }).code ?? ''];
    };
    return { number, report };
  }
  const goods = (value: string) => ({ outcome: 'Delivered', deliverables: [{ type: 'tracking-number', value }] });
  const contradicts = [409, 'fulfillment-report-contradicts'];

  it('the same again is 200, and what differs in anything is 409 and changes nothing', async () => {
    const { number, report } = await waiting();
    expect(await report(goods('1'))).toEqual([200, '']);
    expect(await report(goods('1'))).toEqual([200, '']);
    expect(await report({ outcome: 'Delivered' })).toEqual([200, '']);
    expect(await report(goods('2'))).toEqual(contradicts);
    expect(await report({ ...goods('1'), statusText: 'At the desk' })).toEqual(contradicts);
    expect(await report({ outcome: 'Failed' })).toEqual(contradicts);
    const order = await holdfast.api.orderIn(number, 'Fulfilled');
    expect(order.items).toMatchObject([{ deliverables: [{ type: 'tracking-number', value: '1' }] }]);
    expect(await report(goods('1'))).toEqual([200, '']);
  });

  it('a failed item stays failed, and its order releases everything', async () => {
    const { number, report } = await waiting();
    expect(await report({ outcome: 'Failed', statusText: 'Sold out' })).toEqual([200, '']);
    expect(await report({ outcome: 'Failed' })).toEqual([200, '']);
    expect(await report({ outcome: 'Failed', statusText: 'Lost' })).toEqual(contradicts);
    expect(await report({ outcome: 'Delivered' })).toEqual(contradicts);
    expect((await holdfast.api.orderIn(number, 'FulfillmentError')).payment).toMatchObject({
      status: 'Released',
      amountCaptured: 0,
    });
  });

  it('an item of another order is none, and a state that forbids it comes before the body', async () => {
    const { number, report } = await waiting();
    const other = await holdfast.api.placeOrder();
    const foreign = await holdfast.api.put(`/v1/orders/${other}/items/${number}-1/fulfillment`, {
      outcome: 'Delivered',
    });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'order-item-not-found']);
    const early = await holdfast.api.put(`/v1/orders/${other}/items/${other}-1/fulfillment`, { nonsense: 1 });
    expect([early.status, early.body.code]).toEqual([409, 'order-item-not-in-state-to-report']);
    expect(await report({ nonsense: 1 })).toEqual([400, 'request-not-valid']);
  });
});
