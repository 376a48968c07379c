import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '#platform';
import { DELIVER_ITEM, SETTLE_ORDER, START_FULFILLMENT } from './fulfillment.queues.js';
import { FulfillmentService } from './fulfillment.service.js';

@Injectable()
export class FulfillmentJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly fulfillment: FulfillmentService,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(START_FULFILLMENT, ({ orderNumber }) => this.fulfillment.start(orderNumber));
    this.jobs.handle(DELIVER_ITEM, ({ orderNumber, orderItemNumber }) =>
      this.fulfillment.deliver(orderNumber, orderItemNumber),
    );
    this.jobs.handle(SETTLE_ORDER, ({ orderNumber }) => this.fulfillment.settle(orderNumber));
  }
}
