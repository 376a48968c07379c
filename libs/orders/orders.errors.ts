export const ORDER_NOT_FOUND = { status: 404, code: 'order-not-found', title: 'There is no such order' };
export const ORDER_NOT_CHANGEABLE = {
  status: 409,
  code: 'order-not-in-state-to-change',
  title: 'An order can be changed in New, Placed and Expired only',
};
export const ORDER_NOT_DELETABLE = {
  status: 409,
  code: 'order-not-in-state-to-delete',
  title: 'Only an order for which no payment was ever begun can be deleted',
};
