import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;

type SignatureHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** A secret for one receiver, as the Standard Webhooks specification writes it: `whsec_` and base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * The headers by which a receiver knows that a message is ours, new and unaltered: https://www.standardwebhooks.com
 * @param secrets every one that is valid now; each signs, so that one can be replaced while receivers still know the other
 * @param messageId the same for every try of one message
 * @param at real time, not business time: receivers refuse what is five minutes off by their own clocks
 * @param body exactly the bytes that are sent
 */
export function signatureHeaders(
  secrets: readonly string[],
  messageId: string,
  at: Date,
  body: string,
): SignatureHeaders {
  if (secrets.length === 0) throw new Error('a message without a secret cannot be signed');
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, at, body)).join(' '),
  };
}
