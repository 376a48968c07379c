import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { FulfillmentModule } from '#fulfillment';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { WebhooksModule } from '#webhooks';
import { OperatorsController } from './operators.controller.js';
import { OperatorsService } from './operators.service.js';

@Module({
  imports: [AccountsModule, OrdersModule, PaymentsModule, FulfillmentModule, WebhooksModule],
  controllers: [OperatorsController],
  providers: [OperatorsService],
  exports: [OperatorsService],
})
export class OperatorsModule {}
