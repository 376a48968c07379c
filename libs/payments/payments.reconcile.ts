import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, CONFIG, Database, Events, Metrics, type Asked, type Config } from '#platform';
import { OrdersRepository } from '#orders';
import { StripeNotFound, StripeUnavailable } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { AuthorizationExpiring } from './payments.events.js';
import { PaymentsMissing } from './payments.missing.js';
import { PaymentsInit } from './payments.init.js';
import { PaymentsReconcileRepository } from './payments.reconcile.repository.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository, StalePayment } from './payments.repository.js';

const HOUR_MS = 3_600_000;
/** Payments looked at in one run: a read or two each, one after the other, far below Stripe's 25 requests a second. */
const LOOKED_AT_IN_A_RUN = 50;
/** So many payments in a run that Stripe would not speak of, and it is left in peace until the next. */
const UNAVAILABLE_IN_A_RUN = 3;
/** By hand it is asked of every payment, unless it is silent so often in a row. */
const UNAVAILABLE_IN_A_ROW = 10;

/**
 * Brings home what no webhook and no caller finished: every payment that is not over is looked at again and again, more
 * seldom as it ages, and goes through the same code as an event about it.
 */
@Injectable()
export class PaymentsReconcile {
  private readonly logger = new Logger(PaymentsReconcile.name);

  constructor(
    private readonly database: Database,
    private readonly repository: PaymentsRepository,
    private readonly due: PaymentsReconcileRepository,
    private readonly init: PaymentsInit,
    private readonly refresh: PaymentsRefresh,
    private readonly release: PaymentsRelease,
    private readonly missing: PaymentsMissing,
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * A number by schedule, which bounds the rate of calls to Stripe; everything by hand.
   * @returns how many payments changed
   * @throws StripeUnavailable by hand, when Stripe would not speak of some, after all others were looked at
   */
  async run(asked: Asked): Promise<number> {
    const count = { changed: 0, unchanged: 0, unavailable: 0 };
    let inARow = 0;
    if (asked === 'by-hand') await this.due.makeAllDue();
    for (let looked = 0; asked === 'by-hand' || looked < LOOKED_AT_IN_A_RUN; looked++) {
      // Claimed one by one: what is not looked at in this run stays due for the next.
      const paymentId = await this.due.claim(asked);
      if (paymentId === undefined) break;
      const result = await this.bringHome(paymentId);
      count[result]++;
      inARow = result === 'unavailable' ? inARow + 1 : 0;
      if (inARow >= UNAVAILABLE_IN_A_ROW) break;
      if (asked === 'by-schedule' && count.unavailable >= UNAVAILABLE_IN_A_RUN) break;
    }
    if (asked === 'by-hand' && count.unavailable > 0)
      throw new StripeUnavailable(`${count.unavailable} payments could not be compared with Stripe`);
    return count.changed;
  }

  /**
   * Looks at the payments of one order now, whether they are due or not.
   * @throws StripeUnavailable when Stripe cannot be asked
   */
  async look(orderNumber: string): Promise<void> {
    for (const { paymentId } of await this.repository.ofOrder(orderNumber))
      if ((await this.bringHome(paymentId)) === 'unavailable')
        throw new StripeUnavailable(`the payment ${paymentId} could not be compared with Stripe`);
  }

  /** Tells the partner, once, of each reservation that is about to run out. */
  async warn(): Promise<number> {
    const before = new Date(this.clock.now().getTime() + this.config.times.authorizationWarningHours * HOUR_MS);
    const ending = await this.due.endingUntold(before);
    let told = 0;
    for (const payment of ending) if (await this.tell(payment)) told++;
    return told;
  }

  private async bringHome(paymentId: string): Promise<'changed' | 'unchanged' | 'unavailable'> {
    const before = await this.repository.get(paymentId);
    try {
      await this.step(before);
    } catch (error) {
      // Another look comes by itself; one payment that cannot be read must not keep the others from being looked at.
      this.logger.warn({ paymentId, status: before.status, err: error }, 'a payment could not be brought home');
      if (error instanceof StripeNotFound) await this.missing.tell(before);
      return error instanceof StripeUnavailable ? 'unavailable' : 'unchanged';
    }
    const after = await this.repository.get(paymentId);
    if (after.version === before.version) return 'unchanged';
    this.metrics.countReconciled(`payment:${before.status}`, after.status);
    return 'changed';
  }

  private async step(payment: PaymentEntity): Promise<void> {
    switch (payment.status) {
      case 'Initializing':
        return this.init.finish(payment.paymentId);
      case 'Pending':
      case 'Processing':
      case 'Authorized':
      case 'Capturing':
        await this.refresh.refresh(payment, 'holdfast');
        return;
      case 'Releasing':
        await this.release.finish(payment.paymentId);
        return;
      case 'Captured':
      case 'PartiallyCaptured':
      case 'Released':
      case 'Abandoned':
      case 'Expired':
      case 'Failed':
      case 'NotRequired':
        return;
    }
  }

  private async tell(payment: PaymentEntity): Promise<boolean> {
    const { paymentId, orderNumber, authorizationExpiresAt } = payment;
    try {
      await this.database.transaction(async (tx) => {
        const fields = { expiryToldAt: this.clock.now() };
        await this.repository.change(tx, payment, { actor: 'holdfast', fields });
        const detail = { paymentId, authorizationExpiresAt };
        const entry = { type: 'payment.authorization_expiring', actor: 'holdfast', detail } as const;
        await this.orders.note(tx, orderNumber, entry);
        await this.events.emit(tx, new AuthorizationExpiring(orderNumber, paymentId));
      });
      return true;
    } catch (error) {
      // It changed this moment, or cannot be told: the next look tells, and meanwhile the others are told.
      if (!(error instanceof StalePayment))
        this.logger.error({ paymentId, err: error }, 'nobody could be told that a reservation is about to run out');
      return false;
    }
  }
}
