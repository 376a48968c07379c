import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PartnersModule } from '#partners';
import { PaymentMethodEntity } from './payment-method.entity.js';
import { StripeCustomerEntity } from './stripe-customer.entity.js';
import { PaymentMethodsController } from './payment-methods.controller.js';
import { PaymentMethodsRepository } from './payment-methods.repository.js';
import { PaymentMethodsService } from './payment-methods.service.js';
import { StripeCustomersRepository } from './stripe-customers.repository.js';
import { StripeCustomersService } from './stripe-customers.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([PaymentMethodEntity, StripeCustomerEntity]), PartnersModule],
  controllers: [PaymentMethodsController],
  providers: [PaymentMethodsService, PaymentMethodsRepository, StripeCustomersRepository, StripeCustomersService],
  exports: [PaymentMethodsService, StripeCustomersService],
})
export class PaymentMethodsModule {}
