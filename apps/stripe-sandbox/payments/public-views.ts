import type Stripe from 'stripe';
import type { ErrorBody } from '../http/errors.js';

/** What a publishable key is shown of an object: what the customer knows anyway, nothing of what stands behind it. */

/** The fields that a publishable key with the client secret is shown. */
const PUBLIC_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'object',
  'amount',
  'amount_details',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_configuration_details',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
] satisfies (keyof Stripe.PaymentIntent)[]);

/** No customer, no metadata, no charge. */
export function publicPaymentIntent(presented: object): object {
  const shown = Object.entries(presented).filter(([field]) => PUBLIC_FIELDS.has(field));
  return withPublicMethod(Object.fromEntries(shown), 'last_payment_error');
}

export function publicSetupIntent(presented: object): object {
  const { customer: _customer, metadata: _metadata, ...shown } = presented as Stripe.SetupIntent;
  return withPublicMethod(shown, 'last_setup_error');
}

/** No customer, no fingerprint, no metadata. */
export function publicPaymentMethod(presented: object): object {
  const { metadata: _metadata, customer: _customer, card, ...shown } = presented as Stripe.PaymentMethod;
  if (card === undefined) return shown;
  const { fingerprint: _fingerprint, ...shownCard } = card;
  return { ...shown, card: shownCard };
}

/** An error carries objects, too. */
export function publicError(body: ErrorBody): ErrorBody {
  const shown = { ...body };
  if (body.payment_intent !== undefined) shown.payment_intent = publicPaymentIntent(body.payment_intent);
  if (body.setup_intent !== undefined) shown.setup_intent = publicSetupIntent(body.setup_intent);
  if (body.payment_method !== undefined) shown.payment_method = publicPaymentMethod(body.payment_method);
  return shown;
}

function withPublicMethod(intent: Record<string, unknown>, field: string): object {
  const error = intent[field] as { payment_method?: object } | null;
  if (error?.payment_method === undefined) return intent;
  return { ...intent, [field]: { ...error, payment_method: publicPaymentMethod(error.payment_method) } };
}
