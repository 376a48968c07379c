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
    /** When the same call may be made again, if Holdfast said so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(detail);
  }
}

/** A token is renewed when it has less than this left. */
const RENEW_MS = 60_000;
/** Longer than Holdfast takes for its own calls to Stripe: one call of ten seconds, and its repetition. */
const TIMEOUT_MS = 30_000;
/** Of a timeline: the most entries that one answer has, and the most answers that are read. */
const PAGE = 100;
const MOST_PAGES = 10;
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
    const headers = { Authorization: `Bearer ${partnerKey}` };
    this.partner = createClient<paths>({ baseUrl: url, headers, fetch: inTime });
  }

  /** @param customer this shop's own name for the customer; the same name always leads to the same account */
  async accountOf(customer: string): Promise<string> {
    const { accountId } = await answer(this.partner.POST('/v1/accounts', { body: { reference: customer } }));
    return accountId;
  }

  /** @param key the same key gives the same order, however often it is sent */
  async placeOrder(accountId: string, items: readonly Line[], key: string): Promise<Order> {
    const body = { accountId, currency: CURRENCY, orderStatus: 'Placed' as const, items: [...items] };
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

  /** At most a hundred, which is more than a partner may have. */
  async notificationEndpoints(): Promise<Schemas['EndpointDto'][]> {
    const params = { query: { limit: PAGE } };
    return (await answer(this.partner.GET('/v1/notification-endpoints', { params }))).data;
  }

  /** @returns with the secret that signs; it is shown this once */
  async createNotificationEndpoint(url: string): Promise<{ url: string; endpointId: string; secret: string }> {
    const { endpointId, secret = '' } = await answer(
      this.partner.POST('/v1/notification-endpoints', { body: { url } }),
    );
    return { url, endpointId, secret };
  }

  async enableNotificationEndpoint(endpointId: string): Promise<void> {
    const params = { path: { endpointId } };
    await answer(this.partner.POST('/v1/notification-endpoints/{endpointId}/enable', { params }));
  }

  /** Also when it is gone already. */
  async removeNotificationEndpoint(endpointId: string): Promise<void> {
    const params = { path: { endpointId } };
    await gone(this.partner.DELETE('/v1/notification-endpoints/{endpointId}', { params }));
  }

  /** Holdfast with an account's own token. */
  as(accountId: string): CustomersHoldfast {
    const send = async (request: Request) => {
      const again = request.clone();
      const response = await inTime(signed(request, await this.tokenOf(accountId)));
      if (response.status !== 401) return response;
      // Not valid any more, before its time: a new one is made, once.
      this.tokens.delete(accountId);
      return inTime(signed(again, await this.tokenOf(accountId)));
    };
    return new CustomersHoldfast(createClient<paths>({ baseUrl: this.url, fetch: send }));
  }

  private async tokenOf(accountId: string): Promise<string> {
    const known = this.tokens.get(accountId);
    if (known !== undefined && known.expires - Date.now() >= RENEW_MS) return known.token;
    for (const [account, { expires }] of this.tokens) if (expires < Date.now()) this.tokens.delete(account);
    const params = { path: { accountId } };
    const minted = await answer(this.partner.POST('/v1/accounts/{accountId}/tokens', { params, body: {} }));
    // Only a repeated request is answered without the token, and this one is never repeated.
    const token = minted.token ?? '';
    this.tokens.set(accountId, { token, expires: Date.parse(minted.expiresAt) });
    return token;
  }
}

/** What a customer may do with the own orders and cards. */
export class CustomersHoldfast {
  constructor(private readonly client: Client<paths>) {}

  async order(orderNumber: string): Promise<Order> {
    return (await answer(this.client.GET('/v1/orders/{orderNumber}', of(orderNumber)))).order;
  }

  /** A customer's own orders, newest first, a page at a time. */
  async orders(cursor: string | undefined): Promise<Schemas['OrderListDto']> {
    const query = cursor === undefined ? {} : { cursor };
    return answer(this.client.GET('/v1/orders', { params: { query } }));
  }

  /** Oldest first. */
  async timeline(orderNumber: string): Promise<TimelineEntry[]> {
    const entries: TimelineEntry[] = [];
    let cursor: string | null = null;
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor !== null && { cursor }) };
      const params = { path: { orderNumber }, query };
      const answered = await answer(this.client.GET('/v1/orders/{orderNumber}/timeline', { params }));
      entries.push(...answered.data);
      cursor = answered.nextCursor;
      if (cursor === null) break;
    }
    return entries;
  }

  /** Again while a payment is under way, it answers what it answered first. */
  async initPayment(orderNumber: string, body: InitPayment = {}): Promise<InitPaymentAnswer> {
    return answer(this.client.PUT('/v1/orders/{orderNumber}/payment', { ...of(orderNumber), body }));
  }

  /** The customer's wish to have the card saved; it can be changed until the payment is confirmed. */
  async saveCard(orderNumber: string, save: boolean): Promise<void> {
    const path = '/v1/orders/{orderNumber}/payment/save-payment-method';
    await answer(save ? this.client.PUT(path, of(orderNumber)) : this.client.DELETE(path, of(orderNumber)));
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
    const params = { path: { ...MYSELF, paymentMethodId } };
    await gone(this.client.DELETE('/v1/accounts/{accountId}/payment-methods/{paymentMethodId}', { params }));
  }
}

/** What an account token may call its own account. */
const MYSELF = { accountId: 'me' };

const of = (orderNumber: string) => ({ params: { path: { orderNumber } } });

/** A call without an answer is given up; what it asked for may have been done, so it is repeated as it was. */
function inTime(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function signed(request: Request, token: string): Request {
  request.headers.set('Authorization', `Bearer ${token}`);
  return request;
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

/** What was to be removed is not there any more. @throws HoldfastError */
async function gone(call: Promise<Answered<unknown>>): Promise<void> {
  const { error, response } = await call.catch(unreachable);
  if (!response.ok && response.status !== 404) throw refused(response, error);
}

function refused(response: Response, problem: Problem | undefined): HoldfastError {
  const { headers, status, statusText } = response;
  const wait = Number(headers.get('retry-after') ?? NaN);
  const code = problem?.code ?? 'unknown';
  return new HoldfastError(status, code, problem?.detail ?? statusText, Number.isFinite(wait) ? wait : undefined);
}

/** A call that failed, and not for what Holdfast answered: that was judged before. */
function unreachable(cause: unknown): never {
  if (cause instanceof HoldfastError) throw cause;
  // What fetch throws says no more than that it failed; its own cause says why.
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  throw new HoldfastError(503, 'unreachable', `Holdfast cannot be reached: ${String(reason)}`);
}
