import { metadata } from '../http/metadata.js';
import {
  boolean,
  email,
  hash,
  integer,
  list,
  oneOf,
  positiveInteger,
  required,
  string,
  timestamp,
  url,
  type Values,
} from '../http/parameters.js';
import { shippingParameter } from '../payments/contact.parameters.js';

/** The parameters of Checkout Sessions in payment mode, as far as this sandbox builds them (facts §2.1). */

const ALLOW_REDISPLAY = oneOf('always', 'limited', 'unspecified');
const LOCALES = oneOf(
  ...'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'.split(
    ' ',
  ),
);

const productData = hash({
  name: required(string()),
  description: string(),
  images: list(url(), { max: 8 }),
  metadata: metadata(),
});

const lineItem = hash({
  price_data: required(
    hash({
      currency: required(string()),
      product_data: required(productData),
      tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
      unit_amount: required(integer({ min: 0 })),
    }),
  ),
  quantity: required(positiveInteger()),
  metadata: metadata(),
});

export const createParameters = {
  adaptive_pricing: hash({ enabled: boolean() }),
  allowed_payment_method_types: list(string()),
  excluded_payment_method_types: list(string()),
  cancel_url: url(),
  client_reference_id: string({ max: 200 }),
  currency: string(),
  customer: string(),
  customer_creation: oneOf('always', 'if_required'),
  customer_email: email(),
  expires_at: timestamp(),
  line_items: list(lineItem, { max: 100 }),
  locale: LOCALES,
  metadata: metadata(),
  mode: oneOf('payment', 'setup', 'subscription'),
  payment_intent_data: hash({
    capture_method: oneOf('automatic', 'automatic_async', 'manual'),
    description: string({ max: 1000 }),
    metadata: metadata(),
    receipt_email: email(),
    setup_future_usage: oneOf('off_session', 'on_session'),
    shipping: shippingParameter(),
    statement_descriptor: string({ max: 22 }),
    statement_descriptor_suffix: string({ max: 22 }),
    transfer_group: string(),
  }),
  payment_method_configuration: string(),
  payment_method_data: hash({ allow_redisplay: ALLOW_REDISPLAY }),
  saved_payment_method_options: hash({
    allow_redisplay_filters: list(ALLOW_REDISPLAY),
    payment_method_remove: oneOf('disabled', 'enabled'),
    payment_method_save: oneOf('disabled', 'enabled'),
  }),
  submit_type: oneOf('auto', 'book', 'donate', 'pay'),
  success_url: url(),
  // The old names hosted, embedded and custom are refused since 2026-03-25.dahlia (facts §0.2).
  ui_mode: oneOf('elements', 'embedded_page', 'form', 'hosted_page'),
};

export type CreateParameters = Values<typeof createParameters>;
export type LineItemParameters = NonNullable<CreateParameters['line_items']>[number];
