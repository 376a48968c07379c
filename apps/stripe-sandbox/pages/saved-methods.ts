import type { CheckoutSessionRecord } from '../checkout/session.record.js';
import type { PaymentMethodRecord } from '../payments/payment-methods.js';
import type { World } from '../world.js';

/** The cards that the page shows: the customer's, newest first, by default only those to be shown always (facts §2.1, §4.7). */
export function savedMethodsOf(world: World, session: CheckoutSessionRecord): PaymentMethodRecord[] {
  if (session.customer === null) return [];
  const shown = session.saved_payment_method_options?.allow_redisplay_filters ?? ['always'];
  const methods = world.store.paymentMethods.where('customer', session.customer);
  return methods.filter((method) => shown.includes(method.allow_redisplay)).reverse();
}
