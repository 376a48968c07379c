import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, Jobs, NotYet, Schedules, type Config } from '#platform';
import { PaymentsExpiry } from './payments.expiry.js';
import { CANCEL_STRAY, RELEASE_PAYMENT } from './payments.queues.js';
import { PaymentsReconcile } from './payments.reconcile.js';
import { PaymentsRelease } from './payments.release.js';
import { PaymentsStray } from './payments.stray.js';

@Injectable()
export class PaymentsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly release: PaymentsRelease,
    private readonly stray: PaymentsStray,
    private readonly schedules: Schedules,
    private readonly reconcile: PaymentsReconcile,
    private readonly expiry: PaymentsExpiry,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(RELEASE_PAYMENT, async ({ paymentId }) => {
      // Whoever holds the lease may not live to finish: the job is done when the release is.
      if ((await this.release.finish(paymentId)) === 'busy') throw new NotYet(`${paymentId} is being released`);
    });
    this.jobs.handle(CANCEL_STRAY, ({ paymentId, intentId }) => this.stray.cancel(paymentId, intentId));
    const { reconcileSeconds } = this.config.times;
    this.schedules.every('payments.reconcile', reconcileSeconds, (asked) => this.reconcile.run(asked));
    this.schedules.every('payments.warn', reconcileSeconds, () => this.reconcile.warn());
    this.schedules.every('payments.expire-orders', reconcileSeconds, (asked) => this.expiry.run(asked));
  }
}
