import type { JobKind } from '#platform';

/**
 * Wakes the senders of these endpoints, in the worker that gets it. What is to be sent, and what was, is in the rows of
 * `notifications`: a job that is lost costs a second, not a message.
 */
export const WAKE_SENDERS: JobKind<{ endpointIds: readonly string[] }> = {
  name: 'notifications.wake',
  retryLimit: 3,
  retryDelay: 1,
  retryDelayMax: 10,
  concurrency: 2,
};
