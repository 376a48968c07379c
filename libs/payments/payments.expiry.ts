import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, CONFIG, Database, Jobs, type Asked, type Config } from '#platform';
import { OrdersDueRepository, OrdersRepository, type Forgotten } from '#orders';
import { StripeNotFound, StripeUnavailable } from '#stripe';
import { PaymentsMissing } from './payments.missing.js';
import { RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository } from './payments.repository.js';
import type { PaymentStatus } from './payment.state-machine.js';

/** Orders looked at in one run; the next run goes on. */
const BATCH = 50;
/** The release comes first; the job finishes what its process did not live to finish. */
const JOB_AFTER_SECONDS = 65;
/** So many orders in a run that Stripe would not speak of, and it is left in peace until the next. */
const UNAVAILABLE_IN_A_RUN = 3;
/** Nothing is reserved yet, and nothing is being given back. */
const OPEN: readonly PaymentStatus[] = ['Initializing', 'Pending', 'Processing'];

type Expired = 'expired' | 'kept' | 'unavailable';

/** Forgotten orders: nobody touched them for days, and they are not paid. What they left open at Stripe is ended first. */
@Injectable()
export class PaymentsExpiry {
  private readonly logger = new Logger(PaymentsExpiry.name);
  /** Where the last run ended among those in Payment: one that cannot be expired does not stand before the others. */
  private position: Forgotten | undefined;

  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly due: OrdersDueRepository,
    private readonly repository: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly release: PaymentsRelease,
    private readonly missing: PaymentsMissing,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns how many orders expired, or began to */
  async run(asked: Asked): Promise<number> {
    const before = new Date(this.clock.now().getTime() - this.config.times.orderExpiryHours * 3_600_000);
    return (await this.runUnpaid(asked, before)) + (await this.runInPayment(asked, before));
  }

  private async runUnpaid(asked: Asked, before: Date): Promise<number> {
    let expired = 0;
    for (let after: Forgotten | undefined; ;) {
      const batch = await this.due.untouchedSince(['New', 'Placed'], before, BATCH, after);
      for (const { orderNumber } of batch)
        if ((await this.attempt(orderNumber, () => this.expireUnpaid(orderNumber, before))) === 'expired') expired++;
      if (asked === 'by-schedule' || batch.length < BATCH) return expired;
      after = batch.at(-1);
    }
  }

  private async runInPayment(asked: Asked, before: Date): Promise<number> {
    const count = { expired: 0, kept: 0, unavailable: 0 };
    if (asked === 'by-hand') this.position = undefined;
    for (;;) {
      const batch = await this.due.untouchedSince(['Payment'], before, BATCH, this.position);
      for (const forgotten of batch) {
        const { orderNumber } = (this.position = forgotten);
        count[await this.attempt(orderNumber, () => this.expireInPayment(orderNumber, before))]++;
        if (count.unavailable >= UNAVAILABLE_IN_A_RUN) return count.expired;
      }
      if (batch.length < BATCH) this.position = undefined;
      if (asked === 'by-schedule' || batch.length < BATCH) return count.expired;
    }
  }

  /** One order that cannot be expired must not keep the others from being looked at. */
  private async attempt(orderNumber: string, expire: () => Promise<boolean>): Promise<Expired> {
    try {
      return (await expire()) ? 'expired' : 'kept';
    } catch (error) {
      this.logger.warn({ orderNumber, err: error }, 'a forgotten order could not be expired yet');
      return error instanceof StripeUnavailable ? 'unavailable' : 'kept';
    }
  }

  private async expireUnpaid(orderNumber: string, before: Date): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const { status: from, updatedAt } = await this.orders.lock(tx, orderNumber);
      if ((from !== 'New' && from !== 'Placed') || updatedAt > before) return false;
      return this.orders.apply(tx, { orderNumber, actor: 'holdfast', move: { from, to: 'Expired' } });
    });
  }

  private async expireInPayment(orderNumber: string, before: Date): Promise<boolean> {
    const { payment: summary } = await this.orders.get(orderNumber);
    const payment = summary && (await this.repository.get(summary.paymentId));
    if (!payment || !OPEN.includes(payment.status)) return false;
    // A customer who paid, and whose event was lost, is not to lose the order: Stripe is read first.
    await this.refresh.refresh(payment, 'holdfast').catch(async (error: unknown) => {
      if (error instanceof StripeNotFound) await this.missing.tell(payment);
      throw error;
    });
    const claimed = await this.claim(orderNumber, before);
    if (claimed !== undefined) await this.release.finish(claimed);
    return claimed !== undefined;
  }

  // CLAIM: from here on no event makes the order Paid
  private async claim(orderNumber: string, before: Date): Promise<string | undefined> {
    return this.database.transaction(async (tx) => {
      const order = await this.orders.lock(tx, orderNumber);
      if (order.status !== 'Payment' || order.updatedAt > before || !order.payment) return undefined;
      const payment = await this.repository.get(order.payment.paymentId, tx);
      if (!OPEN.includes(payment.status)) return undefined;
      await this.repository.change(tx, payment, {
        actor: 'holdfast',
        fields: { status: 'Releasing', releaseReason: 'expired' },
        detail: { reason: 'expired' },
      });
      await this.jobs.send(tx, RELEASE_PAYMENT, { paymentId: payment.paymentId }, JOB_AFTER_SECONDS);
      return payment.paymentId;
    });
  }
}
