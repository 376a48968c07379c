import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, Schedules, type Config } from '#platform';
import { WebhooksFeed } from './webhooks.feed.js';

@Injectable()
export class WebhooksJobs implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly feed: WebhooksFeed,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const { reconcileSeconds } = this.config.times;
    this.schedules.every('webhooks.read-events', reconcileSeconds, (asked) => this.feed.run(asked));
  }
}
