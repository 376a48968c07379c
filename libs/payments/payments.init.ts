import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, Database, newId, Secrets, type Config } from '#platform';
import { Problem, RequestBody } from '#http';
import { OrdersRepository, refusal, type Actor, type OrderEntity } from '#orders';
import { PAYMENT_METHOD_NOT_FOUND, PaymentMethodsService } from '#payment-methods';
import { StripeGateway, StripeNotFound, StripeUnavailable, type StripeOutcome } from '#stripe';
import { InitPaymentDto } from './dto/init-payment.dto.js';
import type { PaymentEntity } from './payment.entity.js';
import { PAYMENT_ENDED } from './payment.state-machine.js';
import { idsOf, PaymentsCreate, type Created } from './payments.create.js';
import { NOT_IN_STATE_TO_INIT, PAYMENT_BEING_RELEASED, PROVIDER_REFUSED } from './payments.errors.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRepository, StalePayment } from './payments.repository.js';
import { answerOf, createParamsOf, FREE_ANSWER } from './payments.request.js';
import { PaymentsRequestCheck } from './payments.request-check.js';

const POLL_MS = 40;

type Claim =
  | { readonly kind: 'answer'; readonly body: string }
  | { readonly kind: 'perform'; readonly payment: PaymentEntity }
  | { readonly kind: 'wait'; readonly paymentId: string }
  | { readonly kind: 'verify'; readonly paymentMethodId: string }
  /** The order or its payment changed since it was read. */
  | { readonly kind: 'stale' };

/** Init payment: claim → call → record. */
@Injectable()
export class PaymentsInit {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly repository: PaymentsRepository,
    private readonly create: PaymentsCreate,
    private readonly refresh: PaymentsRefresh,
    private readonly check: PaymentsRequestCheck,
    private readonly paymentMethods: PaymentMethodsService,
    private readonly stripe: StripeGateway,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * @returns the body of the answer, the same bytes for as long as the payment is under way
   * @throws Problem as documented on the route
   */
  async init(asked: OrderEntity, body: RequestBody<InitPaymentDto>, actor: Actor): Promise<string> {
    const deadline = Date.now() + this.config.callTimeoutMs;
    let verified: string | undefined;
    for (let order = asked; ; order = await this.orders.get(asked.orderNumber)) {
      const claim = await this.claim(order, body, actor, verified);
      switch (claim.kind) {
        case 'answer':
          return claim.body;
        case 'perform': {
          const answer = await this.perform(claim.payment, actor);
          if (answer !== undefined) return answer;
          break;
        }
        case 'verify':
          verified = await this.verify(order, claim.paymentMethodId);
          break;
        case 'wait':
          await this.wait(claim.paymentId, deadline);
          break;
        case 'stale':
          if (Date.now() >= deadline) throw new StripeUnavailable('the order keeps changing');
      }
    }
  }

  /**
   * Finishes an init whose caller's process died, on the stored parameters and key: whoever comes back finds the answer.
   * @throws StripeUnavailable when Stripe's answer is unknown still
   */
  async finish(paymentId: string): Promise<void> {
    try {
      const claim = await this.resume(paymentId);
      if (claim.kind === 'perform') await this.perform(claim.payment, 'holdfast');
    } catch (error) {
      // Refused for good, or released meanwhile: recorded, and nobody waits to be told.
      const isKnown =
        error instanceof Problem && !(error instanceof StripeUnavailable || error instanceof StripeNotFound);
      if (!isKnown) throw error;
    }
  }

  // CLAIM
  private async claim(
    order: OrderEntity,
    body: RequestBody<InitPaymentDto>,
    actor: Actor,
    verified?: string,
  ): Promise<Claim> {
    if (order.status === 'Payment' && order.payment) {
      // Any body is answered the same, and one that cannot be read is none.
      body.read();
      return this.resume(order.payment.paymentId);
    }
    if (order.status !== 'Placed') throw refusal(NOT_IN_STATE_TO_INIT, order);
    const dto = body.validated();
    await this.check.check(order, dto);
    const asked = dto.paymentMethodId;
    if (asked !== undefined && asked !== verified && order.totalAmount > 0) {
      return { kind: 'verify', paymentMethodId: asked };
    }
    const payment = this.newPayment(order, dto);
    try {
      await this.database.transaction((tx) => this.repository.claim(tx, payment, order, actor));
    } catch (error) {
      if (error instanceof StalePayment) return { kind: 'stale' };
      throw error;
    }
    return payment.procedure === 'none' ? { kind: 'answer', body: FREE_ANSWER } : { kind: 'perform', payment };
  }

  /** In Payment the first answer counts; where it was never given, whoever finds the lease free gives it. */
  private async resume(paymentId: string): Promise<Claim> {
    const payment = await this.repository.get(paymentId);
    if (PAYMENT_ENDED.includes(payment.status)) return { kind: 'stale' };
    if (payment.status === 'Releasing')
      throw new Problem(PAYMENT_BEING_RELEASED, { retryAfter: 1, members: { orderStatus: 'Payment' } });
    if (payment.response !== null) return { kind: 'answer', body: this.secrets.decrypt(payment.response) };
    const taken = await this.repository.takeLease(paymentId);
    // Answered while the lease was being taken: the row has the answer.
    if (taken && taken.response !== null) await this.repository.dropLease(taken);
    if (!taken || taken.response !== null) return { kind: 'wait', paymentId };
    return { kind: 'perform', payment: taken };
  }

  // CALL
  /** @returns nothing when the object had ended before anybody was given it: the order is Placed, and another may begin */
  private async perform(claimed: PaymentEntity, actor: Actor): Promise<string | undefined> {
    const { payment, outcome } = await this.create.perform(claimed).catch(async (error: unknown) => {
      await this.repository.dropLease(claimed);
      throw error;
    });
    return this.record(payment, outcome, actor);
  }

  // RECORD
  private async record(
    payment: PaymentEntity,
    outcome: StripeOutcome<Created>,
    actor: Actor,
  ): Promise<string | undefined> {
    switch (outcome.kind) {
      case 'succeeded':
        return this.recordCreated(payment, outcome.value, actor);
      case 'declined':
      case 'refused':
        return this.recordRefused(payment, failureOf(outcome));
      case 'unknown':
        // Nothing final: the order stays in Payment, and the same call asks again on the same key.
        await this.repository.dropLease(payment);
        throw new StripeUnavailable(outcome.reason);
    }
  }

  private async recordCreated(payment: PaymentEntity, created: Created, actor: Actor): Promise<string | undefined> {
    const answer = answerOf(payment, created, this.stripe.publishableKey);
    const ids = idsOf(created);
    const response = this.secrets.encrypt(answer);
    try {
      await this.database.transaction((tx) =>
        this.refresh.apply(tx, payment, created.truth, actor, { ...ids, response, leaseUntil: null }),
      );
      return ['ended', 'page-failed'].includes(created.truth.kind) ? undefined : answer;
    } catch (error) {
      if (!(error instanceof StalePayment)) throw error;
      return this.answerAfterRace(payment, { ...ids, response });
    }
  }

  /** A webhook, a second claimant or a release was faster: keep what we learnt, and answer from the row. */
  private async answerAfterRace(
    payment: PaymentEntity,
    facts: Parameters<PaymentsRepository['keepFacts']>[1],
  ): Promise<string> {
    const now = await this.repository.keepFacts(payment.paymentId, facts);
    await this.repository.dropLease(payment);
    // Given back, or about to be: the secret is of no use to anybody.
    if (now.status === 'Releasing' || PAYMENT_ENDED.includes(now.status))
      throw new Problem(PAYMENT_BEING_RELEASED, { retryAfter: 1, members: { orderStatus: 'Payment' } });
    return this.secrets.decrypt(now.response ?? facts.response ?? '');
  }

  private async recordRefused(payment: PaymentEntity, failure: Failure): Promise<never> {
    await this.database
      .transaction((tx) =>
        this.repository.change(tx, payment, {
          actor: 'stripe',
          fields: { status: 'Failed', failure, leaseUntil: null },
          orderMove: { from: 'Payment', to: 'Placed', detail: { reason: failure.code } },
          detail: failure,
        }),
      )
      .catch((error: unknown) => {
        // Released in between: there is nothing at Stripe, which the release will find.
        if (!(error instanceof StalePayment)) throw error;
      });
    throw refusedByProvider(failure);
  }

  private async verify(order: OrderEntity, paymentMethodId: string): Promise<string> {
    if (await this.paymentMethods.isOwn(order.accountId, paymentMethodId)) return paymentMethodId;
    throw new Problem(PAYMENT_METHOD_NOT_FOUND);
  }

  /** Waits on the row, not on a lock: a hundred waiting callers hold no connection. */
  private async wait(paymentId: string, deadline: number): Promise<void> {
    for (;;) {
      if (Date.now() >= deadline) throw new StripeUnavailable('the payment is still being initialised');
      await sleep(POLL_MS + Math.random() * POLL_MS);
      const row = await this.repository.initProgress(paymentId);
      if (row?.failure) throw refusedByProvider(row.failure);
      if (!row || row.answered || row.free) return;
    }
  }

  private newPayment(order: OrderEntity, dto: InitPaymentDto): PaymentEntity {
    const now = this.clock.now();
    const free = order.totalAmount === 0;
    const paymentId = newId('pay');
    return {
      ...{ paymentId, orderNumber: order.orderNumber, accountId: order.accountId },
      ...{ status: free ? 'NotRequired' : 'Initializing', previousStatus: null },
      procedure: free ? 'none' : dto.createCheckoutSession ? 'checkout' : 'intent',
      ...{ amount: order.totalAmount, currency: order.currency },
      ...{ amountAuthorized: 0, amountCaptured: 0, amountRefunded: 0, amountDisputed: 0 },
      ...{ paymentIntentId: null, checkoutSessionId: null, declineCode: null, authorizationExpiresAt: null },
      createParams: free ? {} : createParamsOf(order, paymentId, dto, this.sessionEnd(now)),
      ...{ operationAttempt: 1, operationStuck: false, operationSince: now },
      leaseUntil: free ? null : new Date(Date.now() + 60_000),
      ...{
        releaseReason: null,
        captureAmount: null,
        response: null,
        failure: null,
        expiryToldAt: null,
        version: 1,
        createdAt: now,
        updatedAt: now,
      },
    };
  }

  /** Stripe's own end of a session need not be asked for. */
  private sessionEnd(now: Date): Date | undefined {
    const { checkoutSessionMinutes } = this.config.times;
    return checkoutSessionMinutes === 24 * 60 ? undefined : new Date(now.getTime() + checkoutSessionMinutes * 60_000);
  }
}

type Failure = NonNullable<PaymentEntity['failure']>;

function failureOf(outcome: Extract<StripeOutcome<Created>, { kind: 'declined' | 'refused' }>): Failure {
  if (outcome.kind === 'declined') return { code: outcome.declineCode, message: outcome.message };
  // The card was known here and can no longer be used at Stripe: deleted, or detached.
  return {
    code: outcome.param === 'payment_method' ? PAYMENT_METHOD_NOT_FOUND.code : outcome.code,
    message: outcome.message,
  };
}

function refusedByProvider(failure: Failure): Problem {
  if (failure.code === PAYMENT_METHOD_NOT_FOUND.code) return new Problem(PAYMENT_METHOD_NOT_FOUND);
  return new Problem(PROVIDER_REFUSED, {
    detail: failure.message,
    validationMessages: [{ code: failure.code, level: 'Error', message: failure.message, source: 'payment' }],
  });
}
