import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { InstantFulfiller } from './fulfillment.instant.js';
import { ManualFulfiller } from './fulfillment.manual.js';
import { FulfillmentController } from './fulfillment.controller.js';
import { FulfillmentHandlers } from './fulfillment.handlers.js';
import { FulfillmentJobs } from './fulfillment.jobs.js';
import { FulfillmentMargin } from './fulfillment.margin.js';
import { FulfillmentReconcile } from './fulfillment.reconcile.js';
import { FulfillmentService } from './fulfillment.service.js';

@Module({
  imports: [AccountsModule, OrdersModule, PaymentsModule],
  controllers: [FulfillmentController],
  providers: [
    FulfillmentService,
    FulfillmentHandlers,
    FulfillmentJobs,
    FulfillmentMargin,
    FulfillmentReconcile,
    InstantFulfiller,
    ManualFulfiller,
  ],
})
export class FulfillmentModule {}
