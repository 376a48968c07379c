import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '#orders';
import { PaymentsModule } from '#payments';
import { DisputeEntity } from './dispute.entity.js';
import { RefundEntity } from './refund.entity.js';
import { DisputesRepository } from './disputes.repository.js';
import { RefundsController } from './refunds.controller.js';
import { RefundsJobs } from './refunds.jobs.js';
import { RefundsRepository } from './refunds.repository.js';
import { RefundsReturns } from './refunds.returns.js';
import { RefundsService } from './refunds.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([DisputeEntity, RefundEntity]), OrdersModule, PaymentsModule],
  controllers: [RefundsController],
  providers: [DisputesRepository, RefundsJobs, RefundsRepository, RefundsReturns, RefundsService],
  exports: [DisputesRepository, RefundsRepository, RefundsReturns],
})
export class RefundsModule {}
