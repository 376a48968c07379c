import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { Clock, Database, Events, mayMove, newId, sum, within, type Tx } from '#platform';
import { KEY_REUSED, positionAt, Problem, type PageQuery, type RequestIdentity } from '#http';
import { OrdersRepository, snakeCase, type Actor, type TimelineEntry } from '#orders';
import type { PaymentEntity } from '#payments';
import { RefundMoved } from './refunds.events.js';
import type { RefundStep, RefundTruth } from './refunds.decision.js';
import { PaymentsRepository } from '#payments';
import { RefundEntity } from './refund.entity.js';
import { REFUND_MOVES, type RefundStatus } from './refund.state-machine.js';

/** One call of two attempts of 10 s each, a look at Stripe before it, and air; as a payment's. */
const LEASE_SECONDS = 60;

/** Milliseconds, so that its holder can name it. */
const LEASE = `date_trunc('milliseconds', clock_timestamp()) + interval '${LEASE_SECONDS} seconds'`;

/** Whoever asks for a refund, and the event that tells how it ended, are given this long before Stripe is read. */
const PAUSE_SECONDS = 900;
/** However old a refund is, it is looked at this often. */
const LONGEST_PAUSE_SECONDS = 6 * 3600;
/** Refunds looked at in one run: a few reads each, far below Stripe's 25 requests a second. */
const BATCH = 50;

/** What is written: a step that Stripe's state led to, or a refund that is asked for here. */
export type RefundWrite = RefundStep | { readonly kind: 'ask'; readonly refund: RefundEntity };

@Injectable()
export class RefundsRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(RefundEntity) private readonly rows: Repository<RefundEntity>,
    private readonly payments: PaymentsRepository,
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  async get(refundId: string, tx?: Tx): Promise<RefundEntity> {
    return within(this.rows, tx).findOneByOrFail({ refundId });
  }

  async find(refundId: string): Promise<RefundEntity | undefined> {
    return (await this.rows.findOneBy({ refundId })) ?? undefined;
  }

  /** The order that an object belongs to. @param id of a refund, or of a refund or dispute at Stripe */
  async orderNumberOf(id: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ orderNumber: string }>(
      `SELECT order_number AS "orderNumber" FROM refunds WHERE refund_id = $1 OR stripe_refund_id = $1
       UNION ALL SELECT order_number FROM disputes WHERE dispute_id = $1 LIMIT 1`,
      [id],
    );
    return row?.orderNumber;
  }

  /** Every refund of a payment. */
  async of(paymentId: string, tx?: Tx): Promise<RefundEntity[]> {
    return within(this.rows, tx).findBy({ paymentId });
  }

  /** Newest first, one further than the page. */
  async list(orderNumber: string, page: PageQuery): Promise<RefundEntity[]> {
    const query = this.rows
      .createQueryBuilder('r')
      .where('r.order_number = :orderNumber', { orderNumber })
      .orderBy({ 'r.createdAt': 'DESC', 'r.refundId': 'DESC' })
      .limit(page.limit + 1);
    const after = positionAt(page.cursor);
    if (after) query.andWhere('(r.created_at, r.refund_id) < (:createdAt, :id)', after);
    return query.getMany();
  }

  /**
   * What an earlier try of a request with an Idempotency-Key began, though its answer was never kept. What Stripe refused
   * had no effect, and leaves the key free.
   * @throws Problem 422 `idempotency-key-reused` when it came with another body
   */
  async begunBy(tx: Tx, identity: RequestIdentity): Promise<RefundEntity | undefined> {
    const rows = await tx.manager.findBy(RefundEntity, { requestId: identity.id });
    const begun = rows.find(
      ({ createdAt, status, stripeRefundId }) =>
        createdAt >= identity.since && (status !== 'Failed' || stripeRefundId !== null),
    );
    if (begun && begun.requestBodyHash !== identity.bodyHash) throw new Problem(KEY_REUSED);
    return begun;
  }

  /**
   * The payments whose refunds have been Pending for a while, each handed to one process: not due again before half its
   * age has passed, or the pause.
   */
  async claimDue(everything: boolean): Promise<string[]> {
    const rows = await this.database.query<{ paymentId: string }>(
      `UPDATE refunds SET reconcile_at = $1::timestamptz + make_interval(secs =>
         least(${LONGEST_PAUSE_SECONDS}, greatest(${PAUSE_SECONDS}, extract(epoch FROM $1 - created_at) / 2)))
       WHERE refund_id IN (
         SELECT refund_id FROM refunds WHERE status = 'Pending'
           AND ($2 OR (reconcile_at <= $1 AND updated_at <= $1 - interval '${PAUSE_SECONDS} seconds'))
         ORDER BY reconcile_at LIMIT CASE WHEN $2 THEN NULL ELSE ${BATCH} END FOR UPDATE SKIP LOCKED)
       RETURNING payment_id AS "paymentId"`,
      [this.clock.now(), everything],
    );
    return [...new Set(rows.map(({ paymentId }) => paymentId))];
  }

  /**
   * Writes refunds, their history, and what the payment and the order show of them. The order is locked by the caller.
   * @param payment as it was read under that lock
   * @returns the refunds as they are now
   */
  async write(tx: Tx, payment: PaymentEntity, writes: readonly RefundWrite[], actor: Actor): Promise<RefundEntity[]> {
    const written: RefundEntity[] = [];
    const news: RefundMoved[] = [];
    for (const write of writes) written.push(await this.writeOne(tx, payment, write, actor, news));
    if (written.length === 0) return [];
    const succeeded = (await this.of(payment.paymentId, tx)).filter(({ status }) => status === 'Succeeded');
    // Also when the sum is the same: the version tells whoever read Stripe before that there is something new.
    const fields = { amountRefunded: sum(succeeded.map(({ amount }) => amount)) };
    await this.payments.change(tx, payment, { actor, fields });
    // Last: whoever hears it finds the sums that follow from it.
    for (const event of news) await this.events.emit(tx, event);
    return written;
  }

  /**
   * Takes over the asking of a refund that Stripe has not answered, when nobody is at it.
   * @returns `undefined` when somebody is, or when it was answered
   */
  async takeLease(refundId: string): Promise<RefundEntity | undefined> {
    const [row] = await this.database.query<{ id: string }>(
      `UPDATE refunds SET lease_until = ${LEASE} WHERE refund_id = $1 AND status = 'Pending' AND stripe_refund_id IS NULL
         AND (lease_until IS NULL OR lease_until < clock_timestamp()) RETURNING refund_id AS id`,
      [refundId],
    );
    return row && this.get(refundId);
  }

  /** One that ran out and was taken by somebody else is theirs, and stays. */
  async dropLease({ refundId, leaseUntil }: RefundEntity): Promise<void> {
    await this.database.query('UPDATE refunds SET lease_until = NULL WHERE refund_id = $1 AND lease_until = $2', [
      refundId,
      leaseUntil,
    ]);
  }

  /** Stripe stored a failure of its own under this attempt's key: the same key would bring it again. */
  async markStuck({ refundId, operationAttempt }: RefundEntity): Promise<void> {
    await this.database.query(
      'UPDATE refunds SET operation_stuck = true WHERE refund_id = $1 AND operation_attempt = $2',
      [refundId, operationAttempt],
    );
  }

  /** The next key: Stripe was read, and the refund is not there. */
  async raiseAttempt(refund: RefundEntity): Promise<RefundEntity> {
    const attempt = {
      operationAttempt: refund.operationAttempt + 1,
      operationStuck: false,
      operationSince: this.clock.now(),
    };
    // As of a payment: nobody goes back to a key that was used.
    const isEarlier = LessThan(attempt.operationAttempt);
    await this.rows.update({ refundId: refund.refundId, operationAttempt: isEarlier }, attempt);
    return { ...refund, ...attempt };
  }

  private async writeOne(
    tx: Tx,
    payment: PaymentEntity,
    write: RefundWrite,
    actor: Actor,
    news: RefundMoved[],
  ): Promise<RefundEntity> {
    const known = write.kind === 'change' ? write.refund : undefined;
    const now = this.clock.now();
    const next: RefundEntity =
      write.kind === 'change'
        ? { ...write.refund, ...write.fields, updatedAt: now }
        : write.kind === 'ask'
          ? write.refund
          : adopted(payment, write.truth, now);
    const moved = next.status !== known?.status;
    if (known) {
      if (moved && !mayMove(REFUND_MOVES, known.status, next.status))
        throw new Error(`a refund cannot move ${known.status} > ${next.status}`);
      if (moved) next.previousStatus = known.status;
      const { status, previousStatus, stripeRefundId, failure, updatedAt } = next;
      const fields = { status, previousStatus, stripeRefundId, failure, updatedAt };
      await tx.manager.update(RefundEntity, { refundId: next.refundId }, fields);
    } else {
      await tx.manager.insert(RefundEntity, next);
    }
    if (moved) {
      await this.orders.note(tx, next.orderNumber, entryOf(next, known?.status, actor));
      news.push(new RefundMoved(next.orderNumber, next.refundId, next.status));
    }
    return next;
  }
}

function adopted(payment: PaymentEntity, truth: RefundTruth, now: Date): RefundEntity {
  const { paymentId, orderNumber } = payment;
  const { status, amount, currency, reason, stripeRefundId, failure } = truth;
  return {
    ...{ refundId: newId('ref'), paymentId, orderNumber, status, previousStatus: null, amount, currency },
    ...{ orderItemNumbers: null, reason, stripeRefundId, createParams: null, failure },
    ...{ requestId: null, requestBodyHash: null, leaseUntil: null },
    ...{ operationAttempt: 1, operationStuck: false, operationSince: now },
    createdAt: truth.createdAt < now ? truth.createdAt : now,
    updatedAt: now,
  };
}

function entryOf(refund: RefundEntity, from: RefundStatus | undefined, actor: Actor): TimelineEntry {
  const { refundId, status, amount, currency, orderItemNumbers, reason, stripeRefundId, failure } = refund;
  return {
    ...{ type: `refund.${snakeCase(status)}`, from: from ?? null, to: status, actor },
    detail: {
      ...{ refundId, amount, currency },
      ...(orderItemNumbers && { orderItemNumbers }),
      ...(reason !== null && { reason }),
      ...(stripeRefundId !== null && { stripeRefundId }),
      ...(failure && { failureCode: failure.code }),
    },
  };
}
