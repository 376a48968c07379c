import { Injectable } from '@nestjs/common';
import { Clock, Database, Jobs, Metrics, type Asked, type JobKind } from '#platform';
import { OrdersDueRepository, type OrderEntity } from '#orders';
import { DELIVER_ITEM, SETTLE_ORDER, START_FULFILLMENT } from './fulfillment.queues.js';

/** Whoever moved an order wrote its next job in that moment; one that is missing after this long was lost. */
const PAUSE_MS = 120_000;
const BATCH = 100;

/** Orders past Payment that nobody works on any more: their jobs are written anew. */
@Injectable()
export class FulfillmentReconcile {
  /** Where the last run ended: each run looks at the next orders, and in the end at all of them. */
  private position = '';

  constructor(
    private readonly database: Database,
    private readonly due: OrdersDueRepository,
    private readonly jobs: Jobs,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** @returns how many jobs were missing */
  async run(asked: Asked): Promise<number> {
    const before = new Date(this.clock.now().getTime() - (asked === 'by-hand' ? 0 : PAUSE_MS));
    let written = 0;
    do {
      const page = await this.due.page(['Paid', 'InTransit', 'Delivered'], before, this.position, BATCH);
      for (const order of page) written += await this.writeMissing(order);
      this.position = page.length < BATCH ? '' : (page.at(-1)?.orderNumber ?? '');
    } while (asked === 'by-hand' && this.position !== '');
    return written;
  }

  /** Writes the jobs of one order that are missing, now. */
  async look(order: OrderEntity): Promise<void> {
    await this.writeMissing(order);
  }

  private async writeMissing(order: OrderEntity): Promise<number> {
    const { orderNumber } = order;
    if (order.status === 'Paid') return this.send(START_FULFILLMENT, [{ orderNumber }]);
    if (order.status === 'Delivered') return this.send(SETTLE_ORDER, [{ orderNumber }]);
    if (order.status !== 'InTransit') return 0;
    const unasked = order.items.filter((item) => item.status === 'InTransit' && !item.awaitingReport);
    return this.send(
      DELIVER_ITEM,
      unasked.map(({ orderItemNumber }) => ({ orderNumber, orderItemNumber })),
    );
  }

  private async send<Data extends object>(kind: JobKind<Data>, jobs: readonly Data[]): Promise<number> {
    if (jobs.length === 0) return 0;
    const written = await this.database.transaction((tx) => this.jobs.sendMissing(tx, kind, jobs));
    if (written > 0) this.metrics.countReconciled(`job:${kind.name}`, 'written');
    return written;
  }
}
