/** Where a running start is found; without a slash at the end. */
export interface Addresses {
  readonly api: string;
  readonly sandbox: string;
}

export interface Item {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Minor units, like every amount here. */
  readonly unitAmount: number;
}

export interface Order {
  readonly orderNumber: string;
  readonly orderStatus: string;
  readonly currency: string;
  readonly totalAmount: number;
  readonly items: readonly {
    readonly orderItemNumber: string;
    readonly orderItemStatus: string;
    readonly name: string;
    readonly totalAmount: number;
  }[];
  readonly payment: {
    readonly paymentId: string;
    readonly status: string;
    readonly amountAuthorized: number;
    readonly amountCaptured: number;
  } | null;
}

export interface TimelineEntry {
  readonly at: string;
  readonly type: string;
  readonly from?: string;
  readonly to?: string;
  readonly detail: { readonly amountAuthorized?: number; readonly amountCaptured?: number; orderItemNumber?: string };
}

export interface InitPaymentData {
  readonly result: boolean;
  readonly clientSecret?: string;
  readonly checkoutUrl?: string;
  readonly paymentApiKey?: string;
}

/** A line of the sandbox's ledger: what Stripe's side says happened to the money of one payment. */
export interface LedgerLine {
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Something did not go as the demo expects; its message is meant for the person who runs it. */
export class DemoFailure extends Error {}

/** The key that every start in sandbox mode has. */
const DEMO_KEY = 'hf_test_demo';

/** What a partner's server calls: Holdfast's public API, with the demo key. */
export class PartnerClient {
  constructor(private readonly api: string) {}

  async createAccount(name: string): Promise<string> {
    return (await this.call<{ accountId: string }>('POST', '/v1/accounts', { name })).accountId;
  }

  async placeOrder(accountId: string, items: readonly Item[]): Promise<Order> {
    const body = { accountId, currency: 'EUR', orderStatus: 'Placed', items };
    return (await this.call<{ order: Order }>('POST', '/v1/orders', body)).order;
  }

  async initPayment(orderNumber: string, body: object): Promise<InitPaymentData> {
    const path = `/v1/orders/${orderNumber}/payment`;
    return (await this.call<{ initPaymentData: InitPaymentData }>('PUT', path, body)).initPaymentData;
  }

  async order(orderNumber: string): Promise<Order> {
    return (await this.call<{ order: Order }>('GET', `/v1/orders/${orderNumber}`)).order;
  }

  async timeline(orderNumber: string): Promise<readonly TimelineEntry[]> {
    const path = `/v1/orders/${orderNumber}/timeline?limit=100`;
    return (await this.call<{ data: TimelineEntry[] }>('GET', path)).data;
  }

  private async call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${DEMO_KEY}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new DemoFailure(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}

/** What the customer does at Stripe; in sandbox mode, at the sandbox. */
export class CustomerClient {
  constructor(private readonly sandbox: string) {}

  /** Confirms an intent as Stripe's client library does: with the publishable key and the client secret. */
  async confirm(publishableKey: string, clientSecret: string): Promise<string> {
    const [intentId = ''] = clientSecret.split('_secret');
    const response = await fetch(`${this.sandbox}/v1/payment_intents/${intentId}/confirm`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${publishableKey}` },
      body: new URLSearchParams({ client_secret: clientSecret, payment_method: 'pm_card_visa' }),
    });
    const answer = (await response.json()) as { status?: string };
    if (!response.ok) throw new DemoFailure(`confirming was answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer.status ?? '';
  }

  /** Fills in the hosted page's form and presses Pay. @returns where the page sends the customer */
  async payOnPage(checkoutUrl: string): Promise<string> {
    const form = { cardNumber: '4242 4242 4242 4242', cardExpiry: '12 / 34', cardCvc: '123', billingName: 'Ada' };
    const response = await fetch(checkoutUrl, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ...form, email: 'ada@shop.example' }),
    });
    const next = response.headers.get('location');
    if (response.status !== 303 || next === null) {
      throw new DemoFailure(`the payment page answered ${response.status} and sends the customer nowhere`);
    }
    return next;
  }

  async ledger(): Promise<readonly LedgerLine[]> {
    const response = await fetch(`${this.sandbox}/_sandbox/ledger`);
    return ((await response.json()) as { data: LedgerLine[] }).data;
  }
}
