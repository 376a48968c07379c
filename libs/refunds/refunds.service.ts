import { Injectable } from '@nestjs/common';
import { Clock, Database, Jobs, newId } from '#platform';
import { Problem, type RequestBody, type RequestIdentity } from '#http';
import { OrdersRepository, type Actor } from '#orders';
import {
  idempotencyKey,
  StripeGateway,
  StripeNotFound,
  StripeUnavailable,
  type Stripe,
  type StripeOutcome,
} from '#stripe';
import { DisputesRepository } from './disputes.repository.js';
import type { CreateRefundDto } from './dto/refund.dto.js';
import type { PaymentEntity } from '#payments';
import { KEY_SURELY_KEPT_MS, PaymentsRepository, METADATA_SOURCE } from '#payments';
import { forbidsRefunds } from './disputes.decision.js';
import { PAYMENT_DISPUTED, REFUND_EXCEEDS_CAPTURED, REFUND_REFUSED } from './refunds.errors.js';
import { FINISH_REFUND } from './refunds.queues.js';
import {
  faultsOfRefund,
  leftText,
  leftToRefund,
  refusedByState,
  refuseUnrefundable,
  wishOf,
  type RefundGround,
  type RefundWish,
} from './refunds.check.js';
import { decideRefunds, isUnanswered, truthOfRefund } from './refunds.decision.js';
import { RefundsReturns } from './refunds.returns.js';
import type { RefundEntity } from './refund.entity.js';
import { RefundsRepository, type RefundWrite } from './refunds.repository.js';

const LEASE_MS = 60_000;
/** The caller's own call comes first; the job finishes what its process did not live to finish. */
const JOB_AFTER_SECONDS = 65;
const AGAIN_AFTER_SECONDS = 2;

/** Stripe's own reasons; other words stay here. Source: https://docs.stripe.com/api/refunds/create */
const STRIPE_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;

type Outcome = StripeOutcome<Stripe.Refund>;

/** Gives money back that was charged: claim → call → record. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly disputes: DisputesRepository,
    private readonly returns: RefundsReturns,
    private readonly stripe: StripeGateway,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
  ) {}

  /**
   * Refunds an order. While Stripe's answer is unknown the refund is Pending, and asked for again by a job: the caller
   * need not, and without an Idempotency-Key would ask for a second one.
   * @param identity of a request with an Idempotency-Key: what an earlier try of it began is gone on with
   * @throws Problem as documented on the route
   */
  async create(
    orderNumber: string,
    body: RequestBody<CreateRefundDto>,
    actor: Actor,
    identity?: RequestIdentity,
  ): Promise<RefundEntity> {
    const { refund, isNew } = await this.claim(orderNumber, body, actor, identity);
    const claimed = isNew ? refund : await this.refunds.takeLease(refund.refundId);
    if (!claimed) return this.refunds.get(refund.refundId);
    const outcome = await this.attempt(claimed, actor);
    if (outcome.kind === 'unknown') await this.askLater(claimed);
    if (outcome.kind === 'declined' || outcome.kind === 'refused') await this.throwRefused(claimed, outcome);
    return this.refunds.get(refund.refundId);
  }

  /**
   * Finishes a refund whose answer is not known, from wherever it was left; again is no second effect.
   * @returns false while somebody else is at it
   * @throws StripeUnavailable when Stripe's answer is unknown again
   */
  async finish(refundId: string): Promise<boolean> {
    const claimed = await this.refunds.takeLease(refundId);
    if (!claimed) return !isUnanswered(await this.refunds.get(refundId));
    const outcome = await this.attempt(claimed, 'holdfast');
    if (outcome.kind === 'unknown') throw new StripeUnavailable(`refunding ${refundId}: ${outcome.reason}`);
    // A key that was used before answers as it did then; what became of the refund since is read.
    await this.returns.refreshRefunds(await this.payments.get(claimed.paymentId), 'holdfast');
    return true;
  }

  // CLAIM
  private async claim(
    orderNumber: string,
    body: RequestBody<CreateRefundDto>,
    actor: Actor,
    identity: RequestIdentity | undefined,
  ): Promise<{ refund: RefundEntity; isNew: boolean }> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      const begun = identity && (await this.refunds.begunBy(tx, identity));
      if (begun) return { refund: begun, isNew: false };
      const paymentId = order.payment?.paymentId;
      const ground: RefundGround = {
        order,
        payment: paymentId === undefined ? null : await this.payments.get(paymentId, tx),
        refunds: paymentId === undefined ? [] : await this.refunds.of(paymentId, tx),
        disputes: paymentId === undefined ? [] : await this.disputes.of(paymentId, tx),
      };
      const payment = refuseUnrefundable(ground);
      const dto = body.validated((value) => faultsOfRefund(order, value));
      const refund = this.newRefund(payment, wishOf(ground, payment, dto), dto.reason ?? null, identity);
      await this.refunds.write(tx, payment, [{ kind: 'ask', refund }], actor);
      await this.jobs.send(tx, FINISH_REFUND, { refundId: refund.refundId }, JOB_AFTER_SECONDS);
      return { refund, isNew: true };
    });
  }

  private async attempt(claimed: RefundEntity, actor: Actor): Promise<Outcome> {
    try {
      const { refund, outcome } = await this.call(claimed);
      await this.record(refund, outcome, actor);
      return outcome;
    } finally {
      await this.refunds.dropLease(claimed);
    }
  }

  // CALL
  private async call(claimed: RefundEntity): Promise<{ refund: RefundEntity; outcome: Outcome }> {
    let refund = claimed;
    if (this.keyIsSpent(refund)) {
      const looked = await this.look(refund);
      if (looked) return { refund, outcome: looked };
      refund = await this.refunds.raiseAttempt(refund);
    }
    const key = idempotencyKey(refund.refundId, 'refund', refund.operationAttempt);
    return { refund, outcome: await this.stripe.createRefund(refund.createParams ?? {}, key) };
  }

  /** After a stored failure, or once Stripe may have forgotten the key, asking verbatim no longer helps. */
  private keyIsSpent({ operationStuck, operationSince }: RefundEntity): boolean {
    return operationStuck || this.clock.now().getTime() - operationSince.getTime() > KEY_SURELY_KEPT_MS;
  }

  /** @returns what an unanswered call made; nothing when it made nothing */
  private async look({ refundId, createParams }: RefundEntity): Promise<Outcome | undefined> {
    try {
      const found = await this.stripe.listRefunds(createParams?.payment_intent ?? '');
      const own = found.find(({ metadata }) => metadata?.refundId === refundId);
      return own && { kind: 'succeeded', value: own };
    } catch (error) {
      if (error instanceof StripeUnavailable) return { kind: 'unknown', reason: error.message, answered: true };
      throw error;
    }
  }

  // RECORD
  private async record(refund: RefundEntity, outcome: Outcome, actor: Actor): Promise<void> {
    switch (outcome.kind) {
      case 'succeeded': {
        const truth = { ...truthOfRefund(outcome.value), refundId: refund.refundId };
        return this.write(refund, actor, (known) => decideRefunds(known, [truth]));
      }
      case 'declined':
      case 'refused': {
        const failure = { code: codeOf(outcome), message: outcome.message };
        return this.write(refund, 'stripe', (known) =>
          known
            .filter((row) => row.refundId === refund.refundId && isUnanswered(row))
            .map((row) => ({ kind: 'change', refund: row, fields: { status: 'Failed', failure } })),
        );
      }
      case 'unknown':
        // Nothing final: the refund stays Pending, and keeps what it takes from what is left.
        if (outcome.answered) await this.refunds.markStuck(refund);
    }
  }

  private async write(
    { orderNumber, paymentId }: RefundEntity,
    actor: Actor,
    decide: (known: readonly RefundEntity[]) => readonly RefundWrite[],
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.orders.lock(tx, orderNumber);
      const payment = await this.payments.get(paymentId, tx);
      await this.refunds.write(tx, payment, decide(await this.refunds.of(paymentId, tx)), actor);
    });
  }

  private async askLater({ refundId }: RefundEntity): Promise<void> {
    await this.database.transaction((tx) => this.jobs.send(tx, FINISH_REFUND, { refundId }, AGAIN_AFTER_SECONDS));
  }

  /** Refused, though our books allowed it: they may be behind Stripe's, which is read before the caller is told why. */
  private async throwRefused(
    refund: RefundEntity,
    outcome: Extract<Outcome, { kind: 'declined' | 'refused' }>,
  ): Promise<never> {
    const payment = await this.readAnew(refund.paymentId);
    const [order, refunds, disputes] = await Promise.all([
      this.orders.get(refund.orderNumber),
      this.refunds.of(refund.paymentId),
      this.disputes.of(refund.paymentId),
    ]);
    const code = codeOf(outcome);
    if (code === 'charge_disputed' || forbidsRefunds(disputes)) throw refusedByState(PAYMENT_DISPUTED, order);
    if (leftToRefund(payment, refunds) < refund.amount)
      throw refusedByState(REFUND_EXCEEDS_CAPTURED, order, leftText(payment, refunds));
    throw new Problem(REFUND_REFUSED, {
      detail: outcome.message,
      validationMessages: [{ code, level: 'Error', message: outcome.message, source: 'payment' }],
    });
  }

  private async readAnew(paymentId: string): Promise<PaymentEntity> {
    try {
      await this.returns.refreshDisputes(await this.payments.get(paymentId), 'holdfast');
      await this.returns.refreshRefunds(await this.payments.get(paymentId), 'holdfast');
    } catch (error) {
      // Stripe's own word for the refusal is enough for an answer; its events bring the rest.
      if (!(error instanceof StripeUnavailable || error instanceof StripeNotFound)) throw error;
    }
    return this.payments.get(paymentId);
  }

  private newRefund(
    payment: PaymentEntity,
    { amount, orderItemNumbers }: RefundWish,
    reason: string | null,
    identity: RequestIdentity | undefined,
  ): RefundEntity {
    const { paymentId, orderNumber, currency } = payment;
    const refundId = newId('ref');
    const now = this.clock.now();
    const stripeReason = STRIPE_REASONS.find((known) => known === reason);
    return {
      ...{ refundId, paymentId, orderNumber, status: 'Pending', previousStatus: null, amount, currency },
      ...{ orderItemNumbers, reason, stripeRefundId: null, failure: null },
      createParams: {
        ...{ payment_intent: payment.paymentIntentId ?? '', amount },
        ...(stripeReason && { reason: stripeReason }),
        metadata: { source: METADATA_SOURCE, refundId, orderNumber, paymentId },
      },
      ...{ requestId: identity?.id ?? null, requestBodyHash: identity?.bodyHash ?? null },
      ...{ operationAttempt: 1, operationStuck: false, operationSince: now },
      ...{ leaseUntil: new Date(Date.now() + LEASE_MS), createdAt: now, updatedAt: now },
    };
  }
}

function codeOf(outcome: Extract<Outcome, { kind: 'declined' | 'refused' }>): string {
  return outcome.kind === 'declined' ? outcome.declineCode : outcome.code;
}
