export const NOT_IN_STATE_TO_INIT = {
  status: 409,
  code: 'order-not-in-state-to-initPayment',
  title: 'A payment can be begun in Placed and Payment only',
};
export const PAYMENT_BEING_RELEASED = {
  status: 409,
  code: 'payment-being-released',
  title: 'The payment is being released; ask again when that is done',
};
export const INIT_REQUEST_NOT_VALID = {
  status: 400,
  code: 'initPaymentDataRequest_not_valid',
  title: 'The request for a payment is not valid',
};
export const PAYMENT_NOT_FOUND = { status: 404, code: 'payment-not-found', title: 'The order has no payment' };
export const PAYMENT_ALREADY_CONFIRMED = {
  status: 409,
  code: 'payment-already-confirmed',
  title: 'The payment was confirmed before; the order is paid',
};
export const NOT_IN_STATE_TO_ABANDON = {
  status: 409,
  code: 'order-not-in-state-to-abandon',
  title: 'Only a payment that is under way can be abandoned',
};
export const NOT_IN_STATE_TO_CANCEL = {
  status: 409,
  code: 'order-not-in-state-to-cancel',
  title: 'The order cannot be cancelled any more',
};
export const ORDER_ALREADY_SETTLED = {
  status: 409,
  code: 'order-already-settled',
  title: 'The order is settled; money goes back by a refund',
};
export const PROVIDER_REFUSED = {
  status: 502,
  code: 'payment-provider-refused',
  title: 'Stripe refused the payment for good; the order can be paid anew',
};
export const NOT_IN_STATE_TO_SAVE = {
  status: 409,
  code: 'payment-not-in-state-to-save-method',
  title: 'The card can be saved, or not, until a payment of the intent procedure is confirmed',
};
