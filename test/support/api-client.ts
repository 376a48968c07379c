import { Contract } from './contract.js';
import { eventually } from './eventually.js';

export interface Answer<Body = Json> {
  readonly status: number;
  readonly headers: Headers;
  /** The bytes, for comparing answers byte for byte. */
  readonly text: string;
  readonly body: Body;
}

// An answer is whatever the service sent: the tests say what they expect of it.
export type Json = ReturnType<typeof JSON.parse>;

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it stands, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  /** `null` sends no credential. */
  readonly credential?: string | null;
}

export interface Item {
  sku?: string;
  name?: string;
  quantity?: number;
  unitAmount?: number;
  fulfiller?: string;
}

/** A partner's HTTP client, and the steps of the journey in a word each. Every answer is held against openapi.json. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly credential: string,
  ) {}

  as(credential: string): ApiClient {
    return new ApiClient(this.url, credential);
  }

  async call(path: string, call: Call = {}): Promise<Answer> {
    const credential = call.credential === undefined ? this.credential : call.credential;
    const body = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const response = await fetch(`${this.url}${path}`, {
      method: call.method ?? 'GET',
      headers: {
        ...(credential !== null && { Authorization: `Bearer ${credential}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...call.headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const { status, headers } = response;
    (await Contract.of(this.url)).check(call.method ?? 'GET', path, { status, headers, text });
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status,
      headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  }

  get(path: string): Promise<Answer> {
    return this.call(path);
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call(path, { method: 'POST', body, headers });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.call(path, { method: 'PUT', body });
  }

  delete(path: string): Promise<Answer> {
    return this.call(path, { method: 'DELETE' });
  }

  async createAccount(reference?: string): Promise<string> {
    const { body } = await this.post('/v1/accounts', reference === undefined ? {} : { reference });
    return (body as { accountId: string }).accountId;
  }

  /** An order in Placed; one ticket of 12.50 EUR unless told otherwise. @returns its number */
  async placeOrder(
    order: { items?: Item[]; accountId?: string; currency?: string; [name: string]: unknown } = {},
  ): Promise<string> {
    const items = (order.items ?? [{}]).map((item) => ({
      sku: 'ticket',
      name: 'Ticket',
      quantity: 1,
      unitAmount: 1250,
      ...item,
    }));
    const accountId = order.accountId ?? (await this.createAccount());
    const answer = await this.post('/v1/orders', {
      currency: 'EUR',
      orderStatus: 'Placed',
      ...order,
      accountId,
      items,
    });
    const created = answer.body as { order?: { orderNumber: string; orderStatus: string } };
    if (created.order?.orderStatus !== 'Placed') throw new Error(`the order was not placed: ${answer.text}`);
    return created.order.orderNumber;
  }

  init(orderNumber: string, body: unknown = {}): Promise<Answer> {
    return this.put(`/v1/orders/${orderNumber}/payment`, body);
  }

  async order(orderNumber: string): Promise<Json> {
    return ((await this.get(`/v1/orders/${orderNumber}`)).body as { order: Json }).order;
  }

  /** Waits until the order is in one of these statuses. */
  async orderIn(orderNumber: string, ...statuses: string[]): Promise<Json> {
    return eventually(
      () => this.order(orderNumber),
      (order: { orderStatus: string }) => statuses.includes(order.orderStatus),
    );
  }

  async timeline(orderNumber: string): Promise<Json[]> {
    return ((await this.get(`/v1/orders/${orderNumber}/timeline`)).body as { data: Json[] }).data;
  }
}
