import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethodsRepository } from './payment-methods.repository.js';
import { PaymentMethodsService } from './payment-methods.service.js';
import { StripeCustomersService } from './stripe-customers.service.js';

@Module({
  imports: [AccountsModule],
  controllers: [PaymentMethodsController],
  providers: [PaymentMethodsService, PaymentMethodsRepository, StripeCustomersService],
  exports: [PaymentMethodsService, StripeCustomersService],
})
export class PaymentMethodsModule {}
