import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '#platform';
import { CANCEL_STRAY, RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsStray } from './payments.stray.js';

@Injectable()
export class PaymentsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly release: PaymentsRelease,
    private readonly stray: PaymentsStray,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(RELEASE_PAYMENT, async ({ paymentId }) => {
      // Whoever holds the lease may not live to finish: the job is done when the release is.
      if ((await this.release.finish(paymentId)) === 'busy') throw new Error(`${paymentId} is being released`);
    });
    this.jobs.handle(CANCEL_STRAY, ({ paymentId, intentId }) => this.stray.cancel(paymentId, intentId));
  }
}
