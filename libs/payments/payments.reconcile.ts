import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, CONFIG, Database, Events, Metrics, type Asked, type Config } from '#platform';
import { OrdersRepository } from '#orders';
import { StripeUnavailable } from '#stripe';
import type { PaymentEntity } from './payment.entity.js';
import { AuthorizationExpiring } from './payments.events.js';
import { PaymentsInit } from './payments.init.js';
import { PaymentsReconcileRepository } from './payments.reconcile.repository.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository, StalePayment } from './payments.repository.js';

const HOUR_MS = 3_600_000;
/** So many payments in a run that Stripe would not speak of, and it is left in peace until the next. */
const UNAVAILABLE_IN_A_RUN = 3;

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
    private readonly orders: OrdersRepository,
    private readonly events: Events,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * One batch by schedule, which bounds the rate of calls to Stripe; everything by hand.
   * @returns how many payments changed
   * @throws StripeUnavailable by hand, when Stripe cannot be asked: by schedule the next run comes anyway
   */
  async run(asked: Asked): Promise<number> {
    let changed = 0;
    let unavailable = 0;
    if (asked === 'by-hand') await this.due.makeAllDue();
    for (;;) {
      const batch = await this.due.claim(asked);
      for (const paymentId of batch) {
        const result = await this.bringHome(paymentId, asked);
        if (result === 'changed') changed++;
        // Not this payment but Stripe: the rest of the batch comes again by itself.
        if (result === 'unavailable' && ++unavailable >= UNAVAILABLE_IN_A_RUN) return changed;
      }
      if (asked === 'by-schedule' || batch.length === 0) return changed;
    }
  }

  /**
   * Looks at the payments of one order now, whether they are due or not.
   * @throws StripeUnavailable when Stripe cannot be asked
   */
  async look(orderNumber: string): Promise<void> {
    for (const { paymentId } of await this.repository.ofOrder(orderNumber)) await this.bringHome(paymentId, 'by-hand');
  }

  /** Tells the partner, once, of each reservation that is about to run out. */
  async warn(): Promise<number> {
    const before = new Date(this.clock.now().getTime() + this.config.times.authorizationWarningHours * HOUR_MS);
    const ending = await this.due.endingUntold(before);
    for (const payment of ending) await this.tell(payment);
    return ending.length;
  }

  private async bringHome(paymentId: string, asked: Asked): Promise<'changed' | 'unchanged' | 'unavailable'> {
    const before = await this.repository.get(paymentId);
    try {
      await this.step(before);
    } catch (error) {
      if (error instanceof StripeUnavailable && asked === 'by-hand') throw error;
      // Another look comes by itself; one payment that cannot be read must not keep the others from being looked at.
      this.logger.warn({ paymentId, status: before.status, err: error }, 'a payment could not be brought home');
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

  private async tell(payment: PaymentEntity): Promise<void> {
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
    } catch (error) {
      // It changed this moment: the next look tells, if there is still something to tell.
      if (!(error instanceof StalePayment)) throw error;
    }
  }
}
