import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import type { Sandbox, SandboxOptions } from '../../apps/stripe-sandbox/index.js';
import { eventually } from '../support/eventually.js';
import { ImpatientStripe } from '../support/impatient-stripe.js';
import { startCheckedSandbox } from '../support/stripe-types/checked-sandbox.js';

/** A sandbox with the real `stripe` package talking to it over a real socket. */
export interface Fixture {
  readonly sandbox: Sandbox;
  readonly stripe: Stripe;
  /** The same sandbox with the publishable key, as a browser would call it. */
  readonly browser: Stripe;
  control<T = Record<string, unknown>>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>;
}

export async function openSandbox(options: SandboxOptions = {}): Promise<Fixture> {
  const sandbox = await startCheckedSandbox(options);
  return {
    sandbox,
    stripe: clientOf(sandbox, 'sk_test_holdfast'),
    browser: clientOf(sandbox, 'pk_test_holdfast'),
    async control<T>(method: string, path: string, body?: object) {
      const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return (await response.json()) as T;
    },
  };
}

export function clientOf(sandbox: Sandbox, key: string): Stripe {
  return new ImpatientStripe(key, {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

/** The error that a call ends with; it is an error of the test when the call succeeds. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call was expected to be refused, and succeeded');
}

export interface Received {
  readonly body: string;
  readonly signature: string;
  readonly event: Stripe.Event;
}

/** A webhook receiver whose answers a test decides. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  status: number;
  /** Resolves once `count` deliveries have come. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      receiver.received.push({ body, signature: String(request.headers['stripe-signature']), event: JSON.parse(body) });
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`,
    received: [],
    status: 200,
    until: async (wanted) => {
      await eventually(
        () => Promise.resolve({ wanted, received: receiver.received.length }),
        ({ received }) => received >= wanted,
      );
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return receiver;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
