import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, Jobs, Schedules } from '#platform';
import { NotificationsOutboxRepository } from './notifications.outbox.repository.js';
import { WAKE_SENDERS } from './notifications.queues.js';
import { NotificationsSender } from './notifications.sender.js';

/** Retries, and what a dead worker left, are found within this and a second. */
const LOOK_SECONDS = 1;
const FORGET_SECONDS = 3600;
const KEPT_DAYS = 30;
/** One run removes at most so much, in short statements: the rest is for the next one. */
const FORGET_ROWS = 1000;
const FORGET_ROUNDS = 100;

@Injectable()
export class NotificationsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly schedules: Schedules,
    private readonly sender: NotificationsSender,
    private readonly outbox: NotificationsOutboxRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(WAKE_SENDERS, async ({ endpointIds }) => {
      for (const endpointId of endpointIds) this.sender.wake(endpointId);
    });
    this.schedules.every('notifications.send', LOOK_SECONDS, () => this.sendDue());
    this.schedules.every('notifications.forget', FORGET_SECONDS, () => this.forget());
  }

  /** @returns 0: what is being sent is not finished when this is, and looking again at once would find it again */
  private async sendDue(): Promise<number> {
    for (const { endpointId, isFailing } of await this.outbox.endpointsWithWork(this.clock.now())) {
      this.sender.expect(endpointId, isFailing);
      this.sender.wake(endpointId);
    }
    return 0;
  }

  /** @returns how many were removed */
  private async forget(): Promise<number> {
    const olderThan = new Date(this.clock.now().getTime() - KEPT_DAYS * 24 * 3_600_000);
    let removed = 0;
    for (let round = 1; round <= FORGET_ROUNDS; round++) {
      const count = await this.outbox.forget(olderThan, FORGET_ROWS);
      removed += count;
      if (count < FORGET_ROWS) break;
    }
    return removed;
  }
}
