import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What became of an event. */
export type WebhookResult = 'processed' | 'repeated' | 'ignored' | 'unmatched' | 'failed';
type NotificationResult = 'delivered' | 'refused' | 'unanswered';

/** How many there are of something. */
export interface Counted {
  readonly name: string;
  readonly count: number;
}

/** What Prometheus reads at `/metrics`; one registry per application, so that tests do not meet in a global one. */
@Injectable()
export class Metrics {
  private readonly logger = new Logger(Metrics.name);
  readonly registry = new Registry();

  private readonly webhooks = new Counter({
    name: 'holdfast_stripe_webhooks_total',
    help: 'Events that Stripe delivered, by type and what became of them',
    labelNames: ['type', 'result'],
    registers: [this.registry],
  });

  private readonly reconciled = new Counter({
    name: 'holdfast_reconciled_total',
    help: 'What was found by looking, since no webhook and no caller brought it home; more than now and then is a fault',
    labelNames: ['what', 'result'],
    registers: [this.registry],
  });

  private readonly notifications = new Counter({
    name: 'holdfast_notifications_total',
    help: 'Tries of telling a partner, by type and what became of them',
    labelNames: ['type', 'result'],
    registers: [this.registry],
  });

  private readonly requests = new Histogram({
    name: 'holdfast_http_request_duration_seconds',
    help: 'Answers, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  countWebhook(type: string, result: WebhookResult): void {
    this.webhooks.inc({ type, result });
  }

  countReconciled(what: string, result: string): void {
    this.reconciled.inc({ what, result });
  }

  countNotification(type: string, result: NotificationResult): void {
    this.notifications.inc({ type, result });
  }

  /**
   * Numbers that are asked for whenever Prometheus reads. What cannot be asked then is left out: all others, which may say
   * why, are still read.
   * @param label of what is counted
   */
  gauge(name: string, help: string, label: string, ask: () => Promise<readonly Counted[]>): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, labelNames: [label], registers: [this.registry] },
      collect: async () => {
        gauge.reset();
        try {
          for (const { name: value, count } of await ask()) gauge.set({ [label]: value }, count);
        } catch (error) {
          this.logger.error({ metric: name, err: error }, 'a metric could not be asked for');
        }
      },
    });
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }
}
