import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PartnersModule } from '#partners';
import { OrdersModule } from '#orders';
import { PaymentMethodsModule } from '#payment-methods';
import { PaymentEntity } from './payment.entity.js';
import { PaymentsAbandon } from './payments.abandon.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsCreate } from './payments.create.js';
import { PaymentsExpiry } from './payments.expiry.js';
import { PaymentsInit } from './payments.init.js';
import { PaymentsJobs } from './payments.jobs.js';
import { PaymentsMissing } from './payments.missing.js';
import { PaymentsReconcile } from './payments.reconcile.js';
import { PaymentsReconcileRepository } from './payments.reconcile.repository.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentsRequestCheck } from './payments.request-check.js';
import { PaymentsSaveFlag } from './payments.save-flag.js';
import { PaymentsSettle } from './payments.settle.js';
import { PaymentsStray } from './payments.stray.js';

const verbs = [
  PaymentsAbandon,
  PaymentsCreate,
  PaymentsExpiry,
  PaymentsInit,
  PaymentsMissing,
  PaymentsReconcile,
  PaymentsRefresh,
  PaymentsRelease,
  PaymentsSaveFlag,
  PaymentsSettle,
  PaymentsStray,
];

const rows = [PaymentsReconcileRepository, PaymentsRepository];

@Module({
  imports: [TypeOrmModule.forFeature([PaymentEntity]), PartnersModule, OrdersModule, PaymentMethodsModule],
  controllers: [PaymentsController],
  providers: [...verbs, ...rows, PaymentsJobs, PaymentsRequestCheck],
  exports: [PaymentsReconcile, PaymentsRefresh, PaymentsRepository, PaymentsSettle],
})
export class PaymentsModule {}
