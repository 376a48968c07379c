import { invalidRequest, resourceMissing } from '../http/errors.js';
import { mergeMetadata } from '../http/metadata.js';
import { missing } from '../http/parameters.js';
import { newId, randomToken } from '../state/ids.js';
import type { World } from '../world.js';
import { readShipping } from '../payments/contact.parameters.js';
import { checkChargeable, currencyOf, formatAmount, LARGEST_AMOUNT, smallestCharge } from '../payments/currencies.js';
import { customerToUse } from '../payments/customers.js';
import { typeFiltersFrom } from '../payments/payment-intents.choices.js';
import type { CheckoutSessionRecord, LineItemRecord, PaymentIntentData } from './session.record.js';
import { planSessionExpiry } from './sessions.lifecycle.js';
import type { CreateParameters, LineItemParameters } from './sessions.parameters.js';

/** A session may be open for half an hour to a day (facts §2.1). */
const SHORTEST_SECONDS = 30 * 60;
const LONGEST_SECONDS = 24 * 3600;
/** A request takes time to arrive: a session that was asked for "in thirty minutes" is not refused for a second's delay. */
const LATENESS_SECONDS = 30;

/** Creates a hosted session in payment mode. It makes no PaymentIntent yet (facts §2.2). */
export function createSession(world: World, params: CreateParameters): CheckoutSessionRecord {
  refuseWhatIsNotBuilt(params);
  if (params.success_url === undefined) throw missing('success_url');
  if (params.line_items === undefined) throw missing('line_items');
  const currency = currencyOfSession(params);
  const line_items = params.line_items.map((item) => newLineItem(item));
  const created = world.clock.seconds();
  const session = world.store.sessions.insert({
    id: `cs_test_${randomToken(58)}`,
    created,
    expires_at: expiryOf(params.expires_at, created),
    status: 'open',
    currency,
    amount_total: totalOf(line_items, currency),
    line_items,
    success_url: params.success_url,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    ...customerFrom(world, params),
    customer_details: null,
    locale: params.locale ?? null,
    submit_type: params.submit_type ?? null,
    allowed_payment_method_types: typeFiltersFrom(params, NO_FILTERS).allowed_payment_method_types,
    payment_intent: null,
    payment_intent_data: intentDataFrom(params.payment_intent_data),
    saved_payment_method_options: savedOptionsFrom(params.saved_payment_method_options),
    allow_redisplay: params.payment_method_data?.allow_redisplay ?? null,
    metadata: mergeMetadata({}, params.metadata),
  });
  planSessionExpiry(world, session);
  return session;
}

const NO_FILTERS = { allowed_payment_method_types: null, excluded_payment_method_types: null };

function refuseWhatIsNotBuilt(params: CreateParameters): void {
  if (params.mode === undefined) throw missing('mode');
  if (params.mode !== 'payment')
    throw invalidRequest(`This sandbox builds Checkout Sessions in payment mode only, not ${params.mode}.`, {
      param: 'mode',
    });
  if (params.ui_mode !== undefined && params.ui_mode !== 'hosted_page') {
    throw invalidRequest(`This sandbox builds hosted_page sessions only, not ${params.ui_mode}.`, { param: 'ui_mode' });
  }
  if (params.adaptive_pricing?.enabled === true) {
    throw invalidRequest('This sandbox does not build adaptive pricing.', { param: 'adaptive_pricing[enabled]' });
  }
}

function currencyOfSession(params: CreateParameters): string {
  const items = params.line_items ?? [];
  const first = items[0];
  if (first === undefined) throw invalidRequest('You must provide at least one line item.', { param: 'line_items' });
  const currency = currencyOf(first.price_data.currency, 'line_items[0][price_data][currency]');
  const different = items.find((item) => item.price_data.currency.toLowerCase() !== currency);
  const asked = params.currency === undefined ? currency : currencyOf(params.currency, 'currency');
  if (different !== undefined || asked !== currency) {
    throw invalidRequest('You cannot use line items with different currencies in one Checkout Session.', {
      param: 'line_items',
    });
  }
  return currency;
}

function newLineItem(item: LineItemParameters): LineItemRecord {
  const { price_data: price, quantity } = item;
  return {
    id: newId('li'),
    name: price.product_data.name,
    description: price.product_data.description ?? null,
    unit_amount: price.unit_amount,
    quantity,
    product: newId('prod'),
    price: newId('price'),
    tax_behavior: price.tax_behavior ?? 'unspecified',
    metadata: mergeMetadata({}, item.metadata),
    product_metadata: mergeMetadata({}, price.product_data.metadata),
  };
}

/** 0, or an amount that can be charged (facts §7.1, §7.6). */
function totalOf(items: readonly LineItemRecord[], currency: string): number {
  const total = items.reduce((sum, item) => sum + item.unit_amount * item.quantity, 0);
  if (total === 0) return 0;
  if (total <= LARGEST_AMOUNT && total < smallestCharge(currency)) {
    const message = `The Checkout Session's total amount due must add up to at least ${formatAmount(smallestCharge(currency), currency)}`;
    throw invalidRequest(message, { code: 'amount_too_small' });
  }
  checkChargeable(total, currency, 'line_items');
  return total;
}

function expiryOf(asked: number | undefined, created: number): number {
  if (asked === undefined) return created + LONGEST_SECONDS;
  const seconds = asked - created;
  if (seconds >= SHORTEST_SECONDS - LATENESS_SECONDS && seconds <= LONGEST_SECONDS + LATENESS_SECONDS) return asked;
  const message =
    'The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.';
  throw invalidRequest(message, { param: 'expires_at' });
}

type CustomerChoice = Pick<CheckoutSessionRecord, 'customer' | 'customer_creation' | 'customer_email'>;

function customerFrom(world: World, params: CreateParameters): CustomerChoice {
  if (params.customer === undefined) {
    return {
      customer: null,
      customer_creation: params.customer_creation ?? 'if_required',
      customer_email: params.customer_email ?? null,
    };
  }
  if (params.customer_creation !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_creation.', {
      param: 'customer_creation',
    });
  }
  if (params.customer_email !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_email.', {
      param: 'customer_email',
    });
  }
  return { customer: customerToUse(world, params.customer).id, customer_creation: null, customer_email: null };
}

function intentDataFrom(sent: CreateParameters['payment_intent_data']): PaymentIntentData {
  return {
    capture_method: sent?.capture_method ?? 'automatic_async',
    setup_future_usage: sent?.setup_future_usage ?? null,
    description: sent?.description ?? null,
    receipt_email: sent?.receipt_email ?? null,
    shipping: sent?.shipping === undefined ? null : readShipping(sent.shipping),
    statement_descriptor: sent?.statement_descriptor ?? null,
    statement_descriptor_suffix: sent?.statement_descriptor_suffix ?? null,
    transfer_group: sent?.transfer_group ?? null,
    metadata: mergeMetadata({}, sent?.metadata),
  };
}

function savedOptionsFrom(
  sent: CreateParameters['saved_payment_method_options'],
): CheckoutSessionRecord['saved_payment_method_options'] {
  if (sent === undefined) return null;
  return {
    payment_method_save: sent.payment_method_save ?? null,
    payment_method_remove: sent.payment_method_remove ?? null,
    allow_redisplay_filters: sent.allow_redisplay_filters ?? ['always'],
  };
}

export function sessionToUse(world: World, id: string): CheckoutSessionRecord {
  const session = world.store.sessions.get(id);
  if (session === undefined) throw resourceMissing('checkout.session', id, 'session', 404);
  return session;
}
