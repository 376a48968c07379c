import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { CONFIG, Database, type Config } from '#platform';
import { StripeNotFound, StripeUnavailable } from './stripe.errors.js';
import { outcomeOf, type StripeOutcome } from './stripe.outcome.js';

/** A call makes two attempts at most, on the same key. */
const RETRIES = 1;

/** Source: `EventListParams.types`, "up to 20 event names". */
const EVENT_TYPES_AT_ONCE = 20;

declare const branded: unique symbol;

/** Names one attempt of one logical operation: `{id of a committed row}:{operation}:{attempt}`. */
export type IdempotencyKey = string & { readonly [branded]: true };

/** @param attempt rises only after Stripe's state was read */
export function idempotencyKey(rowId: string, operation: string, attempt: number): IdempotencyKey {
  return `${rowId}:${operation}:${attempt}` as IdempotencyKey;
}

/** The intent with its charge, which knows until when the reservation holds. */
const WITH_CHARGE = ['latest_charge'];
const SESSION_WITH_INTENT = ['payment_intent.latest_charge'];

/** Stripe's client with a back-off of ours: its options have none. */
class Client extends Stripe {
  constructor(
    secretKey: string,
    private readonly retryDelayMs: number,
    options: Stripe.StripeConfig,
  ) {
    super(secretKey, options);
  }

  override getInitialNetworkRetryDelay(): number {
    return this.retryDelayMs / 1000;
  }
}

/**
 * The only place that talks to Stripe. Whatever changes something there needs an idempotency key and returns its outcome
 * as a value; reads throw {@link StripeUnavailable}. No call is made inside a transaction.
 */
@Injectable()
export class StripeGateway {
  private readonly stripe: Stripe;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
  ) {
    const { secretKey, apiBase, retryDelayMs } = config.stripe;
    this.stripe = new Client(secretKey, retryDelayMs, {
      timeout: config.callTimeoutMs,
      maxNetworkRetries: RETRIES,
      telemetry: false,
      appInfo: { name: 'holdfast' },
      ...(apiBase && {
        host: apiBase.hostname,
        port: Number(apiBase.port || (apiBase.protocol === 'https:' ? 443 : 80)),
        protocol: apiBase.protocol === 'https:' ? 'https' : 'http',
      }),
    });
  }

  /** What the client libraries need beside a secret. */
  get publishableKey(): string {
    return this.config.stripe.publishableKey;
  }

  createCustomer(params: Stripe.CustomerCreateParams, key: IdempotencyKey): Promise<StripeOutcome<Stripe.Customer>> {
    return this.write('creating a customer', () => this.stripe.customers.create(params, { idempotencyKey: key }));
  }

  createIntent(
    params: Stripe.PaymentIntentCreateParams,
    key: IdempotencyKey,
  ): Promise<StripeOutcome<Stripe.PaymentIntent>> {
    return this.write('creating a payment intent', () =>
      this.stripe.paymentIntents.create({ ...params, expand: WITH_CHARGE }, { idempotencyKey: key }),
    );
  }

  /** Whether the card is saved when the intent is confirmed; Stripe unsets the wish by an empty value. */
  updateSaveFlag(intentId: string, save: boolean, key: IdempotencyKey): Promise<StripeOutcome<Stripe.PaymentIntent>> {
    const params = { setup_future_usage: save ? 'on_session' : '' } as const;
    return this.write('updating an intent', () =>
      this.stripe.paymentIntents.update(present(intentId), params, { idempotencyKey: key }),
    );
  }

  createSession(
    params: Stripe.Checkout.SessionCreateParams,
    key: IdempotencyKey,
  ): Promise<StripeOutcome<Stripe.Checkout.Session>> {
    return this.write('creating a session', () =>
      this.stripe.checkout.sessions.create(params, { idempotencyKey: key }),
    );
  }

  /** @param amount minor units to charge; the rest of the reservation is released */
  capture(intentId: string, amount: number, key: IdempotencyKey): Promise<StripeOutcome<Stripe.PaymentIntent>> {
    const params = { amount_to_capture: amount, expand: WITH_CHARGE };
    return this.write('capturing', () =>
      this.stripe.paymentIntents.capture(present(intentId), params, { idempotencyKey: key }),
    );
  }

  cancelIntent(intentId: string, key: IdempotencyKey): Promise<StripeOutcome<Stripe.PaymentIntent>> {
    const params = { expand: WITH_CHARGE };
    return this.write('cancelling an intent', () =>
      this.stripe.paymentIntents.cancel(present(intentId), params, { idempotencyKey: key }),
    );
  }

  expireSession(sessionId: string, key: IdempotencyKey): Promise<StripeOutcome<Stripe.Checkout.Session>> {
    return this.write('expiring a session', () =>
      this.stripe.checkout.sessions.expire(present(sessionId), {}, { idempotencyKey: key }),
    );
  }

  /** @param params with the intent and an amount in minor units; the metadata says whose it is when the answer is lost */
  createRefund(params: Stripe.RefundCreateParams, key: IdempotencyKey): Promise<StripeOutcome<Stripe.Refund>> {
    return this.write('refunding', () => this.stripe.refunds.create(params, { idempotencyKey: key }));
  }

  retrieveIntent(intentId: string): Promise<Stripe.PaymentIntent> {
    return this.read('an intent', () =>
      this.stripe.paymentIntents.retrieve(present(intentId), { expand: WITH_CHARGE }),
    );
  }

  retrieveSession(sessionId: string): Promise<Stripe.Checkout.Session> {
    return this.read('a session', () =>
      this.stripe.checkout.sessions.retrieve(present(sessionId), { expand: SESSION_WITH_INTENT }),
    );
  }

  /** A card under its own customer only: someone else's is not found. */
  findPaymentMethod(customerId: string, paymentMethodId: string): Promise<Stripe.PaymentMethod | undefined> {
    return this.found(
      this.read('a payment method', () =>
        this.stripe.customers.retrievePaymentMethod(present(customerId), present(paymentMethodId)),
      ),
    );
  }

  /** The cards that a customer has saved; `undefined` when Stripe no longer knows the customer. */
  listCards(customerId: string): Promise<Stripe.PaymentMethod[] | undefined> {
    const list = () => this.stripe.customers.listPaymentMethods(present(customerId), { type: 'card', limit: 100 });
    return this.found(this.read('cards', async () => list().autoPagingToArray({ limit: 1000 })));
  }

  /** Permanent: a detached method can never be used or attached again. */
  detachPaymentMethod(paymentMethodId: string, key: IdempotencyKey): Promise<StripeOutcome<Stripe.PaymentMethod>> {
    return this.write('detaching a payment method', () =>
      this.stripe.paymentMethods.detach(present(paymentMethodId), {}, { idempotencyKey: key }),
    );
  }

  /**
   * Every intent of a customer that was made at or after a time; for a create whose answer is lost for good. None of a
   * customer that Stripe does not know.
   */
  async listIntents(customerId: string, since: Date): Promise<Stripe.PaymentIntent[]> {
    const list = () => this.stripe.paymentIntents.list({ customer: present(customerId), ...madeSince(since) });
    return (await this.found(this.every('intents', list))) ?? [];
  }

  async listSessions(customerId: string, since: Date): Promise<Stripe.Checkout.Session[]> {
    const list = () => this.stripe.checkout.sessions.list({ customer: present(customerId), ...madeSince(since) });
    return (await this.found(this.every('sessions', list))) ?? [];
  }

  /** Every intent of the account since a time, for comparing the books; so are the next two. */
  everyIntent(since: Date): Promise<Stripe.PaymentIntent[]> {
    return this.every('intents', () => this.stripe.paymentIntents.list(madeSince(since)));
  }

  everySession(since: Date): Promise<Stripe.Checkout.Session[]> {
    return this.every('sessions', () => this.stripe.checkout.sessions.list(madeSince(since)));
  }

  everyRefund(since: Date): Promise<Stripe.Refund[]> {
    return this.every('refunds', () => this.stripe.refunds.list(madeSince(since)));
  }

  /**
   * The newest events of some types that were made in `from <= created < until`, oldest first.
   * @param from seconds since 1970, as Stripe counts them
   * @param most how many of up to twenty types, which is what Stripe lists at once
   * @returns them, and whether they are all
   */
  async listEvents(
    types: readonly string[],
    { from, until, most }: { from: number; until: number | undefined; most: number },
  ): Promise<{ events: Stripe.Event[]; isAll: boolean }> {
    const created = { gte: from, ...(until !== undefined && { lt: until }) };
    const events: Stripe.Event[] = [];
    let isAll = true;
    for (let i = 0; i < types.length; i += EVENT_TYPES_AT_ONCE) {
      const some = types.slice(i, i + EVENT_TYPES_AT_ONCE);
      await this.read('events', async () => {
        let count = 0;
        for await (const event of this.stripe.events.list({ types: some, created, limit: 100 })) {
          if (++count > most) break;
          events.push(event);
        }
        isAll &&= count <= most;
      });
    }
    // Stripe lists the newest first; those of one second stay in its order.
    return { events: events.reverse().sort((a, b) => a.created - b.created), isAll };
  }

  retrieveEvent(eventId: string): Promise<Stripe.Event> {
    return this.read('an event', () => this.stripe.events.retrieve(present(eventId)));
  }

  /** Every refund of an intent, the newest first, whoever made it. */
  listRefunds(intentId: string): Promise<Stripe.Refund[]> {
    return this.every('refunds', () => this.stripe.refunds.list({ payment_intent: present(intentId), limit: 100 }));
  }

  listDisputes(intentId: string): Promise<Stripe.Dispute[]> {
    return this.every('disputes', () => this.stripe.disputes.list({ payment_intent: present(intentId), limit: 100 }));
  }

  /**
   * Has Stripe deliver these kinds of event to an address, in the API version that this package reads. The answer holds
   * the signing secret, which Stripe shows this once.
   */
  createWebhookEndpoint(
    url: string,
    events: readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[],
    key: IdempotencyKey,
  ): Promise<StripeOutcome<Stripe.WebhookEndpoint>> {
    const params = { url, enabled_events: [...events], api_version: Stripe.API_VERSION, description: 'Holdfast' };
    return this.write('registering a webhook', () =>
      this.stripe.webhookEndpoints.create(params, { idempotencyKey: key }),
    );
  }

  /** The addresses that Stripe delivers to; an account has at most sixteen. */
  listWebhookEndpoints(): Promise<Stripe.WebhookEndpoint[]> {
    return this.read('webhooks', async () => (await this.stripe.webhookEndpoints.list({ limit: 100 })).data);
  }

  /** The id of the account that the secret key belongs to. */
  async accountId(): Promise<string> {
    return (await this.read('the account', () => this.stripe.accounts.retrieveCurrent())).id;
  }

  /**
   * Verifies a webhook's signature over the bytes that came, with each secret that is valid at present.
   * @returns `undefined` when none fits
   */
  verifiedEvent(raw: Buffer, signature: string): Stripe.Event | undefined {
    const text = raw.toString('utf8');
    // Broken UTF-8 reads like other bytes than it is, and must not borrow their signature.
    if (!Buffer.from(text).equals(raw)) return undefined;
    for (const secret of this.config.stripe.webhookSecrets) {
      try {
        return this.stripe.webhooks.constructEvent(text, signature, secret);
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
      }
    }
    return undefined;
  }

  private every<T>(what: string, list: () => AsyncIterable<T>): Promise<T[]> {
    return this.read(what, async () => {
      const all: T[] = [];
      for await (const one of list()) all.push(one);
      return all;
    });
  }

  private write<T>(what: string, call: () => Promise<T>): Promise<StripeOutcome<T>> {
    this.database.assertOutsideTransaction(what);
    return outcomeOf(call);
  }

  private async found<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof StripeNotFound) return undefined;
      throw error;
    }
  }

  private async read<T>(what: string, call: () => Promise<T>): Promise<T> {
    this.database.assertOutsideTransaction(`reading ${what}`);
    const outcome = await outcomeOf(call);
    if (outcome.kind === 'succeeded') return outcome.value;
    if (outcome.kind === 'refused' && outcome.code === 'resource_missing')
      throw new StripeNotFound(`${what} is not at Stripe`);
    const reason = outcome.kind === 'unknown' ? outcome.reason : outcome.message;
    throw new StripeUnavailable(`reading ${what}: ${reason}`);
  }
}

function madeSince(since: Date) {
  return { created: { gte: Math.floor(since.getTime() / 1000) }, limit: 100 };
}

/** An empty id would address the list instead of one object. */
function present(id: string): string {
  if (id === '') throw new Error('the id of a Stripe object is empty');
  return id;
}
