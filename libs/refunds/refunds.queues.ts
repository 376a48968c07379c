import type { JobKind } from '#platform';

/** Asks Stripe for a refund whose answer is not known, on the same key. Tried for about two days. */
export const FINISH_REFUND: JobKind<{ refundId: string }> = {
  name: 'payments.finish-refund',
  retryLimit: 60,
  retryDelay: 2,
  retryDelayMax: 3600,
  concurrency: 4,
};
