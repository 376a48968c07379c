import { PROVIDER_REFUSED } from '#payments';

export const NOT_IN_STATE_TO_REFUND = {
  status: 409,
  code: 'order-not-in-state-to-refund',
  title: 'Nothing was charged for the order, so nothing can be refunded',
};

export const REFUND_EXCEEDS_CAPTURED = {
  status: 409,
  code: 'refund-exceeds-captured',
  title: 'A refund cannot be more than what was charged, less what is refunded or about to be',
};

export const REFUND_ITEM_NOT_REFUNDABLE = {
  status: 409,
  code: 'refund-item-not-refundable',
  title: 'Only an item that was delivered, charged, and not refunded before can be refunded',
};

export const PAYMENT_DISPUTED = {
  status: 409,
  code: 'payment-disputed',
  title: 'The customer’s bank disputes the payment; Stripe refunds nothing of it',
};

/** Of the same code as at init: what Stripe refused for good, whatever it was. */
export const REFUND_REFUSED = {
  status: 502,
  code: PROVIDER_REFUSED.code,
  title: 'Stripe refused the refund for good; nothing was given back',
};
