import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { cardError, invalidRequest, resourceMissing } from '../http/errors.js';
import type { Metadata } from '../http/metadata.js';
import { newId } from '../state/ids.js';
import { emit } from '../webhooks/events.js';
import type { World } from '../world.js';
import { cardByNumber, cardByToken, passesLuhn, type TestCard } from './cards.js';
import { NO_BILLING_DETAILS, type BillingDetails } from './contact.parameters.js';

export type AllowRedisplay = 'always' | 'limited' | 'unspecified';

export interface PaymentMethodRecord {
  readonly id: string;
  readonly created: number;
  readonly customer: string | null;
  readonly card_number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc_given: boolean;
  readonly billing_details: BillingDetails;
  readonly metadata: Metadata;
  readonly allow_redisplay: AllowRedisplay;
  /** Used up: paid with and never attached, or detached. It can neither be used nor attached again (facts §3.4, §4.4). */
  readonly spent: boolean;
  /** Set up for off-session payments: authenticated once for this purpose. */
  readonly set_up: boolean;
}

export interface CardDetails {
  readonly number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc?: string | undefined;
}

export interface NewPaymentMethod {
  readonly card: CardDetails;
  readonly billing_details?: BillingDetails;
  readonly metadata?: Metadata;
  readonly allow_redisplay?: AllowRedisplay | undefined;
}

/** @throws incorrect_number, invalid_expiry_month, invalid_expiry_year, invalid_cvc (402, as Stripe answers). */
export function createPaymentMethod(world: World, wanted: NewPaymentMethod): PaymentMethodRecord {
  checkCard(world, wanted.card);
  return world.store.paymentMethods.insert({
    id: newId('pm'),
    created: world.clock.seconds(),
    customer: null,
    card_number: wanted.card.number,
    exp_month: wanted.card.exp_month,
    exp_year: wanted.card.exp_year,
    cvc_given: wanted.card.cvc !== undefined,
    billing_details: wanted.billing_details ?? NO_BILLING_DETAILS,
    metadata: wanted.metadata ?? {},
    allow_redisplay: wanted.allow_redisplay ?? 'unspecified',
    spent: false,
    set_up: false,
  });
}

/** Reads a card as the customer typed it. @throws card errors whose `param` names the field. */
export function checkCard(world: World, card: CardDetails): void {
  if (!passesLuhn(card.number)) {
    throw cardError('Your card number is incorrect.', { code: 'incorrect_number', param: 'number' });
  }
  const now = new Date(world.clock.now());
  if (card.exp_month < 1 || card.exp_month > 12) {
    throw cardError("Your card's expiration month is invalid.", { code: 'invalid_expiry_month', param: 'exp_month' });
  }
  const year = card.exp_year < 100 ? 2000 + card.exp_year : card.exp_year;
  const age = (now.getUTCFullYear() - year) * 12 + now.getUTCMonth() + 1 - card.exp_month;
  if (age > 0 || age < -12 * 50) {
    throw cardError("Your card's expiration year is invalid.", { code: 'invalid_expiry_year', param: 'exp_year' });
  }
  const digits = cardByNumber(card.number).brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/;
  if (card.cvc !== undefined && !digits.test(card.cvc)) {
    throw cardError("Your card's security code is invalid.", { code: 'invalid_cvc', param: 'cvc' });
  }
}

/**
 * The payment method of an id. A `pm_card_*` token becomes a new payment method each time it is used, as at Stripe.
 * @throws resource_missing
 */
export function paymentMethodToUse(world: World, id: string, status: 400 | 404 = 400): PaymentMethodRecord {
  const card = cardByToken(id);
  if (card !== undefined) return createPaymentMethod(world, { card: tokenDetails(world, card) });
  const method = world.store.paymentMethods.get(id);
  if (method === undefined) throw resourceMissing('PaymentMethod', id, 'payment_method', status);
  return method;
}

function tokenDetails(world: World, card: TestCard): CardDetails {
  const year = new Date(world.clock.now()).getUTCFullYear() + 1;
  return { number: card.number, exp_month: 12, exp_year: year, cvc: card.brand === 'amex' ? '1234' : '123' };
}

const SPENT =
  'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a ' +
  'connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a ' +
  'PaymentMethod multiple times, you must attach it to a Customer first.';

export function refuseSpent(method: PaymentMethodRecord): void {
  if (method.spent) throw invalidRequest(SPENT, { param: 'payment_method' });
}

/**
 * Binds a payment method to a customer. One belongs to at most one (facts §4.1). While a bank was asked the card may have been
 * removed, which is for good, or the customer: then it stays unbound.
 */
export function attach(
  world: World,
  method: PaymentMethodRecord,
  customer: string,
  patch: Partial<PaymentMethodRecord> = {},
): PaymentMethodRecord {
  if (method.spent || world.store.customers.get(customer)?.deleted !== false) return method;
  if (method.customer === customer) return world.store.paymentMethods.update(method, patch);
  const attached = world.store.paymentMethods.update(method, { ...patch, customer });
  emit(world, 'payment_method.attached', presentPaymentMethod(attached));
  return attached;
}

/** For good: what was detached can never be used or attached again (facts §4.4). */
export function detach(world: World, method: PaymentMethodRecord): PaymentMethodRecord {
  const detached = world.store.paymentMethods.update(method, { customer: null, spent: true });
  emit(world, 'payment_method.detached', presentPaymentMethod(detached), { customer: method.customer });
  return detached;
}

/** The same card has the same fingerprint, whatever payment method carries it. */
export function fingerprintOf(number: string): string {
  return createHash('sha256').update(`card:${number}`).digest('base64url').replaceAll(/[-_]/g, '0').slice(0, 16);
}

export function presentPaymentMethod(method: PaymentMethodRecord): Stripe.PaymentMethod {
  const card = cardByNumber(method.card_number);
  return {
    id: method.id,
    object: 'payment_method',
    allow_redisplay: method.allow_redisplay,
    billing_details: method.billing_details,
    card: {
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check:
          method.customer === null ? (method.cvc_given ? 'unchecked' : null) : method.cvc_given ? 'pass' : null,
      },
      country: 'US',
      display_brand: card.brand,
      exp_month: method.exp_month,
      exp_year: method.exp_year,
      fingerprint: fingerprintOf(method.card_number),
      funding: card.funding,
      generated_from: null,
      last4: method.card_number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: card.supportsThreeDSecure },
      wallet: null,
    },
    created: method.created,
    customer: method.customer,
    customer_account: null,
    livemode: false,
    metadata: method.metadata,
    type: 'card',
  } satisfies Stripe.PaymentMethod;
}
