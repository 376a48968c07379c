export const ENDPOINT_NOT_FOUND = {
  status: 404,
  code: 'notification-endpoint-not-found',
  title: 'There is no such notification endpoint',
};
export const NOTIFICATION_NOT_FOUND = {
  status: 404,
  code: 'notification-not-found',
  title: 'There is no such notification',
};
export const TOO_MANY_ENDPOINTS = {
  status: 409,
  code: 'too-many-notification-endpoints',
  title: 'There are as many notification endpoints as a partner may have',
};
export const ENDPOINT_DISABLED = {
  status: 409,
  code: 'notification-endpoint-disabled',
  title: 'The notification endpoint is disabled',
};
