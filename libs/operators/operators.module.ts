import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { FulfillmentModule } from '#fulfillment';
import { NotificationsModule } from '#notifications';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { WebhooksModule } from '#webhooks';
import { ConsoleController } from './console.controller.js';
import { OperatorsController } from './operators.controller.js';
import { OperatorsEndpoints } from './operators.endpoints.js';
import { OperatorsMetrics } from './operators.metrics.js';
import { OperatorsService } from './operators.service.js';
import { OperatorsStuck } from './operators.stuck.js';

@Module({
  imports: [AccountsModule, OrdersModule, PaymentsModule, FulfillmentModule, WebhooksModule, NotificationsModule],
  controllers: [OperatorsController, ConsoleController],
  providers: [OperatorsService, OperatorsStuck, OperatorsEndpoints, OperatorsMetrics],
  exports: [OperatorsService],
})
export class OperatorsModule {}
