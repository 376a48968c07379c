import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, CONFIG, Database, Jobs, type Config } from '#platform';
import { OrdersDueRepository, OrdersRepository } from '#orders';
import { StripeUnavailable } from '#stripe';
import { RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository } from './payments.repository.js';

/** Orders looked at in one run; the next run goes on. */
const BATCH = 50;

/** Forgotten orders: nobody touched them for days, and they are not paid. What they left open at Stripe is ended first. */
@Injectable()
export class PaymentsExpiry {
  private readonly logger = new Logger(PaymentsExpiry.name);

  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly due: OrdersDueRepository,
    private readonly repository: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly release: PaymentsRelease,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns how many orders expired, or began to */
  async run(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - this.config.times.orderExpiryHours * 3_600_000);
    let expired = 0;
    for (const orderNumber of await this.due.untouchedSince(['New', 'Placed'], before, BATCH))
      if (await this.expireUnpaid(orderNumber, before)) expired++;
    for (const orderNumber of await this.due.untouchedSince(['Payment'], before, BATCH))
      if (await this.expireInPayment(orderNumber, before)) expired++;
    return expired;
  }

  private async expireUnpaid(orderNumber: string, before: Date): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const { status: from, updatedAt } = await this.orders.lock(tx, orderNumber);
      if ((from !== 'New' && from !== 'Placed') || updatedAt > before) return false;
      return this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from, to: 'Expired' } });
    });
  }

  private async expireInPayment(orderNumber: string, before: Date): Promise<boolean> {
    try {
      const { payment } = await this.orders.get(orderNumber);
      if (!payment) return false;
      // A customer who paid, and whose event was lost, is not to lose the order: Stripe is read first.
      await this.refresh.refresh(await this.repository.get(payment.paymentId), 'holdfast');
      const claimed = await this.claim(orderNumber, before);
      if (claimed !== undefined) await this.release.finish(claimed);
      return claimed !== undefined;
    } catch (error) {
      if (!(error instanceof StripeUnavailable)) throw error;
      this.logger.warn({ orderNumber, err: error }, 'a forgotten order could not be expired yet');
      return false;
    }
  }

  // CLAIM: from here on no event makes the order Paid
  private async claim(orderNumber: string, before: Date): Promise<string | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status !== 'Payment' || order.updatedAt > before || !order.payment) return undefined;
      const payment = await this.repository.get(order.payment.paymentId, tx.manager);
      if (!['Initializing', 'Pending', 'Processing'].includes(payment.status)) return undefined;
      await this.repository.change(tx, payment, {
        actor: 'holdfast',
        fields: { status: 'Releasing', releaseReason: 'expired' },
        detail: { reason: 'expired' },
      });
      await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId: payment.paymentId });
      return payment.paymentId;
    });
  }
}
