import { Module } from '@nestjs/common';
import { PartnersModule } from '#partners';
import { FulfillmentModule } from '#fulfillment';
import { NotificationsModule } from '#notifications';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { RefundsModule } from '#refunds';
import { WebhooksModule } from '#webhooks';
import { OperatorsController } from './operators.controller.js';
import { OperatorsEndpoints } from './operators.endpoints.js';
import { OperatorsMetrics } from './operators.metrics.js';
import { OperatorsService } from './operators.service.js';
import { OperatorsStuck } from './operators.stuck.js';

@Module({
  imports: [
    PartnersModule,
    OrdersModule,
    PaymentsModule,
    RefundsModule,
    FulfillmentModule,
    WebhooksModule,
    NotificationsModule,
  ],
  controllers: [OperatorsController],
  providers: [OperatorsService, OperatorsStuck, OperatorsEndpoints, OperatorsMetrics],
  exports: [OperatorsService, OperatorsStuck, OperatorsEndpoints],
})
export class OperatorsModule {}
