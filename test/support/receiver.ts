import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Answer, ApiClient, Json } from './api-client.js';
import { eventually } from './eventually.js';

export interface Received {
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The bytes, for the signature. */
  readonly raw: string;
  readonly body: { type: string; timestamp: string; data: { orderNumber: string; order: Json; endpointId?: string } };
}

/** An endpoint as the API shows it. */
export interface Endpoint {
  readonly endpointId: string;
  readonly status: string;
  readonly disabledReason?: string;
  readonly failingSince?: string;
}

export type NewEndpoint = Endpoint & { readonly secret: string; readonly events: string[] };

/** A notification as the API shows it. */
export interface Told {
  readonly notificationId: string;
  readonly type: string;
  readonly orderNumber: string;
  readonly status: string;
  readonly attempts: { readonly at: string; readonly statusCode?: number; readonly error?: string }[];
  readonly nextAttemptAt: string | null;
}

/** What a partner is shown of what was sent to it, newest first. */
export async function toldOf(api: ApiClient, query: string): Promise<Told[]> {
  return ((await api.get(`/v1/notifications?${query}`)).body as { data: Told[] }).data;
}

/** What to answer: a status, or nothing at all. */
export type Reply = number | 'hang';

/** A partner's server: takes notifications over HTTP, keeps them in the order in which they came, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  answer: (message: Received) => Reply | Promise<Reply> = () => 204;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    server.on('request', (request, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const headers = request.headers as Record<string, string>;
        const message = { path: request.url ?? '', headers, raw, body: JSON.parse(raw) as Received['body'] };
        receiver.received.push(message);
        void Promise.resolve(receiver.answer(message)).then((reply) => {
          if (reply !== 'hang') response.writeHead(reply, { Location: `${receiver.url}/elsewhere` }).end();
        });
      });
    });
    return receiver;
  }

  /** Registers this server as an endpoint. */
  async register(api: ApiClient, events?: string[]): Promise<NewEndpoint> {
    const answer: Answer = await api.post('/v1/notification-endpoints', { url: this.url, ...(events && { events }) });
    if (answer.status !== 201) throw new Error(`the endpoint was not registered: ${answer.text}`);
    return answer.body as NewEndpoint;
  }

  /** What came about an order, or of a type, oldest first. */
  about(orderNumber: string): Received[] {
    return this.received.filter(({ body }) => body.data.orderNumber === orderNumber);
  }

  types(orderNumber: string): string[] {
    return this.about(orderNumber).map(({ body }) => body.type);
  }

  /** Waits for that many messages about an order. */
  async expect(orderNumber: string, count: number): Promise<Received[]> {
    return eventually(
      async () => this.about(orderNumber),
      (messages) => messages.length >= count,
    );
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

/** What the message says, when its signature fits the secret. @throws when it does not */
export function verified(message: Received, secret: string): Received['body'] {
  return new Webhook(secret).verify(message.raw, message.headers) as Received['body'];
}
