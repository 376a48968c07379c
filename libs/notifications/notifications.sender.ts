import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { NotificationsDelivery } from './notifications.delivery.js';

/** Calls under way in one process. Each is a socket and no connection to the database. */
const LANES = 64;
/** Of those, for endpoints whose last answer was a failure: however many hang, the others are not kept waiting. */
const LANES_FOR_FAILING = 16;
/** More than are ever sent to one endpoint at once would only find nothing to claim. */
const LANES_PER_ENDPOINT = 4;

/**
 * Sends what is due, endpoint by endpoint. A lane sends to one endpoint until nothing is due or a try fails; as long as it
 * succeeds, others open beside it. What a lane leaves is found again by the schedule that looks for due notifications.
 */
@Injectable()
export class NotificationsSender implements BeforeApplicationShutdown {
  private readonly logger = new Logger(NotificationsSender.name);
  private readonly lanes = new Map<string, number>();
  private readonly failing = new Set<string>();
  private readonly running = new Set<Promise<void>>();
  private runningFailing = 0;
  private isStopping = false;

  constructor(private readonly delivery: NotificationsDelivery) {}

  /** Returns at once: whoever wakes a sender does not wait for a stranger's answer. */
  wake(endpointId: string): void {
    const lanes = this.lanes.get(endpointId) ?? 0;
    const isFailing = this.failing.has(endpointId);
    if (this.isStopping || this.running.size >= LANES || lanes >= LANES_PER_ENDPOINT) return;
    if (isFailing && (lanes > 0 || this.runningFailing >= LANES_FOR_FAILING)) return;
    this.lanes.set(endpointId, lanes + 1);
    if (isFailing) this.runningFailing++;
    const lane = this.send(endpointId).finally(() => {
      this.running.delete(lane);
      if (isFailing) this.runningFailing--;
      const left = (this.lanes.get(endpointId) ?? 1) - 1;
      if (left > 0) this.lanes.set(endpointId, left);
      else this.lanes.delete(endpointId);
    });
    this.running.add(lane);
  }

  /** What another process, or this one before it was restarted, found out about an endpoint. */
  expect(endpointId: string, isFailing: boolean): void {
    if (isFailing) this.failing.add(endpointId);
    else this.failing.delete(endpointId);
  }

  /** Before anything is closed: tries under way are finished and recorded, within their time-out. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.running);
  }

  private async send(endpointId: string): Promise<void> {
    try {
      while (!this.isStopping) {
        const result = await this.delivery.next(endpointId);
        if (result === 'nothing') return;
        this.expect(endpointId, result === 'failed');
        if (result === 'failed') return;
        this.wake(endpointId);
      }
    } catch (error) {
      // The database did not answer: the lease of what was claimed ends by itself.
      this.logger.error({ endpointId, err: error }, 'a notification could not be sent, and will be tried again');
    }
  }
}
