import { Injectable, type OnModuleInit } from '@nestjs/common';
import { FulfillmentCircuit } from '#fulfillment';
import { NotificationsOverviewRepository } from '#notifications';
import { Jobs, Metrics } from '#platform';
import { OperatorList } from '#cases';
import { WebhooksRepository } from '#webhooks';

/** The operator's list as numbers, so that an alert calls a person who does not look. */
@Injectable()
export class OperatorsMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly operatorList: OperatorList,
    private readonly jobs: Jobs,
    private readonly events: WebhooksRepository,
    private readonly notifications: NotificationsOverviewRepository,
    private readonly circuits: FulfillmentCircuit,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge('holdfast_operator_cases', 'Open cases of the operator’s list, by kind', 'kind', () =>
      this.operatorList.countOpen(),
    );
    this.metrics.gauge('holdfast_dead_jobs', 'Jobs that were given up and wait for a person, by queue', 'queue', () =>
      this.jobs.countDead(),
    );
    this.metrics.gauge(
      'holdfast_troubles',
      'What fails and is tried again by itself, by what it is',
      'what',
      async () => {
        const { failing, disabled } = await this.notifications.countTroubled();
        return [
          { name: 'failed-events', count: await this.events.countFailures() },
          { name: 'failing-notification-endpoints', count: failing },
          { name: 'disabled-notification-endpoints', count: disabled },
          { name: 'open-fulfillment-circuits', count: await this.circuits.countOpen() },
        ];
      },
    );
  }
}
