import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, CONFIG, Database, Jobs, type Config, type Tx } from '#platform';
import { OrdersDueRepository, OrdersRepository, type OrderEntity } from '#orders';
import { SETTLE_ORDER } from './fulfillment.queues.js';

const BATCH = 100;

/** Goods for which nothing can be charged any more are not handed out. */
export const NOT_DELIVERED_IN_TIME = 'Not delivered before the reservation ran out';

/**
 * Nothing is delivered unpaid: at a safe distance before a reservation runs out, what is delivered is charged and what is
 * not fails. Source of the end: `capture_before` of Stripe's charge.
 */
@Injectable()
export class FulfillmentMargin {
  private readonly logger = new Logger(FulfillmentMargin.name);

  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly due: OrdersDueRepository,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Whether an order's reservation is gone, or too near its end to deliver anything more on it. */
  isReached(order: OrderEntity): boolean {
    const { payment } = order;
    if (payment?.status === 'Expired') return true;
    const ends = payment?.status === 'Authorized' ? payment.authorizationExpiresAt : undefined;
    return ends !== undefined && Date.parse(ends) <= this.margin().getTime();
  }

  /**
   * Ends the fulfilment of every order whose margin is reached.
   * @returns how many orders
   */
  async run(): Promise<number> {
    let ended = 0;
    for (let after = ''; ;) {
      const numbers = await this.due.onReservationUntil(this.margin(), after, BATCH);
      for (const orderNumber of numbers) if (await this.attempt(orderNumber)) ended++;
      after = numbers.at(-1) ?? '';
      if (numbers.length < BATCH) return ended;
    }
  }

  /** One order that cannot be ended must not keep the others from it. */
  private async attempt(orderNumber: string): Promise<boolean> {
    try {
      return await this.database.transaction((tx) => this.end(tx, orderNumber));
    } catch (error) {
      this.logger.error({ orderNumber, err: error }, 'an order could not be ended before its reservation runs out');
      return false;
    }
  }

  private async end(tx: Tx, orderNumber: string): Promise<boolean> {
    const order = await this.orders.lock(tx, orderNumber);
    const { status, items } = order;
    if ((status !== 'Paid' && status !== 'InTransit') || !this.isReached(order)) return false;
    // A fulfiller that is handing out at this moment would be delivering unpaid: its answer, a minute at most, is waited for.
    if (await this.orders.isBeingAsked(tx, orderNumber)) return false;
    const actor = 'holdfast';
    const numbers = items.map(({ orderItemNumber }) => orderItemNumber);
    if (status === 'Paid') {
      await this.orders.apply(tx, { orderNumber, actor, move: { from: 'Paid', to: 'InTransit' } });
      await this.orders.moveItems(tx, orderNumber, numbers, { from: 'New', to: 'InTransit', actor });
    }
    const failed = { from: 'InTransit', to: 'Failed', actor, statusText: NOT_DELIVERED_IN_TIME } as const;
    await this.orders.moveItems(tx, orderNumber, numbers, failed);
    await this.orders.apply(tx, { orderNumber, actor, move: { from: 'InTransit', to: 'Delivered' } });
    await this.jobs.send(tx, SETTLE_ORDER, { orderNumber });
    return true;
  }

  private margin(): Date {
    return new Date(this.clock.now().getTime() + this.config.times.authorizationMarginHours * 3_600_000);
  }
}
