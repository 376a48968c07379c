import { Module } from '@nestjs/common';
import { AccountsModule } from '#accounts';
import { OrdersModule } from '#orders';
import { PaymentMethodsModule } from '#payment-methods';
import { DisputesRepository } from './disputes.repository.js';
import { PaymentsAbandon } from './payments.abandon.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsCreate } from './payments.create.js';
import { PaymentsExpiry } from './payments.expiry.js';
import { PaymentsInit } from './payments.init.js';
import { PaymentsJobs } from './payments.jobs.js';
import { PaymentsMissing } from './payments.missing.js';
import { PaymentsReconcile } from './payments.reconcile.js';
import { PaymentsReconcileRepository } from './payments.reconcile.repository.js';
import { PaymentsRefund } from './payments.refund.js';
import { PaymentsRefresh } from './payments.refresh.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentsRequestCheck } from './payments.request-check.js';
import { PaymentsReturns } from './payments.returns.js';
import { PaymentsSaveFlag } from './payments.save-flag.js';
import { PaymentsSettle } from './payments.settle.js';
import { PaymentsStray } from './payments.stray.js';
import { RefundsController } from './refunds.controller.js';
import { RefundsRepository } from './refunds.repository.js';

const verbs = [
  PaymentsAbandon,
  PaymentsCreate,
  PaymentsExpiry,
  PaymentsInit,
  PaymentsMissing,
  PaymentsReconcile,
  PaymentsRefresh,
  PaymentsRefund,
  PaymentsRelease,
  PaymentsReturns,
  PaymentsSaveFlag,
  PaymentsSettle,
  PaymentsStray,
];

const rows = [DisputesRepository, PaymentsReconcileRepository, PaymentsRepository, RefundsRepository];

@Module({
  imports: [AccountsModule, OrdersModule, PaymentMethodsModule],
  controllers: [PaymentsController, RefundsController],
  providers: [...verbs, ...rows, PaymentsJobs, PaymentsRequestCheck],
  exports: [
    DisputesRepository,
    RefundsRepository,
    PaymentsReconcile,
    PaymentsRefresh,
    PaymentsRepository,
    PaymentsReturns,
    PaymentsSettle,
  ],
})
export class PaymentsModule {}
