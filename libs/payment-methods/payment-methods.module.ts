import { Module } from '@nestjs/common';
import { PartnersModule } from '#partners';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethodsRepository } from './payment-methods.repository.js';
import { PaymentMethodsService } from './payment-methods.service.js';
import { StripeCustomersRepository } from './stripe-customers.repository.js';
import { StripeCustomersService } from './stripe-customers.service.js';

@Module({
  imports: [PartnersModule],
  controllers: [PaymentMethodsController],
  providers: [PaymentMethodsService, PaymentMethodsRepository, StripeCustomersRepository, StripeCustomersService],
  exports: [PaymentMethodsService, StripeCustomersService],
})
export class PaymentMethodsModule {}
