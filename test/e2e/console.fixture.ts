import type { Browser, Page } from 'playwright-core';
import { Visitor } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import type { Holdfast } from '../support/holdfast.js';
import { charged, EVERY_TRY, reserve, reserveManual } from '../support/payment-steps.js';
import { Receiver } from '../support/receiver.js';
import { RefundSteps } from '../support/refund-steps.js';

/** Markup, quotes, signs that turn the text around, and words without an end. */
export const HOSTILE = {
  name: '<script>document.title="owned"</script>"\'& \u202Egpj.exe\u202C עברית',
  sku: '"><img src=x onerror=alert(1)>',
  reference: '</a><b onclick="alert(1)">\u2066ref\u2069',
  metadata: { '<i>k</i>': `"'>${'W'.repeat(490)}` },
};

/** Somebody whose browser asked for the operator's key, and was given it. */
export async function operatorAt(browser: Browser, holdfast: Holdfast, key: string): Promise<Visitor> {
  const elsewhere = `http://localhost:${holdfast.config.port}`;
  const visitor = await Visitor.come(browser, [holdfast.api.url, elsewhere]);
  await visitor.context.setHTTPCredentials({ username: 'operator', password: key });
  return visitor;
}

/** By how many pixels a page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** An order of every kind, and something of everything that waits for a person. */
export async function fill(holdfast: Holdfast): Promise<{ orders: Record<string, string>; receiver: Receiver }> {
  const { api } = holdfast;
  const receiver = await Receiver.start();
  receiver.answer = ({ body }) => (body.type === 'payment.released' ? 500 : 204);
  await receiver.register(api);
  const orders: Record<string, string> = {};
  const steps = new RefundSteps(holdfast);

  orders.partly = await settled(holdfast, [{}, { sku: 'fail-tour', name: 'Guided tour', unitAmount: 900 }]);
  orders.yen = await settled(holdfast, [{ unitAmount: 125_000 }], 'JPY');
  orders.dinar = await settled(holdfast, [{ unitAmount: 12_340 }], 'KWD');
  orders.nothing = await settled(holdfast, [{ sku: 'fail-tour' }]);
  orders.free = await api.placeOrder({ items: [{ unitAmount: 0, name: 'Free walk' }] });
  await api.init(orders.free);
  await api.orderIn(orders.free, 'Fulfilled');
  orders.pending = await api.placeOrder();
  await api.init(orders.pending);
  orders.placed = await api.placeOrder();
  await api.init(orders.placed);
  await api.delete(`/v1/orders/${orders.placed}/payment`);
  const refunded = await charged(holdfast, { items: [{ unitAmount: 5_000 }] }, 'pm_card_pendingRefund');
  orders.refunded = refunded.number;
  await steps.refund(refunded.number, { amount: 1_000, reason: 'requested_by_customer' });
  const disputed = await charged(holdfast, { items: [{ unitAmount: 5_000 }] });
  orders.disputed = disputed.number;
  await steps.refund(disputed.number, { amount: 1_500 });
  await steps.openDispute(disputed.intentId);
  await eventually(
    () => steps.payment(disputed.number),
    ({ amountDisputed }) => amountDisputed > 0,
  );
  orders.reserved = (await reserveManual(holdfast)).number;
  orders.canceled = (await reserveManual(holdfast)).number;
  await api.post(`/v1/orders/${orders.canceled}/cancel`, {});
  await api.orderIn(orders.canceled, 'Canceled');
  orders.hostile = await hostileOrder(holdfast);
  await plantTroubles(holdfast, orders.reserved);
  return { orders, receiver };
}

async function settled(holdfast: Holdfast, items: object[], currency = 'EUR'): Promise<string> {
  const { number } = await reserve(holdfast, { items, currency });
  await holdfast.api.orderIn(number, 'Fulfilled', 'PartiallyFulfilled', 'FulfillmentError');
  return number;
}

/** Everything that a partner may write, at its longest and worst. */
async function hostileOrder(holdfast: Holdfast): Promise<string> {
  const { name, sku, reference, metadata } = HOSTILE;
  const many = Array.from({ length: 98 }, (_, n) => ({
    name: `Ticket ${n}`,
    unitAmount: 1,
    sku: `s${n}`,
    fulfiller: 'manual',
  }));
  const items = [
    { name, sku, fulfiller: 'manual' },
    { name: 'W'.repeat(200), unitAmount: 9_999_999, fulfiller: 'manual' },
    ...many,
  ];
  const { number } = await reserve(holdfast, { items, externalReference: reference, metadata });
  await holdfast.api.orderIn(number, 'InTransit');
  const statusText = '<script>alert(2)</script>';
  await holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Failed', statusText });
  return number;
}

async function plantTroubles(holdfast: Holdfast, orderNumber: string): Promise<void> {
  await plantCase(holdfast, 'delivered-uncharged', orderNumber);
  await plantCase(holdfast, 'stripe-object-without-payment', 'pi_3PqRnobodyknows');
  await holdfast.rows(
    `INSERT INTO stripe_events (event_id, type, object_id, event_created_at, status, error, received_at)
     VALUES ('evt_planted', 'payment_intent.succeeded', 'pi_planted', now(), 'failed', 'Error: <b>planted</b>', now())`,
  );
  await holdfast.rows(
    `INSERT INTO fulfillment_circuits (address, failures, open_until)
     VALUES ('https://supplier.example/hook?token=topsecret', 7, now() + interval '1 hour')`,
  );
}

export async function plantCase(holdfast: Holdfast, kind: string, subject: string): Promise<void> {
  await holdfast.rows(
    `INSERT INTO operator_cases (kind, subject, reason, next_step, facts, opened_at) VALUES ($1, $2,
       'Goods worth 25.00 EUR were delivered, and the reservation ended at Stripe before it was charged',
       'Settle with the customer outside, then close this case', '{"paymentIntentId": "pi_3PqR", "amount": 2500, "currency": "EUR"}',
       now() - interval '3 hours')`,
    [kind, subject],
  );
}

/** A cancellation whose job was given up, since Stripe was away. @returns its order, once its job is dead */
export async function dyingRelease(holdfast: Holdfast): Promise<string> {
  const { controls, api } = holdfast;
  const { number } = await reserveManual(holdfast);
  await controls.fault({ path: '/v1/payment_intents', kind: 'error', status: 503, times: EVERY_TRY });
  await api.post(`/v1/orders/${number}/cancel`, {});
  await holdfast.rows(
    `UPDATE pgboss.job SET retry_limit = 0, start_after = now() WHERE name = 'payments.release'
       AND data->>'paymentId' = (SELECT payment->>'paymentId' FROM orders WHERE order_number = $1)`,
    [number],
  );
  await eventually(
    () => holdfast.rows(`SELECT FROM pgboss.job WHERE name = 'dead-letters' AND state < 'active'`),
    (dead) => dead.length > 0,
  );
  await controls.clearFaults();
  return number;
}
