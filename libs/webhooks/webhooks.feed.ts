import { Injectable, Logger } from '@nestjs/common';
import { Clock, Metrics, type Asked } from '#platform';
import { StripeGateway, StripeNotFound, type Stripe } from '#stripe';
import { HANDLED_EVENTS } from './webhooks.stripe-events.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** A webhook on its way is given this long before the event is fetched instead. */
const GRACE_SECONDS = 15;
/** Events are read this far back again: one may become visible a moment after a later one. */
const OVERLAP_SECONDS = 120;
/** After days of standing still the feed goes on in steps that fit into memory. */
const STEP_SECONDS = 3600;

/**
 * Every event that Stripe made, delivered or not, through the same code as the webhook: what was changed at Stripe by
 * anybody arrives although no webhook ever does. Stripe keeps events for 30 days. Source: `Events.d.ts`
 */
@Injectable()
export class WebhooksFeed {
  private readonly logger = new Logger(WebhooksFeed.name);

  constructor(
    private readonly webhooks: WebhooksService,
    private readonly repository: WebhooksRepository,
    private readonly stripe: StripeGateway,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads on from where the last run ended, and tries again what failed.
   * @returns how many events had an effect that no webhook had
   * @throws StripeUnavailable when the list cannot be read; the next run begins at the same place
   */
  async run(asked: Asked): Promise<number> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    // By hand nothing is left out; the sandbox's clock and ours may differ by a second.
    const until = asked === 'by-hand' ? now + 2 : now - GRACE_SECONDS;
    let effects = 0;
    for (let from = await this.repository.readUntil(); from < until;) {
      const to = Math.min(from + STEP_SECONDS, until);
      effects += await this.read(from, to);
      await this.repository.advance(to);
      from = to;
    }
    return effects + (await this.retryFailed());
  }

  private async read(from: number, to: number): Promise<number> {
    let effects = 0;
    for (const event of await this.stripe.listEvents(HANDLED_EVENTS, from - OVERLAP_SECONDS, to)) {
      // A changed card is noted again by each reading: what was read before is left out.
      if (this.webhooks.isAboutCards(event) && event.created < from) continue;
      if ((await this.take(event)) === 'processed') effects++;
    }
    return effects;
  }

  /** Failed here or at the webhook: Stripe stops delivering after three days, and this does not. */
  private async retryFailed(): Promise<number> {
    let effects = 0;
    for (const eventId of await this.repository.failed()) {
      try {
        if ((await this.take(await this.stripe.retrieveEvent(eventId))) === 'processed') effects++;
      } catch (error) {
        if (!(error instanceof StripeNotFound)) throw error;
        await this.repository.giveUp(eventId);
        this.logger.error({ eventId }, 'a failed event is no longer at Stripe');
      }
    }
    return effects;
  }

  private async take(event: Stripe.Event): Promise<string> {
    const result = await this.webhooks.take(event);
    if (result === 'processed' || result === 'failed') this.metrics.countReconciled(`event:${event.type}`, result);
    return result;
  }
}
