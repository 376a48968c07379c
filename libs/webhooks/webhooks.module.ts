import { Module } from '@nestjs/common';
import { PaymentMethodsModule } from '#payment-methods';
import { PaymentsModule } from '#payments';
import { RefundsModule } from '#refunds';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksFeed } from './webhooks.feed.js';
import { WebhooksJobs } from './webhooks.jobs.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  imports: [PaymentMethodsModule, PaymentsModule, RefundsModule],
  controllers: [WebhooksController],
  providers: [WebhooksService, WebhooksFeed, WebhooksJobs, WebhooksRepository],
  exports: [WebhooksRepository],
})
export class WebhooksModule {}
