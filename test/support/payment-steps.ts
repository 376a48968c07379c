import type { Answer, ApiClient } from './api-client.js';
import { eventually } from './eventually.js';
import type { Holdfast } from './holdfast.js';

/** A request for the hosted page. */
export const CHECKOUT = {
  createCheckoutSession: true,
  successUrl: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}',
  errorUrl: 'https://shop.example/cart',
};

/** Uses up the retries of every client, and more than any test leaves behind. */
export const EVERY_TRY = 50;

interface InitPaymentData {
  readonly clientSecret: string;
  readonly checkoutUrl: string;
  readonly sessionId: string;
}

const dataOf = (answer: Answer): InitPaymentData =>
  (answer.body as { initPaymentData: InitPaymentData }).initPaymentData;

/** The secret of an answer to init payment. */
export const secretOf = (answer: Answer): string => dataOf(answer).clientSecret;
export const intentIdOf = (answer: Answer): string => secretOf(answer).split('_secret')[0] ?? '';
export const pageOf = (answer: Answer): string => dataOf(answer).checkoutUrl;
export const sessionIdOf = (answer: Answer): string => dataOf(answer).sessionId;

/** Places an order, begins its payment and confirms it; what then comes by webhook is not waited for. */
export async function reserve(
  holdfast: Holdfast,
  order: Parameters<ApiClient['placeOrder']>[0] = {},
): Promise<{ number: string; intentId: string; secret: string }> {
  const number = await holdfast.api.placeOrder(order);
  const answer = await holdfast.api.init(number);
  await holdfast.controls.confirm(secretOf(answer));
  return { number, intentId: intentIdOf(answer), secret: secretOf(answer) };
}

/** An order whose money is reserved and whose items wait for the partner's report. */
export async function reserveManual(holdfast: Holdfast): Promise<{ number: string; intentId: string }> {
  const reserved = await reserve(holdfast, { items: [{ fulfiller: 'manual' }] });
  await untilReportsAreAwaited(holdfast, reserved.number);
  return reserved;
}

/** An order in InTransit may have items still whose fulfiller was not asked, and another thing may become of those. */
export async function untilReportsAreAwaited(holdfast: Holdfast, orderNumber: string): Promise<void> {
  await eventually(
    () =>
      holdfast.rows(
        `SELECT FROM order_items WHERE order_number = $1 AND status IN ('New', 'InTransit') AND NOT awaiting_report`,
        [orderNumber],
      ),
    (rows) => rows.length === 0,
  );
}

/** An order that was delivered after its reservation was lost: nothing can be charged, and a person has to settle it. */
export async function deliveredUnpaid(holdfast: Holdfast): Promise<string> {
  const { number, intentId } = await reserveManual(holdfast);
  await holdfast.stripe.paymentIntents.cancel(intentId);
  await eventually(
    () => holdfast.api.order(number),
    ({ payment }) => payment.status === 'Expired',
  );
  await holdfast.api.put(`/v1/orders/${number}/items/${number}-1/fulfillment`, { outcome: 'Delivered' });
  return number;
}

/** The kinds of the open cases about an order, or an object at Stripe, sorted. */
export async function casesOf(holdfast: Holdfast, subject: string): Promise<string[]> {
  const rows = await holdfast.rows<{ kind: string }>(
    'SELECT kind FROM operator_cases WHERE subject = $1 AND closed_at IS NULL ORDER BY kind',
    [subject],
  );
  return rows.map(({ kind }) => kind);
}

/** An order that is paid, delivered and charged; one ticket of 12.50 EUR unless told otherwise. */
export async function charged(
  holdfast: Holdfast,
  order: Parameters<ApiClient['placeOrder']>[0] = {},
  card = 'pm_card_visa',
): Promise<{ number: string; intentId: string; paymentId: string }> {
  const number = await holdfast.api.placeOrder(order);
  const answer = await holdfast.api.init(number);
  await holdfast.controls.confirm(secretOf(answer), card);
  const settled = (await holdfast.api.orderIn(number, 'Fulfilled', 'PartiallyFulfilled')) as {
    payment: { paymentId: string };
  };
  return { number, intentId: intentIdOf(answer), paymentId: settled.payment.paymentId };
}
