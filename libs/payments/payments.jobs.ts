import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '#platform';
import { RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRelease } from './payments.release.js';

@Injectable()
export class PaymentsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly release: PaymentsRelease,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(RELEASE_PAYMENT, async ({ paymentId }) => {
      await this.release.finish(paymentId);
    });
  }
}
