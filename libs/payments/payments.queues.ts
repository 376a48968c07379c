import type { JobKind } from '#platform';

/** Finishes a release, whoever began it; the lease keeps two from doing the same. Tried for about two days. */
export const RELEASE_PAYMENT: JobKind<{ paymentId: string }> = {
  name: 'payments.release',
  retryLimit: 60,
  retryDelay: 2,
  retryDelayMax: 3600,
  concurrency: 4,
};

/** Cancels an intent that no payment stands for. Tried for about two days. */
export const CANCEL_STRAY: JobKind<{ paymentId: string; intentId: string }> = {
  name: 'payments.cancel-stray',
  retryLimit: 60,
  retryDelay: 2,
  retryDelayMax: 3600,
  concurrency: 1,
};
