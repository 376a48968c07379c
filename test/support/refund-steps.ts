import type Stripe from 'stripe';
import type { Answer } from './api-client.js';
import type { Holdfast } from './holdfast.js';

/** A refund as the API shows it, or the refusal of one. */
export interface RefundBody {
  readonly refundId: string;
  readonly status: string;
  readonly amount: number;
  readonly code?: string;
  readonly detail?: string;
  readonly orderStatus?: string;
  readonly validationMessages?: readonly object[];
}

interface RefundList {
  readonly data: RefundBody[];
  readonly nextCursor: string | null;
}

export interface PaymentBody {
  readonly paymentId: string;
  readonly status: string;
  readonly amountCaptured: number;
  readonly amountRefunded: number;
  readonly amountDisputed: number;
}

interface Line {
  readonly type: string;
  readonly to?: string;
}

/** What one does with refunds and disputes, and where one looks at what became of them. */
export class RefundSteps {
  constructor(private readonly holdfast: Holdfast) {}

  async refund(number: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer<RefundBody>> {
    const answer: Answer<unknown> = await this.holdfast.api.post(`/v1/orders/${number}/refunds`, body, headers);
    return answer as Answer<RefundBody>;
  }

  async page(number: string, query = ''): Promise<RefundList> {
    return (await this.holdfast.api.get(`/v1/orders/${number}/refunds${query}`)).body as RefundList;
  }

  async list(number: string): Promise<RefundBody[]> {
    return (await this.page(number)).data;
  }

  async payment(number: string): Promise<PaymentBody> {
    return ((await this.holdfast.api.order(number)) as { payment: PaymentBody }).payment;
  }

  /** The lines of the timeline about refunds and disputes. */
  async history(number: string): Promise<Line[]> {
    const lines = (await this.holdfast.api.timeline(number)) as Line[];
    return lines.filter(({ type }) => /^(refund|dispute)\./.test(type));
  }

  async atStripe(intentId: string): Promise<Stripe.Refund[]> {
    return (await this.holdfast.stripe.refunds.list({ payment_intent: intentId, limit: 100 })).data;
  }

  /** The requests that asked Stripe for refunds of an order. */
  async creates(number: string) {
    const writes = await this.holdfast.controls.writes('/v1/refunds');
    return writes.filter(({ params }) => JSON.stringify(params).includes(number));
  }

  /** The keys of those requests, each once, in their order. */
  async keys(number: string): Promise<(string | null)[]> {
    return [...new Set((await this.creates(number)).map(({ idempotencyKey }) => idempotencyKey))];
  }

  async openDispute(intentId: string): Promise<string> {
    const { id } = (await this.holdfast.controls.post('disputes', { payment_intent: intentId })) as { id: string };
    return id;
  }

  async closeDispute(id: string, status: 'won' | 'lost'): Promise<void> {
    await this.holdfast.controls.post(`disputes/${id}/close`, { status });
  }
}

export const codeOf = ({ status, body }: Answer<unknown>): string => `${status} ${(body as { code?: string }).code}`;
