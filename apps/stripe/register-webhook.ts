import { randomText, type Mode } from '#platform';
import { idempotencyKey, type StripeGateway } from '#stripe';
import { HANDLED_EVENTS } from '#webhooks';

/** Stripe will not register the address, or it is not known whether it did; the message says what to do. */
export class RegistrationFailed extends Error {}

interface Registered {
  readonly id: string;
  readonly secret: string;
  /** Something the person should look at, beside the success. */
  readonly note?: string;
}

/**
 * Registers our webhook for exactly the events that are handled. One run is one operation: its key is new, since the
 * same address may be registered again after it was removed at Stripe.
 * @throws RegistrationFailed
 */
export async function registerWebhook(gateway: StripeGateway, mode: Mode, url: string): Promise<Registered> {
  refuseAddress(mode, url);
  const others = (await gateway.listWebhookEndpoints()).filter((endpoint) => endpoint.url === url);
  const key = idempotencyKey(`webhook-${randomText(20)}`, 'register', 1);
  const outcome = await gateway.createWebhookEndpoint(url, HANDLED_EVENTS, key);
  switch (outcome.kind) {
    case 'succeeded':
      return { id: outcome.value.id, secret: outcome.value.secret ?? '', ...noteAbout(others.map(({ id }) => id)) };
    case 'declined':
    case 'refused':
      throw new RegistrationFailed(`Stripe refused: ${outcome.message}`);
    case 'unknown':
      throw new RegistrationFailed(
        `Stripe did not answer (${outcome.reason}). Look at the webhooks in its dashboard: remove what this run may have ` +
          'made, since its secret is lost, and run the command again.',
      );
  }
}

function refuseAddress(mode: Mode, url: string): void {
  const address = URL.parse(url);
  const schemes = mode === 'sandbox' ? ['http:', 'https:'] : ['https:'];
  if (!address || !schemes.includes(address.protocol) || address.username !== '' || address.password !== '') {
    const scheme = mode === 'sandbox' ? 'http or https' : 'https';
    throw new RegistrationFailed(`--url must be an absolute ${scheme} address without credentials, not ${url}`);
  }
}

function noteAbout(others: readonly string[]): { note: string } | undefined {
  if (others.length === 0) return undefined;
  return { note: `The same address was registered before (${others.join(', ')}): remove what is no longer wanted.` };
}
