import { eventually } from './eventually.js';
import type { Json } from './api-client.js';

interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Record<string, unknown>;
  readonly idempotencyKey: string | null;
  readonly replayed: boolean;
  readonly status: number;
}

export interface LedgerEntry {
  readonly id: string;
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  readonly amount_refunded: number;
  readonly status: string;
  readonly metadata: Record<string, string>;
  readonly movements: readonly { readonly type: string; readonly amount: number }[];
}

/** The sandbox would not do what a control asked, such as disputing what was given back: nothing happened. */
export class ControlRefused extends Error {}

/** The sandbox's controls, and what a customer does there. */
export class SandboxControls {
  constructor(private readonly url: string) {}

  async post(path: string, body: unknown = {}): Promise<Json> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (response.status === 400) throw new ControlRefused(`/_sandbox/${path}: ${JSON.stringify(answer)}`);
    if (!response.ok) throw new Error(`/_sandbox/${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  fault(fault: Record<string, unknown>): Promise<Json> {
    return this.post('faults', fault);
  }

  /**
   * Keeps the next such request from being carried out until the faults are cleared.
   * @returns what resolves when it has come
   */
  async hold(request: { method: string; path: string }): Promise<() => Promise<void>> {
    await this.fault({ kind: 'hold', ...request });
    return async () => {
      await eventually(
        () => this.faults(),
        (faults) => !faults.some((fault) => 'kind' in fault && fault.kind === 'hold'),
      );
    };
  }

  /** The faults that wait for a request still. */
  async faults(): Promise<object[]> {
    return ((await (await fetch(`${this.url}/_sandbox/faults`)).json()) as { data: object[] }).data;
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.url}/_sandbox/faults`, { method: 'DELETE' });
  }

  webhooks(mode: Record<string, unknown>): Promise<Json> {
    return this.post('webhooks', mode);
  }

  flush(order?: string[]): Promise<Json> {
    return this.post('webhooks/flush', order ? { order } : {});
  }

  /** No fault waits any more, and webhooks are delivered as they come, with those that were held. */
  async heal(): Promise<void> {
    await this.clearFaults();
    await this.webhooks({ mode: 'deliver' });
    await this.flush();
  }

  advance(seconds: number): Promise<Json> {
    return this.post('clock', { advanceSeconds: seconds });
  }

  /** Every request of Stripe's API, oldest first. */
  async requests(): Promise<LoggedRequest[]> {
    return ((await (await fetch(`${this.url}/_sandbox/requests`)).json()) as { data: LoggedRequest[] }).data;
  }

  /** Requests that change something, oldest first. */
  async writes(path = ''): Promise<LoggedRequest[]> {
    return (await this.requests()).filter((request) => request.method === 'POST' && request.path.includes(path));
  }

  async ledger(orderNumber: string): Promise<LedgerEntry[]> {
    return (await this.wholeLedger()).filter(({ metadata }) => metadata.orderNumber === orderNumber);
  }

  async wholeLedger(): Promise<LedgerEntry[]> {
    return ((await (await fetch(`${this.url}/_sandbox/ledger`)).json()) as { data: LedgerEntry[] }).data;
  }

  /** Confirms an intent as a browser would: with the publishable key and the client secret. */
  async confirm(clientSecret: string, card = 'pm_card_visa'): Promise<{ status: number; body: Json }> {
    const [id = ''] = clientSecret.split('_secret');
    const response = await fetch(`${this.url}/v1/payment_intents/${id}/confirm`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from('pk_test_holdfast:').toString('base64')}` },
      body: new URLSearchParams({ client_secret: clientSecret, payment_method: card }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** What a customer does on the bank's page of 3-D Secure. */
  async challenge(clientSecret: string, outcome: 'complete' | 'fail'): Promise<void> {
    const [id = ''] = clientSecret.split('_secret');
    await fetch(`${this.url}/3ds/${id}?client_secret=${clientSecret}`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ outcome }),
    });
  }

  /** Pays on the hosted page as its form does, without a browser; the box that saves the card is ticked or not. */
  async payHostedPage(checkoutUrl: string, card = '4242424242424242', save = false): Promise<Response> {
    return fetch(checkoutUrl, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        cardNumber: card,
        cardExpiry: '12 / 34',
        cardCvc: '123',
        billingName: 'Ada Lovelace',
        ...(save && { save: 'on' }),
      }),
    });
  }
}
