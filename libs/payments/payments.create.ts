import { Injectable } from '@nestjs/common';
import { Clock } from '#platform';
import { StripeCustomersService } from '#payment-methods';
import { idempotencyKey, StripeGateway, type Stripe, type StripeOutcome } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { PaymentsRepository } from './payments.repository.js';
import { truthOfIntent, truthOfSession, type Truth } from './payments.truth.js';

/** Stripe keeps a key for at least 24 h; one hour of air. Source: https://docs.stripe.com/api/idempotent_requests */
export const KEY_SURELY_KEPT_MS = 23 * 3_600_000;
/** Stripe's `created` counts whole seconds of its own clock. */
const CLOCK_SLACK_MS = 60_000;

/** The parameters as they were claimed; the customer, which an account keeps, is added when Stripe is called. */
export type CreateParams =
  | { readonly procedure: 'intent'; readonly intent: Omit<Stripe.PaymentIntentCreateParams, 'customer'> }
  | { readonly procedure: 'checkout'; readonly session: Omit<Stripe.Checkout.SessionCreateParams, 'customer'> };

/** Stripe's object for a payment, and what it says. */
export interface Created {
  readonly truth: Truth;
  readonly intent?: Stripe.PaymentIntent;
  readonly session?: Stripe.Checkout.Session;
}

/** The create call of a payment: verbatim from the claim, and safe to repeat. */
@Injectable()
export class PaymentsCreate {
  constructor(
    private readonly repository: PaymentsRepository,
    private readonly customers: StripeCustomersService,
    private readonly stripe: StripeGateway,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes the payment's object at Stripe, or finds the one that an earlier, unanswered call made. A release, which
   * records nothing else, has the ids stored here; init payment records them with its answer.
   */
  async perform(claimed: PaymentEntity): Promise<{ payment: PaymentEntity; outcome: StripeOutcome<Created> }> {
    const customer = await this.customers.ensure(claimed.accountId);
    if (customer.kind !== 'succeeded') return { payment: claimed, outcome: customer };
    let payment = claimed;
    if (this.keyIsSpent(payment)) {
      const found = await this.look(payment);
      if (found) return { payment: await this.keepIds(payment, found), outcome: { kind: 'succeeded', value: found } };
      payment = await this.repository.raiseAttempt(payment);
    }
    const outcome = await this.ask(payment, customer.value);
    if (payment.status !== 'Releasing')
      return isCustomerGone(outcome) ? this.performAnew(payment, customer.value) : { payment, outcome };
    if (outcome.kind === 'succeeded') await this.keepIds(payment, outcome.value);
    // For a release a refusal will do: nothing was made, and so there is nothing to give back.
    return { payment, outcome };
  }

  /** The customer was deleted at Stripe: it is made anew, once, and the refused create is asked for with the new one. */
  private async performAnew(
    refused: PaymentEntity,
    customerId: string,
  ): Promise<{ payment: PaymentEntity; outcome: StripeOutcome<Created> }> {
    await this.customers.forget(refused.accountId, customerId);
    const customer = await this.customers.ensure(refused.accountId);
    // Refused, and so not done: the next attempt asks for another thing, under another key.
    const payment = await this.repository.raiseAttempt(refused);
    if (customer.kind !== 'succeeded') return { payment, outcome: customer };
    return { payment, outcome: await this.ask(payment, customer.value) };
  }

  /** After a stored failure, or once Stripe may have forgotten the key, asking verbatim no longer helps. */
  private keyIsSpent(payment: PaymentEntity): boolean {
    return payment.operationStuck || this.clock.now().getTime() - payment.operationSince.getTime() > KEY_SURELY_KEPT_MS;
  }

  /** Whoever asks next, for whatever reason, has to know that this key brings the same failure again. */
  private async ask(payment: PaymentEntity, customer: string): Promise<StripeOutcome<Created>> {
    const outcome = await this.call(payment, customer);
    if (outcome.kind === 'unknown' && outcome.answered) await this.repository.markStuck(payment);
    return outcome;
  }

  private async call(payment: PaymentEntity, customer: string): Promise<StripeOutcome<Created>> {
    const key = idempotencyKey(payment.paymentId, 'create', payment.operationAttempt);
    const params = payment.createParams as CreateParams;
    if (params.procedure === 'checkout') {
      const outcome = await this.stripe.createSession({ ...params.session, customer }, key);
      return outcome.kind === 'succeeded' ? { kind: 'succeeded', value: createdSession(outcome.value) } : outcome;
    }
    const outcome = await this.stripe.createIntent({ ...params.intent, customer }, key);
    if (outcome.kind === 'succeeded') return { kind: 'succeeded', value: createdIntent(outcome.value) };
    // A declined one-click payment leaves its intent, which can be confirmed on the client.
    if (outcome.kind === 'declined' && outcome.intent)
      return { kind: 'succeeded', value: createdIntent(outcome.intent) };
    return outcome;
  }

  /** Under every customer that the account has had: the call may have been made for one who is gone since. */
  private async look(payment: PaymentEntity): Promise<Created | undefined> {
    const since = new Date(payment.createdAt.getTime() - CLOCK_SLACK_MS);
    const ours = (object: { metadata: Stripe.Metadata | null }) => object.metadata?.paymentId === payment.paymentId;
    for (const customer of await this.customers.findAll(payment.accountId)) {
      if (payment.procedure === 'checkout') {
        const session = (await this.stripe.listSessions(customer, since)).find(ours);
        if (session) return createdSession(session);
      } else {
        const intent = (await this.stripe.listIntents(customer, since)).find(ours);
        if (intent) return createdIntent(await this.stripe.retrieveIntent(intent.id));
      }
    }
    return undefined;
  }

  private async keepIds(payment: PaymentEntity, created: Created): Promise<PaymentEntity> {
    const kept = await this.repository.keepFacts(payment.paymentId, { ...idsOf(created), response: null });
    return { ...payment, paymentIntentId: kept.paymentIntentId, checkoutSessionId: kept.checkoutSessionId };
  }
}

/** Source: Stripe names the parameter whose object is not there (`resource_missing`). */
function isCustomerGone(outcome: StripeOutcome<Created>): boolean {
  return outcome.kind === 'refused' && outcome.code === 'resource_missing' && outcome.param === 'customer';
}

export function idsOf(created: Created): Pick<PaymentEntity, 'paymentIntentId' | 'checkoutSessionId'> {
  return { paymentIntentId: created.intent?.id ?? null, checkoutSessionId: created.session?.id ?? null };
}

function createdIntent(intent: Stripe.PaymentIntent): Created {
  return { intent, truth: truthOfIntent(intent) };
}

function createdSession(session: Stripe.Checkout.Session): Created {
  return { session, truth: truthOfSession(session) };
}
