import { metadata } from '../http/metadata.js';
import {
  boolean,
  email,
  hash,
  integer,
  list,
  oneOf,
  orUnset,
  positiveInteger,
  required,
  string,
  url,
  type Values,
} from '../http/parameters.js';
import { billingDetailsParameter, shippingParameter } from './contact.parameters.js';

/** The parameters of PaymentIntents, as far as this sandbox builds them; others are refused as unknown. */

const CAPTURE_METHOD = oneOf('automatic', 'automatic_async', 'manual');
const SETUP_FUTURE_USAGE = oneOf('off_session', 'on_session');

const cardParameter = hash({
  number: required(string()),
  exp_month: required(integer()),
  exp_year: required(integer()),
  cvc: string(),
});

/** `payment_method_data`, and with the same names POST /v1/payment_methods. */
export const paymentMethodData = {
  type: required(oneOf('card')),
  card: required(cardParameter),
  billing_details: billingDetailsParameter(),
  allow_redisplay: oneOf('always', 'limited', 'unspecified'),
  metadata: metadata(),
};
export type PaymentMethodData = Values<typeof paymentMethodData>;

const cardOptions = hash({
  request_three_d_secure: oneOf('automatic', 'any', 'challenge'),
  setup_future_usage: orUnset(oneOf('none', 'off_session', 'on_session')),
});

/** What create, update and confirm share. */
const described = {
  payment_method: string(),
  payment_method_data: hash(paymentMethodData),
  payment_method_options: hash({ card: orUnset(cardOptions) }),
  capture_method: CAPTURE_METHOD,
};

const typeFilters = {
  allowed_payment_method_types: list(string()),
  excluded_payment_method_types: orUnset(list(string())),
};

const onlyWhenConfirming = {
  error_on_requires_action: boolean(),
  off_session: boolean(),
  return_url: url(),
  use_stripe_sdk: boolean(),
};

export const createParameters = {
  amount: required(positiveInteger()),
  currency: required(string()),
  ...described,
  ...typeFilters,
  ...onlyWhenConfirming,
  automatic_payment_methods: hash({ enabled: required(boolean()), allow_redirects: oneOf('always', 'never') }),
  confirm: boolean(),
  confirmation_method: oneOf('automatic', 'manual'),
  customer: string(),
  description: string(),
  metadata: metadata(),
  payment_method_configuration: string(),
  receipt_email: email(),
  setup_future_usage: SETUP_FUTURE_USAGE,
  shipping: shippingParameter(),
  statement_descriptor: string({ max: 22 }),
  statement_descriptor_suffix: string({ max: 22 }),
  transfer_group: string(),
};

export const updateParameters = {
  amount: positiveInteger(),
  currency: string(),
  ...described,
  ...typeFilters,
  customer: string(),
  description: string(),
  metadata: metadata(),
  payment_method_configuration: string(),
  receipt_email: orUnset(email()),
  setup_future_usage: orUnset(SETUP_FUTURE_USAGE),
  shipping: orUnset(shippingParameter()),
  statement_descriptor: string({ max: 22 }),
  statement_descriptor_suffix: string({ max: 22 }),
  transfer_group: string(),
};

export const confirmParameters = {
  ...described,
  ...typeFilters,
  ...onlyWhenConfirming,
  client_secret: string(),
  receipt_email: orUnset(email()),
  setup_future_usage: orUnset(SETUP_FUTURE_USAGE),
  shipping: orUnset(shippingParameter()),
};

export const captureParameters = {
  amount_to_capture: positiveInteger(),
  final_capture: boolean(),
  metadata: metadata(),
  statement_descriptor: string({ max: 22 }),
  statement_descriptor_suffix: string({ max: 22 }),
};

export const cancelParameters = {
  cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
};
