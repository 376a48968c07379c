import type { FastifyInstance } from 'fastify';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { NotificationEndpoint } from './notification-endpoint.js';
import type { NotificationInbox } from './notification-inbox.js';

export const NOTIFICATIONS_PATH = '/holdfast/notifications';

interface Message {
  readonly type: string;
  readonly data: { readonly orderNumber?: string | null };
}

/**
 * Where Holdfast tells this shop what happened (https://www.standardwebhooks.com). The bytes that came are what is signed,
 * so they are not parsed before they are verified; then they are kept, and answered at once. Anything that takes time is
 * done from what was kept, never before the answer.
 */
export function registerNotifications(
  app: FastifyInstance,
  endpoint: NotificationEndpoint,
  inbox: NotificationInbox,
): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post<{ Body: string }>(NOTIFICATIONS_PATH, async (request, reply) => {
    // Not registered yet, or about to be: Holdfast sends it again.
    if (endpoint.secret === undefined) return reply.code(503).send();
    const headers = request.headers as Record<string, string>;
    const message = verified(endpoint.secret, request.body, headers);
    if (message === undefined) return reply.code(400).send();
    await inbox.add({
      id: headers['webhook-id'] ?? '',
      type: message.type,
      orderNumber: message.data.orderNumber ?? null,
      receivedAt: new Date().toISOString(),
    });
    return reply.code(204).send();
  });
}

/** @returns undefined for what Holdfast has not signed, or not in the last five minutes */
function verified(secret: string, body: string, headers: Record<string, string>): Message | undefined {
  try {
    return new Webhook(secret).verify(body, headers) as Message;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return undefined;
    throw error;
  }
}
