import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Events, Jobs } from '#platform';
import { OrderMoved } from '#orders';
import { START_FULFILLMENT } from './fulfillment.queues.js';

/** An order that becomes Paid has its fulfilment written as a job in the same transaction. */
@Injectable()
export class FulfillmentHandlers implements OnModuleInit {
  constructor(
    private readonly events: Events,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.events.on(OrderMoved, async (tx, { orderNumber, to }) => {
      if (to === 'Paid') await this.jobs.send(tx, START_FULFILLMENT, { orderNumber });
    });
  }
}
