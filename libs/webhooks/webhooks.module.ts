import { Module } from '@nestjs/common';
import { PaymentMethodsModule } from '#payment-methods';
import { PaymentsModule } from '#payments';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [PaymentMethodsModule, PaymentsModule],
  controllers: [WebhooksController],
  providers: [WebhooksService, WebhooksRepository],
})
export class WebhooksModule {}
