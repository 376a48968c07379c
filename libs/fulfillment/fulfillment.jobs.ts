import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, Jobs, Schedules, type Config } from '#platform';
import { FulfillmentMargin } from './fulfillment.margin.js';
import { DELIVER_ITEM, SETTLE_ORDER, START_FULFILLMENT } from './fulfillment.queues.js';
import { FulfillmentReconcile } from './fulfillment.reconcile.js';
import { FulfillmentService } from './fulfillment.service.js';

@Injectable()
export class FulfillmentJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly fulfillment: FulfillmentService,
    private readonly schedules: Schedules,
    private readonly margin: FulfillmentMargin,
    private readonly reconcile: FulfillmentReconcile,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(START_FULFILLMENT, ({ orderNumber }) => this.fulfillment.start(orderNumber));
    this.jobs.handle(DELIVER_ITEM, ({ orderNumber, orderItemNumber }) =>
      this.fulfillment.deliver(orderNumber, orderItemNumber),
    );
    this.jobs.handle(SETTLE_ORDER, ({ orderNumber }) => this.fulfillment.settle(orderNumber));
    const { reconcileSeconds } = this.config.times;
    this.schedules.every('fulfillment.end-at-margin', reconcileSeconds, () => this.margin.run());
    this.schedules.every('fulfillment.write-missing-jobs', reconcileSeconds, (asked) => this.reconcile.run(asked));
  }
}
