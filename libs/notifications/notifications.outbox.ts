import { Injectable } from '@nestjs/common';
import { orderSnapshot } from '#orders';
import { Clock, Jobs, type Tx } from '#platform';
import { NotificationEndpointsRepository } from './notification-endpoints.repository.js';
import { TEST_TYPE, type NotificationType } from './notifications.catalogue.js';
import { NotificationsOutboxRepository } from './notifications.outbox.repository.js';
import { WAKE_SENDERS } from './notifications.queues.js';

/** Writes what is to be sent, in the transaction of what it tells of: there is either both or neither. */
@Injectable()
export class NotificationsOutbox {
  constructor(
    private readonly endpoints: NotificationEndpointsRepository,
    private readonly outbox: NotificationsOutboxRepository,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
  ) {}

  /** Nothing but the question who wants it, when nobody does. */
  async tell(tx: Tx, type: NotificationType | null, orderNumber: string): Promise<void> {
    if (type === null) return;
    const endpoints = await this.endpoints.wanting(tx, orderNumber, type);
    if (endpoints.length === 0) return;
    const at = this.clock.now();
    const data = { orderNumber, order: await orderSnapshot(tx, orderNumber) };
    const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
    await this.outbox.insert(tx, endpoints, { type, orderNumber, body, at });
    await this.wake(tx, ...endpoints);
  }

  /** @returns the id of the notification */
  async test(tx: Tx, endpoint: { endpointId: string; partnerId: string }): Promise<string> {
    const at = this.clock.now();
    const { endpointId } = endpoint;
    const body = JSON.stringify({ type: TEST_TYPE, timestamp: at.toISOString(), data: { endpointId } });
    const [notificationId = ''] = await this.outbox.insert(tx, [endpoint], {
      ...{ type: TEST_TYPE, orderNumber: null, body, at },
    });
    await this.wake(tx, endpoint);
    return notificationId;
  }

  async wake(tx: Tx, ...endpoints: readonly { endpointId: string }[]): Promise<void> {
    await this.jobs.send(tx, WAKE_SENDERS, { endpointIds: endpoints.map(({ endpointId }) => endpointId) });
  }
}
