export const SIGNATURE_NOT_VALID = {
  status: 400,
  code: 'webhook-signature-not-valid',
  title: 'The Stripe-Signature is missing or does not fit the body',
};
export const EVENT_NOT_VALID = {
  status: 400,
  code: 'webhook-event-not-valid',
  title: 'The body is not a snapshot event',
};
export const EVENT_NOT_PROCESSED = {
  status: 503,
  code: 'webhook-event-not-processed',
  title: 'The event was kept and could not be processed yet; deliver it again',
};
