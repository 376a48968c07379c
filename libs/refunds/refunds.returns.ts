import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, Database, formatMoney, Jobs, type Asked, type Config, type Tx } from '#platform';
import { OperatorList } from '#cases';
import { OrdersRepository, type Actor } from '#orders';
import { StripeGateway, StripeUnavailable, type Stripe } from '#stripe';
import { DisputesRepository } from './disputes.repository.js';
import type { PaymentEntity } from '#payments';
import { PAYMENT_ENDED, PaymentsRefresh, PaymentsRepository, StalePayment } from '#payments';
import { decideDisputes, truthOfDispute } from './disputes.decision.js';
import { FINISH_REFUND } from './refunds.queues.js';
import { decideRefunds, isUnanswered, truthOfRefund, withoutReleased } from './refunds.decision.js';
import type { RefundStep } from './refunds.decision.js';
import type { RefundEntity } from './refund.entity.js';
import { RefundsRepository } from './refunds.repository.js';

/** How often Stripe is read anew because somebody else was faster; more is a defect, not a race. */
const MAXIMUM_RACES = 10;
/** So often in a row, and Stripe is left in peace until the next run. */
const UNAVAILABLE_IN_A_ROW = 5;

const REFUND_OVERDUE = 'refund-overdue';
const DAY_MS = 24 * 3_600_000;

/** Written in the same transaction as the effect, or by itself when there is none. */
type Also = (tx: Tx) => Promise<void>;

/** Which intent an event was about, and what is written together with its effect. */
export interface ReturnsOptions {
  readonly intentId?: string | undefined;
  readonly also?: Also | undefined;
}

/**
 * Brings what went back after a charge in line with Stripe: refunds, whoever made them, and disputes. It reads all that
 * Stripe has of an intent, decides, and writes, so that neither the order nor the number of events matters.
 */
@Injectable()
export class RefundsReturns {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly repository: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly disputes: DisputesRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly stripe: StripeGateway,
    private readonly jobs: Jobs,
    private readonly operatorList: OperatorList,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Looks at refunds that have been Pending for a while: one batch by schedule, every one by hand.
   * @returns how many payments changed by it
   * @throws AggregateError of what failed, after all others were looked at; unless Stripe is silent too often in a row
   */
  async run(asked: Asked): Promise<number> {
    let changed = 0;
    let inARow = 0;
    const failures: unknown[] = [];
    for (const paymentId of await this.refunds.claimDue(asked === 'by-hand')) {
      const { version } = await this.repository.get(paymentId);
      try {
        await this.reconcile(paymentId);
        inARow = 0;
      } catch (error) {
        // One that cannot be looked at must not keep the others from it; another look comes by itself.
        failures.push(error);
        inARow = error instanceof StripeUnavailable ? inARow + 1 : 0;
      }
      if ((await this.repository.get(paymentId)).version !== version) changed++;
      if (inARow >= UNAVAILABLE_IN_A_ROW) break;
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `the refunds of ${failures.length} payments: ${String(failures[0])}`);
    return changed;
  }

  /**
   * Everything of a payment: its refunds, its disputes, a job for each refund whose answer is still missing, and a word to
   * an operator about each that is Pending for too long.
   * @param paymentId or the id of one of its refunds
   * @returns false when there is no such payment or refund
   * @throws StripeUnavailable when Stripe cannot be read
   */
  async reconcile(paymentId: string, actor: Actor = 'holdfast'): Promise<boolean> {
    const refund = await this.refunds.find(paymentId);
    const payment = await this.repository.find(refund?.paymentId ?? paymentId);
    if (!payment) return false;
    await this.refreshRefunds(payment, actor);
    await this.refreshDisputes(payment, actor);
    const refunds = await this.refunds.of(payment.paymentId);
    await this.tellOverdue(refunds);
    const unanswered = refunds.filter(isUnanswered);
    await this.database.transaction(async (tx) => {
      const wanted = unanswered.map(({ refundId }) => ({ refundId }));
      for (const { data } of await this.jobs.missing(tx, FINISH_REFUND, wanted))
        await this.jobs.send(tx, FINISH_REFUND, data);
    });
    return true;
  }

  /** @throws StripeUnavailable when Stripe cannot be read */
  async refreshRefunds(payment: PaymentEntity, actor: Actor, options: ReturnsOptions = {}): Promise<void> {
    const read = async (known: PaymentEntity, intentId: string) => {
      // The refunds before their charge: what is refunded in between is missing in the first, and so in no sum.
      const found = await this.stripe.listRefunds(intentId);
      const rows = await this.refunds.of(known.paymentId);
      return this.genuine(known, intentId, found, rows);
    };
    // A refund only moves forward, so that older news than ours says nothing.
    await this.bring(payment, actor, options, read, async (tx, known, found) => {
      const rows = await this.refunds.of(known.paymentId, tx);
      const steps = decideRefunds(rows, found.map(truthOfRefund));
      await this.refunds.write(tx, known, steps, actor);
      for (const step of steps) {
        await this.tellOperator(tx, known, step);
        if (step.kind === 'change' && step.fields.status)
          await this.operatorList.close(tx, REFUND_OVERDUE, step.refund.refundId);
      }
    });
  }

  /** @throws StripeUnavailable when Stripe cannot be read */
  async refreshDisputes(payment: PaymentEntity, actor: Actor, options: ReturnsOptions = {}): Promise<void> {
    const read = async ({ version }: PaymentEntity, intentId: string) => {
      return { version, found: await this.stripe.listDisputes(intentId) };
    };
    await this.bring(payment, actor, options, read, async (tx, known, { version, found }) => {
      // An appeal takes a dispute back to where it was: what was read before somebody else wrote may be the older news.
      if (known.version !== version) throw new StalePayment(known.paymentId);
      const rows = await this.disputes.of(known.paymentId, tx);
      await this.disputes.write(tx, known, decideDisputes(rows, found.map(truthOfDispute)), actor);
    });
  }

  private async bring<T>(
    asked: PaymentEntity,
    actor: Actor,
    { intentId, also }: ReturnsOptions,
    read: (payment: PaymentEntity, intentId: string) => Promise<T>,
    write: (tx: Tx, payment: PaymentEntity, found: T) => Promise<void>,
  ): Promise<void> {
    for (let race = 1, payment = await this.charged(asked, actor, intentId); ; race++) {
      const own = payment.paymentIntentId;
      // Nothing was charged, or another intent than this payment's: what Stripe shows there is no refund of ours.
      if (payment.amountCaptured === 0 || own === null || (intentId ?? own) !== own) {
        return also && this.database.transaction(also);
      }
      const found = await read(payment, own);
      const known = payment;
      try {
        return await this.database.transaction(async (tx) => {
          await also?.(tx);
          await this.orders.lock(tx, known.orderNumber);
          await write(tx, await this.repository.get(known.paymentId, tx), found);
        });
      } catch (error) {
        if (!(error instanceof StalePayment) || race >= MAXIMUM_RACES) throw error;
        payment = await this.repository.get(known.paymentId);
      }
    }
  }

  /** A refund may be heard of before the charge: the payment itself is brought in line first. */
  private async charged(payment: PaymentEntity, actor: Actor, intentId?: string): Promise<PaymentEntity> {
    const mayBeCharged = payment.amountCaptured === 0 && !PAYMENT_ENDED.includes(payment.status);
    return mayBeCharged ? this.refresh.refresh(payment, actor, { intentId }) : payment;
  }

  /** Stripe is asked for the charge only where a part of the reservation was released and may be taken for a refund. */
  private async genuine(
    payment: PaymentEntity,
    intentId: string,
    found: Stripe.Refund[],
    rows: Parameters<typeof withoutReleased>[1],
  ): Promise<Stripe.Refund[]> {
    const { amountAuthorized: authorized, amountCaptured: captured } = payment;
    const known = new Set(rows.map(({ stripeRefundId }) => stripeRefundId));
    const isPlain = authorized === captured || found.every(({ id }) => known.has(id));
    const charge = isPlain ? null : (await this.stripe.retrieveIntent(intentId)).latest_charge;
    const refunded = charge === null || typeof charge === 'string' ? 0 : charge.amount_refunded;
    return withoutReleased(found, rows, { authorized: isPlain ? captured : authorized, captured, refunded });
  }

  /** Each is told of once: a person who has asked where it is knows, and waits as we do. */
  private async tellOverdue(refunds: readonly RefundEntity[]): Promise<void> {
    const { refundPatienceDays } = this.config.times;
    const before = this.clock.now().getTime() - refundPatienceDays * DAY_MS;
    const overdue = refunds.filter(
      (refund) => refund.status === 'Pending' && !isUnanswered(refund) && refund.createdAt.getTime() <= before,
    );
    const told = await this.operatorList.subjectsOf(
      [REFUND_OVERDUE],
      overdue.map(({ refundId }) => refundId),
    );
    for (const { refundId, orderNumber, amount, currency, stripeRefundId } of overdue) {
      if (told.has(refundId)) continue;
      await this.database.transaction((tx) =>
        this.operatorList.add(tx, {
          kind: REFUND_OVERDUE,
          subject: refundId,
          reason: `The refund of ${formatMoney(amount, currency)} for the order ${orderNumber} is Pending for ${refundPatienceDays} days`,
          nextStep: 'Ask Stripe where the money is; this case closes by itself when the refund ends',
          facts: { orderNumber, stripeRefundId },
        }),
      );
    }
  }

  /** The money was on its way and came back: somebody has to give it to the customer in another way. */
  private async tellOperator(tx: Tx, payment: PaymentEntity, step: RefundStep): Promise<void> {
    if (step.kind !== 'change' || step.refund.status !== 'Succeeded' || step.fields.status !== 'Failed') return;
    const { refundId, amount, currency, stripeRefundId } = step.refund;
    await this.operatorList.add(tx, {
      kind: 'refund-returned',
      subject: refundId,
      reason: `${formatMoney(amount, currency)} were refunded for the order ${payment.orderNumber}, and the card network sent them back`,
      nextStep: 'Refund again, or give the customer the money in another way, and close this case',
      facts: { orderNumber: payment.orderNumber, stripeRefundId, failure: step.fields.failure },
    });
  }
}
