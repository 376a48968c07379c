export const PAYMENT_METHOD_NOT_FOUND = {
  status: 404,
  code: 'payment-method-not-found',
  title: 'There is no such payment method',
};
