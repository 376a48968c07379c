export const ITEM_NOT_FOUND = { status: 404, code: 'order-item-not-found', title: 'The order has no such item' };
export const ITEM_NOT_REPORTABLE = {
  status: 409,
  code: 'order-item-not-in-state-to-report',
  title: 'Only an item that is InTransit, with a fulfiller that reports, takes a report',
};
export const REPORT_CONTRADICTS = {
  status: 409,
  code: 'fulfillment-report-contradicts',
  title: 'Another outcome was reported for the item before',
};
