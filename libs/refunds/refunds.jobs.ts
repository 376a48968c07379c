import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, Jobs, NotYet, Schedules, type Config } from '#platform';
import { FINISH_REFUND } from './refunds.queues.js';
import { RefundsReturns } from './refunds.returns.js';
import { RefundsService } from './refunds.service.js';

@Injectable()
export class RefundsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly schedules: Schedules,
    private readonly refunds: RefundsService,
    private readonly returns: RefundsReturns,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(FINISH_REFUND, async ({ refundId }) => {
      if (!(await this.refunds.finish(refundId))) throw new NotYet(`another process holds the lease of ${refundId}`);
    });
    const { reconcileSeconds } = this.config.times;
    // Named before refunds were a module of their own: running workers know the schedule by this name.
    this.schedules.every('payments.reconcile-refunds', reconcileSeconds, (asked) => this.returns.run(asked));
  }
}
