import type { JobKind } from '#platform';

/** Finishes a release, whoever began it; the lease keeps two from doing the same. Tried for about two days. */
export const RELEASE_PAYMENT: JobKind<{ paymentId: string }> = {
  name: 'payments.release',
  retryLimit: 60,
  retryDelay: 2,
  retryDelayMax: 3600,
  concurrency: 4,
};
