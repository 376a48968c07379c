import { setTimeout as sleep } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './holdfast.openapi.js';
import { CURRENCY, type Line } from './catalogue.js';

type Schemas = components['schemas'];
export type Order = Schemas['OrderDto'];
export type Payment = NonNullable<Order['payment']>;
export type TimelineEntry = Schemas['TimelineEntryDto'];
export type InitPaymentAnswer = Schemas['InitPaymentAnswerDto'];
export type SavedCard = Schemas['PaymentMethodDto'];
type InitPayment = Schemas['InitPaymentDto'];
type Problem = Schemas['ProblemDto'];

/** Holdfast said no, or could not be reached (then the status is 503). */
export class HoldfastError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** A token is renewed when it has less than this left. */
const RENEW_MS = 60_000;
/** How often, and after which pause, an order is asked for that is just being made. */
const MOST_ATTEMPTS = 20;
const IN_FLIGHT_MS = 150;

/**
 * Holdfast as this shop uses it. The partner key stays in here: it makes accounts and orders. Whatever a customer asks for
 * is asked with that customer's own account token, so that a fault of the shop cannot show one customer another's order.
 */
export class Holdfast {
  private readonly partner: Client<paths>;
  private readonly tokens = new Map<string, { readonly token: string; readonly expires: number }>();

  constructor(
    private readonly url: string,
    partnerKey: string,
  ) {
    this.partner = clientOf(url, partnerKey);
  }

  /** @param customer this shop's own name for the customer; the same name always leads to the same account */
  async accountOf(customer: string): Promise<string> {
    const { accountId } = await answer(this.partner.POST('/v1/accounts', { body: { reference: customer } }));
    return accountId;
  }

  /** @param key the same key gives the same order, however often it is sent */
  async placeOrder(accountId: string, items: Line[], key: string): Promise<Order> {
    const body = { accountId, currency: CURRENCY, orderStatus: 'Placed' as const, items };
    for (let attempt = 1; ; attempt++) {
      try {
        const call = this.partner.POST('/v1/orders', { body, headers: { 'Idempotency-Key': key } });
        return (await answer(call)).order;
      } catch (error) {
        // A double click: the first of the two is still being answered, and its answer is this one's too.
        const inFlight = error instanceof HoldfastError && error.code === 'idempotency-key-in-flight';
        if (!inFlight || attempt === MOST_ATTEMPTS) throw error;
        await sleep(IN_FLIGHT_MS);
      }
    }
  }

  /** Holdfast with an account's own token. */
  async as(accountId: string): Promise<CustomersHoldfast> {
    let known = this.tokens.get(accountId);
    if (known === undefined || known.expires - Date.now() < RENEW_MS) {
      const params = { path: { accountId } };
      const minted = await answer(this.partner.POST('/v1/accounts/{accountId}/tokens', { params, body: {} }));
      // Only a repeated request is answered without the token, and this one is never repeated.
      known = { token: minted.token ?? '', expires: Date.parse(minted.expiresAt) };
      this.tokens.set(accountId, known);
    }
    return new CustomersHoldfast(clientOf(this.url, known.token));
  }
}

/** What a customer may do with an order. */
export class CustomersHoldfast {
  constructor(private readonly client: Client<paths>) {}

  async order(orderNumber: string): Promise<Order> {
    return (await answer(this.client.GET('/v1/orders/{orderNumber}', of(orderNumber)))).order;
  }

  async timeline(orderNumber: string): Promise<TimelineEntry[]> {
    return (await answer(this.client.GET('/v1/orders/{orderNumber}/timeline', of(orderNumber)))).data;
  }

  /** Again while a payment is under way, it answers what it answered first. */
  async initPayment(orderNumber: string, body: InitPayment = {}): Promise<InitPaymentAnswer> {
    return answer(this.client.PUT('/v1/orders/{orderNumber}/payment', { ...of(orderNumber), body }));
  }

  async abandonPayment(orderNumber: string): Promise<void> {
    await answer(this.client.DELETE('/v1/orders/{orderNumber}/payment', of(orderNumber)));
  }

  async savedCards(): Promise<SavedCard[]> {
    const call = this.client.GET('/v1/accounts/{accountId}/payment-methods', { params: { path: MYSELF } });
    return (await answer(call)).data;
  }

  /** Also when it is gone already. */
  async removeCard(paymentMethodId: string): Promise<void> {
    const path = { ...MYSELF, paymentMethodId };
    const { error, response } = await this.client
      .DELETE('/v1/accounts/{accountId}/payment-methods/{paymentMethodId}', { params: { path } })
      .catch(unreachable);
    if (!response.ok && response.status !== 404) throw refused(response, error);
  }
}

/** What an account token may call its own account. */
const MYSELF = { accountId: 'me' };

const of = (orderNumber: string) => ({ params: { path: { orderNumber } } });

function clientOf(baseUrl: string, credential: string): Client<paths> {
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${credential}` } });
}

interface Answered<T> {
  readonly data?: T | undefined;
  readonly error?: Problem | undefined;
  readonly response: Response;
}

/** @throws HoldfastError */
async function answer<T extends object>(call: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await call.catch(unreachable);
  if (data !== undefined) return data;
  throw refused(response, error);
}

function refused(response: Response, problem: Problem | undefined): HoldfastError {
  return new HoldfastError(response.status, problem?.code ?? 'unknown', problem?.detail ?? response.statusText);
}

function unreachable(cause: unknown): never {
  throw new HoldfastError(503, 'unreachable', `Holdfast cannot be reached: ${String(cause)}`);
}
