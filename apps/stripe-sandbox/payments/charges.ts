import type Stripe from 'stripe';
import type { Metadata } from '../http/metadata.js';
import { newId } from '../state/ids.js';
import type { World } from '../world.js';
import { cardByNumber, type Decline, type TestCard } from './cards.js';
import type { BillingDetails } from './contact.parameters.js';
import type { Shipping } from './customers.js';
import { fingerprintOf, type PaymentMethodRecord } from './payment-methods.js';
import type { PaymentIntentRecord } from './payment-intent.record.js';

export interface ChargeRecord {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly amount_captured: number;
  /** Given back to the customer: refunds, and the part of a hold that was released (facts §3.2). */
  readonly amount_refunded: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly payment_intent: string;
  readonly payment_method: string;
  readonly card_number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly billing_details: BillingDetails;
  /** The bank has not answered yet. */
  readonly pending: boolean;
  readonly captured: boolean;
  /** Seconds since 1970; null while it is not. */
  readonly captured_at: number | null;
  readonly disputed: boolean;
  readonly expired: boolean;
  readonly decline: Decline | null;
  readonly authenticated: boolean;
  /** Seconds since 1970; null when there is nothing left to capture. */
  readonly capture_before: number | null;
  readonly description: string | null;
  readonly receipt_email: string | null;
  readonly shipping: Shipping | null;
  readonly statement_descriptor: string | null;
  readonly statement_descriptor_suffix: string | null;
  readonly transfer_group: string | null;
  readonly metadata: Metadata;
}

const DAY = 86_400;
/** How long a card-not-present hold lasts: seven days, and four days and eighteen hours for Visa off session (facts §3.2). */
const HOLD_SECONDS = 7 * DAY;
const VISA_OFF_SESSION_HOLD_SECONDS = 4 * DAY + 18 * 3600;

export interface Attempted {
  readonly method: PaymentMethodRecord;
  readonly decline: Decline | null;
  readonly authenticated: boolean;
  readonly offSession: boolean;
}

/** What the bank's answer makes of a charge: authorised, captured at once, or declined. */
function answered(world: World, intent: PaymentIntentRecord, attempted: Attempted) {
  const { decline } = attempted;
  const now = world.clock.seconds();
  const captured = decline === null && intent.capture_method !== 'manual';
  const held = decline === null && !captured;
  return {
    pending: false,
    amount_captured: captured ? intent.amount : 0,
    captured,
    captured_at: captured ? now : null,
    decline,
    capture_before: held ? now + holdSeconds(cardByNumber(attempted.method.card_number), attempted.offSession) : null,
  };
}

/** A charge that was pending has its answer. */
export function settleCharge(
  world: World,
  intent: PaymentIntentRecord,
  charge: ChargeRecord,
  attempted: Attempted,
): ChargeRecord {
  return world.store.charges.update(charge, answered(world, intent, attempted));
}

/** A charge that waits for its answer (`processing`). */
export function createPendingCharge(world: World, intent: PaymentIntentRecord, attempted: Attempted): ChargeRecord {
  return world.store.charges.insert({
    ...newCharge(world, intent, attempted),
    pending: true,
    amount_captured: 0,
    captured: false,
    captured_at: null,
    capture_before: null,
  });
}

/** The charge of one attempt to pay: authorised, captured at once, or declined. */
export function createCharge(world: World, intent: PaymentIntentRecord, attempted: Attempted): ChargeRecord {
  return world.store.charges.insert(newCharge(world, intent, attempted));
}

function newCharge(world: World, intent: PaymentIntentRecord, attempted: Attempted): ChargeRecord {
  const { method } = attempted;
  return {
    id: newId('ch'),
    created: world.clock.seconds(),
    amount: intent.amount,
    amount_refunded: 0,
    currency: intent.currency,
    customer: intent.customer,
    payment_intent: intent.id,
    payment_method: method.id,
    card_number: method.card_number,
    exp_month: method.exp_month,
    exp_year: method.exp_year,
    billing_details: method.billing_details,
    disputed: false,
    expired: false,
    authenticated: attempted.authenticated,
    description: intent.description,
    receipt_email: intent.receipt_email,
    shipping: intent.shipping,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    transfer_group: intent.transfer_group,
    metadata: { ...intent.metadata },
    ...answered(world, intent, attempted),
  };
}

function holdSeconds(card: TestCard, offSession: boolean): number {
  return offSession && card.brand === 'visa' ? VISA_OFF_SESSION_HOLD_SECONDS : HOLD_SECONDS;
}

export function presentCharge(charge: ChargeRecord): Stripe.Charge {
  const { decline } = charge;
  const card = cardByNumber(charge.card_number);
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amount_captured,
    amount_refunded: charge.amount_refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: charge.billing_details,
    calculated_statement_descriptor: charge.statement_descriptor ?? 'HOLDFAST SANDBOX',
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: charge.customer,
    description: charge.description,
    disputed: charge.disputed,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: charge.pending ? null : outcomeOf(card, decline),
    paid: decline === null && !charge.pending,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    payment_method_details: { card: cardDetailsOf(charge, card), type: 'card' },
    radar_options: {},
    receipt_email: charge.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: charge.amount_refunded === charge.amount,
    review: null,
    shipping: charge.shipping as Stripe.Charge.Shipping | null,
    source: null,
    source_transfer: null,
    statement_descriptor: charge.statement_descriptor,
    statement_descriptor_suffix: charge.statement_descriptor_suffix,
    status: charge.pending ? 'pending' : decline === null ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: charge.transfer_group,
  } satisfies Stripe.Charge;
}

function cardDetailsOf(charge: ChargeRecord, card: TestCard): Stripe.Charge.PaymentMethodDetails.Card {
  const authorised = charge.decline === null && !charge.pending;
  return {
    amount_authorized: authorised ? charge.amount : null,
    authorization_code: authorised ? charge.id.slice(-6).toUpperCase() : null,
    brand: card.brand,
    ...(charge.capture_before === null ? {} : { capture_before: charge.capture_before }),
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: charge.exp_month,
    exp_year: charge.exp_year,
    extended_authorization: { status: 'disabled' },
    fingerprint: fingerprintOf(charge.card_number),
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: charge.card_number.slice(-4),
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: charge.id.slice(-15),
    overcapture: { maximum_amount_capturable: charge.amount, status: 'unavailable' },
    regulated_status: 'unregulated',
    three_d_secure: charge.authenticated ? AUTHENTICATED : null,
    transaction_link_id: null,
    wallet: null,
  };
}

const AUTHENTICATED: Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};

function outcomeOf(card: TestCard, decline: Decline | null): Stripe.Charge.Outcome {
  const none = { advice_code: null, network_advice_code: null, network_decline_code: null };
  if (decline === null) {
    return {
      ...none,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 20,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  const blocked = card.blockedByRadar === true;
  return {
    ...none,
    network_status: blocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: blocked ? 'highest_risk_level' : (decline.declineCode ?? decline.code),
    risk_level: blocked ? 'highest' : 'normal',
    risk_score: blocked ? 92 : 20,
    seller_message: blocked
      ? 'Stripe blocked this payment as too risky.'
      : 'The bank did not return any further details with this decline.',
    type: blocked ? 'blocked' : 'issuer_declined',
  };
}
