import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import { Clock, Database, Events, mayMove, within, type Tx } from '#platform';
import {
  OrdersRepository,
  snakeCase,
  type Actor,
  type OrderChange,
  type OrderEntity,
  type PaymentSummary,
  type TimelineEntry,
} from '#orders';
import { PaymentEntity } from './payment.entity.js';
import { PAYMENT_MOVES } from './payment.state-machine.js';
import { PaymentMoved } from './payments.events.js';

/**
 * How long one process may be busy with a Stripe write before another takes it over: two calls (customer, create) of two
 * attempts of 10 s each, and air. Also the longest that a crash can keep anybody waiting.
 */
const LEASE_SECONDS = 60;

/** Somebody else changed the payment or its order in between: read again and decide anew. */
export class StalePayment extends Error {}

/** A change of a payment with everything that must be true together with it. */
export interface PaymentChange {
  readonly actor: Actor;
  readonly fields: Partial<PaymentEntity>;
  readonly orderMove?: OrderChange['move'] | undefined;
  /** Added to the line that a change of status writes into the timeline. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

@Injectable()
export class PaymentsRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(PaymentEntity) private readonly rows: Repository<PaymentEntity>,
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  async get(paymentId: string, tx?: Tx): Promise<PaymentEntity> {
    return within(this.rows, tx).findOneByOrFail({ paymentId });
  }

  async find(paymentId: string): Promise<PaymentEntity | undefined> {
    return (await this.rows.findOneBy({ paymentId })) ?? undefined;
  }

  /** The order that an object belongs to. @param id of a payment, or of an intent or session at Stripe */
  async orderNumberOf(id: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ orderNumber: string }>(
      `SELECT order_number AS "orderNumber" FROM payments
       WHERE payment_id = $1 OR payment_intent_id = $1 OR checkout_session_id = $1 LIMIT 1`,
      [id],
    );
    return row?.orderNumber;
  }

  /** The orders that objects belong to. @param ids of payments, or of intents or sessions at Stripe */
  async orderNumbersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.query<{ id: string; orderNumber: string }>(
      `SELECT id, p.order_number AS "orderNumber" FROM unnest($1::text[]) AS id
       JOIN payments p ON id IN (p.payment_id, p.payment_intent_id, p.checkout_session_id)`,
      [ids],
    );
    return new Map(rows.map(({ id, orderNumber }) => [id, orderNumber]));
  }

  /** Every attempt to pay for an order, the first one first. */
  async ofOrder(orderNumber: string): Promise<PaymentEntity[]> {
    return this.rows.find({ where: { orderNumber }, order: { createdAt: 'ASC' } });
  }

  /** The payment that an intent at Stripe belongs to. */
  async findByIntent(paymentIntentId: string): Promise<PaymentEntity | undefined> {
    return (await this.rows.findOneBy({ paymentIntentId })) ?? undefined;
  }

  /**
   * Claims an order in Placed for a new payment: moves it to Payment, or to Paid when it is free, and inserts the payment.
   * @param order as it was read: its content is what the payment was made from
   * @throws StalePayment when the order changed since
   */
  async claim(tx: Tx, payment: PaymentEntity, order: OrderEntity, actor: Actor): Promise<void> {
    const { paymentId, orderNumber } = payment;
    const to = payment.procedure === 'none' ? 'Paid' : 'Payment';
    const claimed = await this.orders.apply(tx, {
      ...{ orderNumber, actor, expectVersion: order.version, payment: summaryOf(payment) },
      move: { from: 'Placed', to, detail: { paymentId } },
      entries: [statusEntry(actor, null, payment, undefined)],
    });
    if (!claimed) throw new StalePayment(paymentId);
    await tx.manager.insert(PaymentEntity, payment);
  }

  /**
   * Writes a change of the payment, the order's summary of it, the order's move and the history together. The order's
   * row is always written first, so that two writers never hold what the other waits for.
   * @param known the payment as it was read; its version must still be the one in the database
   * @throws StalePayment when it is not, or when the order is no longer where the move starts
   */
  async change(tx: Tx, known: PaymentEntity, change: PaymentChange): Promise<PaymentEntity> {
    const next: PaymentEntity = { ...known, ...change.fields, version: known.version + 1, updatedAt: this.clock.now() };
    const moved = next.status !== known.status;
    if (moved && !mayMove(PAYMENT_MOVES, known.status, next.status)) {
      throw new Error(`a payment cannot move ${known.status} > ${next.status}`);
    }
    if (moved) next.previousStatus = known.status;
    const summary = {
      orderNumber: known.orderNumber,
      actor: change.actor,
      // An order in Placed shows no payment: the attempt that ended is in the timeline.
      payment: change.orderMove?.to === 'Placed' ? null : summaryOf(next),
      entries: moved ? [statusEntry(change.actor, known.status, next, change.detail)] : [],
      ...(change.orderMove && { move: change.orderMove }),
    };
    const written = await this.orders.apply(tx, summary, async () => {
      const { affected } = await tx.manager.update(
        PaymentEntity,
        { paymentId: known.paymentId, version: known.version },
        { ...change.fields, previousStatus: next.previousStatus, version: next.version, updatedAt: next.updatedAt },
      );
      if (affected !== 1) throw new StalePayment(known.paymentId);
      if (moved)
        await this.events.emit(tx, new PaymentMoved(known.orderNumber, known.paymentId, known.status, next.status));
    });
    if (!written) throw new StalePayment(known.paymentId);
    return next;
  }

  /**
   * Takes the Stripe write of a payment over, when nobody holds it.
   * @returns `undefined` while somebody does
   */
  async takeLease(paymentId: string): Promise<PaymentEntity | undefined> {
    const [row] = await this.database.query<{ id: string }>(
      `UPDATE payments SET lease_until = ${LEASE} WHERE payment_id = $1 AND (lease_until IS NULL OR lease_until < now())
       RETURNING payment_id AS id`,
      [paymentId],
    );
    return row && this.get(paymentId);
  }

  /**
   * Ends a lease without a result, so that the next caller need not wait for it to run out. One that ran out and was taken
   * by somebody else is theirs, and stays.
   */
  async dropLease({ paymentId, leaseUntil }: PaymentEntity): Promise<void> {
    const mine = [paymentId, leaseUntil];
    await this.database.query(
      'UPDATE payments SET lease_until = NULL WHERE payment_id = $1 AND lease_until = $2',
      mine,
    );
  }

  /** How far the init of a payment is: refused, answered, or `free` for the next process to finish it. */
  async initProgress(
    paymentId: string,
  ): Promise<{ failure: PaymentEntity['failure']; free: boolean; answered: boolean } | undefined> {
    const [row] = await this.database.query<{ failure: PaymentEntity['failure']; free: boolean; answered: boolean }>(
      `SELECT failure, response IS NOT NULL AS answered, (lease_until IS NULL OR lease_until < now()) AS free
         FROM payments WHERE payment_id = $1`,
      [paymentId],
    );
    return row;
  }

  /** Stripe stored a failure of its own under this attempt's key: the same key would bring it again. */
  async markStuck({ paymentId, operationAttempt }: PaymentEntity): Promise<void> {
    await this.database.query(
      'UPDATE payments SET operation_stuck = true WHERE payment_id = $1 AND operation_attempt = $2',
      [paymentId, operationAttempt],
    );
  }

  /** The next Stripe write uses the next key: Stripe's state was read, or an operation begins. */
  async raiseAttempt(payment: PaymentEntity): Promise<PaymentEntity> {
    const attempt = {
      operationAttempt: payment.operationAttempt + 1,
      operationStuck: false,
      operationSince: this.clock.now(),
    };
    // Whoever lost the lease long ago must not take its successor back to a key that was used.
    const isEarlier = LessThan(attempt.operationAttempt);
    await this.rows.update({ paymentId: payment.paymentId, operationAttempt: isEarlier }, attempt);
    return { ...payment, ...attempt };
  }

  /** Notes what a lost race leaves to keep: where the object is at Stripe, and what the caller was answered. */
  async keepFacts(
    paymentId: string,
    facts: Pick<PaymentEntity, 'paymentIntentId' | 'checkoutSessionId' | 'response'>,
  ): Promise<PaymentEntity> {
    await this.database.query(
      `UPDATE payments SET payment_intent_id = coalesce(payment_intent_id, $2), checkout_session_id = coalesce(checkout_session_id, $3),
         response = coalesce(response, $4) WHERE payment_id = $1`,
      [paymentId, facts.paymentIntentId, facts.checkoutSessionId, facts.response],
    );
    return this.get(paymentId);
  }
}

/** Measured by the database's clock, which all processes share; in milliseconds, so that its holder can name it. */
const LEASE = `date_trunc('milliseconds', now()) + interval '${LEASE_SECONDS} seconds'`;

export function summaryOf(payment: PaymentEntity): PaymentSummary {
  const { paymentId, status, procedure, amountAuthorized, amountCaptured, amountRefunded, amountDisputed } = payment;
  return {
    ...{ paymentId, status, procedure, amountAuthorized, amountCaptured, amountRefunded, amountDisputed },
    ...(payment.paymentIntentId !== null && { paymentIntentId: payment.paymentIntentId }),
    ...(payment.authorizationExpiresAt !== null && {
      authorizationExpiresAt: payment.authorizationExpiresAt.toISOString(),
    }),
    ...(payment.declineCode !== null && { declineCode: payment.declineCode }),
  };
}

function statusEntry(
  actor: Actor,
  from: string | null,
  payment: PaymentEntity,
  detail: PaymentChange['detail'],
): TimelineEntry {
  const { paymentId, procedure, amount, currency, amountAuthorized, amountCaptured, declineCode } = payment;
  return {
    ...{ type: `payment.${snakeCase(payment.status)}`, from, to: payment.status, actor },
    detail: {
      paymentId,
      procedure,
      amount,
      currency,
      amountAuthorized,
      amountCaptured,
      ...(declineCode && { declineCode }),
      ...detail,
    },
  };
}
