import type Stripe from 'stripe';
import type { World } from '../world.js';
import type { CheckoutSessionRecord, LineItemRecord } from './session.record.js';

/** What this sandbox does not build is as it is in a session that does not use it. */
const NOT_BUILT = {
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  managed_payments: null,
  mode: 'payment',
  origin_context: null,
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_method_types: ['card'],
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  subscription: null,
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<Stripe.Checkout.Session>;

/** A Checkout Session as the API shows it (facts §2.2). */
export function presentSession(world: World, session: CheckoutSessionRecord): Stripe.Checkout.Session {
  return {
    id: session.id,
    object: 'checkout.session',
    ...NOT_BUILT,
    allowed_payment_method_types: session.allowed_payment_method_types && [...session.allowed_payment_method_types],
    amount_subtotal: session.amount_total,
    amount_total: session.amount_total,
    cancel_url: session.cancel_url,
    client_reference_id: session.client_reference_id,
    created: session.created,
    currency: session.currency,
    customer: session.customer,
    customer_creation: session.customer_creation,
    customer_details: presentCustomerDetails(session),
    customer_email: session.customer_email,
    expires_at: session.expires_at,
    locale: session.locale,
    metadata: session.metadata,
    payment_intent: session.payment_intent,
    payment_method_configuration_details: { id: world.store.account.get('account')?.configuration ?? '', parent: null },
    payment_status: paymentStatus(world, session),
    saved_payment_method_options: presentSavedOptions(session),
    status: session.status,
    submit_type: session.submit_type,
    success_url: session.success_url,
    url: session.status === 'open' ? pageUrl(world, session) : null,
  } satisfies Stripe.Checkout.Session;
}

/** The hosted page. It exists only while the session is open (facts §2.2). */
export function pageUrl(world: World, session: CheckoutSessionRecord): string {
  return `${world.baseUrl}/c/pay/${session.id}`;
}

/** With a reservation `unpaid` also when complete, and `paid` only once it has been captured (facts §2.3). */
function paymentStatus(world: World, session: CheckoutSessionRecord): Stripe.Checkout.Session.PaymentStatus {
  if (session.amount_total === 0) return session.status === 'complete' ? 'no_payment_required' : 'unpaid';
  const intent = world.store.paymentIntents.get(session.payment_intent ?? '');
  return intent?.status === 'succeeded' ? 'paid' : 'unpaid';
}

function presentCustomerDetails(session: CheckoutSessionRecord): Stripe.Checkout.Session.CustomerDetails | null {
  const email = session.customer_details?.email ?? session.customer_email;
  if (session.customer_details === null && email === null) return null;
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: session.customer_details?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: session.status === 'complete' ? [] : null,
  };
}

function presentSavedOptions(session: CheckoutSessionRecord): Stripe.Checkout.Session.SavedPaymentMethodOptions | null {
  const options = session.saved_payment_method_options;
  if (options === null) return null;
  const filters = options.allow_redisplay_filters;
  return { ...options, allow_redisplay_filters: filters && [...filters] };
}

export function presentLineItem(session: CheckoutSessionRecord, item: LineItemRecord): object {
  const amount = item.unit_amount * item.quantity;
  return {
    id: item.id,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: session.currency,
    description: item.name,
    metadata: item.metadata,
    price: presentPrice(session, item),
    quantity: item.quantity,
  } satisfies Omit<Stripe.LineItem, 'price'> & { price: object };
}

/** `unit_amount_decimal` is text on the wire; the package turns it into a Decimal. */
function presentPrice(session: CheckoutSessionRecord, item: LineItemRecord): object {
  return {
    id: item.price,
    object: 'price',
    active: false,
    billing_scheme: 'per_unit',
    created: session.created,
    currency: session.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: item.product,
    recurring: null,
    tax_behavior: item.tax_behavior,
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: item.unit_amount,
    unit_amount_decimal: String(item.unit_amount),
  } satisfies Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string };
}
