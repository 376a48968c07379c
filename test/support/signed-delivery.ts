import Stripe from 'stripe';
import type { Holdfast } from './holdfast.js';

const SECRET = 'whsec_holdfast_sandbox';
let count = 0;

/** An event as Stripe would send it, about an object as it is now or as the test wishes. */
export function eventAbout(
  type: string,
  object: object,
  fields: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    ...{ id: `evt_test_${Date.now()}_${(count += 1)}`, object: 'event', type, api_version: Stripe.API_VERSION },
    ...{ created: Math.floor(Date.now() / 1000), livemode: false, pending_webhooks: 1, request: null },
    data: { object },
    ...fields,
  };
}

/** Posts bytes to the webhook; signed, unless told otherwise. @returns the status */
export async function deliver(
  holdfast: Holdfast,
  event: Record<string, unknown> | string,
  options: { secret?: string; timestamp?: number; signature?: string | null; sent?: string } = {},
): Promise<number> {
  const payload = typeof event === 'string' ? event : JSON.stringify(event, null, 2);
  const { secret = SECRET, timestamp = Math.floor(Date.now() / 1000), sent = payload } = options;
  const signature =
    options.signature === undefined
      ? holdfast.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
      : options.signature;
  const response = await fetch(`${holdfast.api.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(signature !== null && { 'Stripe-Signature': signature }) },
    body: sent,
  });
  await response.arrayBuffer();
  return response.status;
}
