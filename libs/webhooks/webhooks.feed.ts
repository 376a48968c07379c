import { Injectable, Logger } from '@nestjs/common';
import { Clock, Database, Metrics, type Asked, type WebhookResult } from '#platform';
import { OperatorList } from '#cases';
import { DatabaseStamp, StripeGateway, StripeNotFound, StripeUnavailable, type Stripe } from '#stripe';
import { HANDLED_EVENTS } from './webhooks.stripe-events.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** A webhook on its way is given this long before the event is fetched instead. */
const GRACE_SECONDS = 15;
/** Events are read this far back again: one may become visible a moment after a later one. */
const OVERLAP_SECONDS = 120;
/** Our clock and Stripe's may differ by less than this. */
const BEFORE_STAMP_MS = 3_600_000;
/** Events that had an effect in one run, each a read or two at Stripe; the next run goes on. */
const TAKEN_IN_A_RUN = 200;
/** Spans read in one run; after days of standing still the feed catches up in several. */
const SPANS_IN_A_RUN = 60;
/** A span is as long as fits on one of Stripe's pages; what does not is read in shorter ones, from the oldest on. */
const PAGE = 99;
const FIRST_SPAN_SECONDS = 3600;
/** So many events that could not have their effect, and Stripe or the database is left in peace until the next run. */
const FAILED_IN_A_RUN = 5;
/** After as many tries, about nine hours, a person is told. */
const TRIES_BEFORE_A_PERSON = 10;

/** What one run may still do, and what it did. */
interface Run {
  readonly asked: Asked;
  effects: number;
  taken: number;
  failed: number;
}

/**
 * Every event that Stripe made, delivered or not, through the same code as the webhook: what was changed at Stripe by
 * anybody arrives although no webhook ever does. Stripe keeps events for 30 days. Source: `Events.d.ts`
 *
 * The stored position is the time of an event that was read, by Stripe's clock and never by ours: a clock that is wrong
 * here loses nothing. An event that failed is stored as such and tried again by itself, so that it stops none of those
 * behind it.
 */
@Injectable()
export class WebhooksFeed {
  private readonly logger = new Logger(WebhooksFeed.name);

  constructor(
    private readonly webhooks: WebhooksService,
    private readonly repository: WebhooksRepository,
    private readonly stripe: StripeGateway,
    private readonly stamp: DatabaseStamp,
    private readonly database: Database,
    private readonly operatorList: OperatorList,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads on from where the last run ended, and tries again what failed.
   * @returns how many events had an effect that no webhook had
   * @throws StripeUnavailable when the list cannot be read; the next run begins at the same place. By hand also when events
   * keep failing, after everything else was done
   */
  async run(asked: Asked): Promise<number> {
    const run: Run = { asked, effects: 0, taken: 0, failed: 0 };
    await this.retryFailed(run);
    await this.readOn(run);
    if (asked === 'by-hand' && run.failed > 0)
      throw new Error(`${run.failed} events could not be processed; they are kept and tried again`);
    return run.effects;
  }

  private async readOn(run: Run): Promise<void> {
    const position = (await this.repository.readUntil()) ?? (await this.beginning());
    for await (const { events, until } of this.spans(position - OVERLAP_SECONDS, run)) {
      const read = await this.takeAll(events, run);
      const reached = read === 'all' ? (until ?? events.at(-1)?.created) : read;
      if (reached !== undefined) await this.repository.advance(reached);
      if (read !== 'all' || isExhausted(run)) return;
    }
  }

  /** The first run begins an hour before there was a database that could know an event, in seconds. */
  private async beginning(): Promise<number> {
    const stampedAt = await this.stamp.stampedAt();
    const from = stampedAt ? stampedAt.getTime() - BEFORE_STAMP_MS : this.clock.now().getTime();
    return Math.floor(from / 1000);
  }

  /** All events since a time, in spans that fit on a page; the end of each has passed at Stripe, which made a later event. */
  private async *spans(start: number, run: Run): AsyncGenerator<{ events: Stripe.Event[]; until?: number }> {
    const list = (from: number, until: number | undefined, most = PAGE) =>
      this.stripe.listEvents(HANDLED_EVENTS, { from, until, most });
    const newest = await list(start, undefined);
    if (newest.isAll) {
      yield { events: newest.events };
      return;
    }
    const end = (newest.events.at(-1)?.created ?? start) + 1;
    let width = FIRST_SPAN_SECONDS;
    for (let from = start, lists = 1; from < end && (run.asked === 'by-hand' || lists < SPANS_IN_A_RUN); lists++) {
      const until = Math.min(from + width, end);
      const { events, isAll } = await list(from, until, until === from + 1 ? Number.POSITIVE_INFINITY : PAGE);
      if (isAll) {
        yield { events, until };
        from = until;
      }
      width = isAll ? (events.length < PAGE / 2 ? width * 2 : width) : Math.ceil((until - from) / 2);
    }
  }

  /** @returns `all`, or up to where everything was taken; `undefined` when that is nowhere */
  private async takeAll(events: readonly Stripe.Event[], run: Run): Promise<'all' | number | undefined> {
    const latest = this.clock.now().getTime() / 1000 - GRACE_SECONDS;
    const unknown = await this.repository.unknown(events.map(({ id }) => id));
    let reached: number | undefined;
    for (const event of events) {
      if (run.asked === 'by-schedule' && event.created > latest) return reached;
      if (unknown.has(event.id)) {
        if (isExhausted(run)) return reached;
        await this.take(event, run);
      }
      reached = event.created;
    }
    return 'all';
  }

  /** Failed here or at the webhook: Stripe stops delivering after three days, and this does not. */
  private async retryFailed(run: Run): Promise<void> {
    for (const { eventId, tries } of await this.repository.failed(run.asked)) {
      if (isExhausted(run)) return;
      try {
        const event = await this.stripe.retrieveEvent(eventId);
        if ((await this.take(event, run)) === 'failed' && tries + 1 >= TRIES_BEFORE_A_PERSON) await this.tell(event);
      } catch (error) {
        if (error instanceof StripeNotFound) {
          await this.repository.giveUp(eventId);
          this.logger.error({ eventId }, 'a failed event is no longer at Stripe');
        } else if (error instanceof StripeUnavailable) {
          // One that cannot be read must not keep the others from being read.
          run.failed++;
          await this.repository.countTry(eventId);
        } else throw error;
      }
    }
  }

  private async take(event: Stripe.Event, run: Run): Promise<WebhookResult> {
    const result = await this.webhooks.take(event);
    if (result === 'ignored') return result;
    run.taken++;
    if (result === 'processed') run.effects++;
    if (result === 'failed') run.failed++;
    if (result !== 'repeated') this.metrics.countReconciled(`event:${event.type}`, result);
    return result;
  }

  private async tell(event: Stripe.Event): Promise<void> {
    await this.database.transaction((tx) =>
      this.operatorList.add(tx, {
        kind: 'event-keeps-failing',
        subject: event.id,
        reason: `Stripe's ${event.type} has been tried ${TRIES_BEFORE_A_PERSON} times and fails`,
        nextStep: 'Look at its error in stripe_events, and repair the cause; it is tried again by itself',
        facts: { objectId: (event.data.object as { id?: string }).id },
      }),
    );
  }
}

/** By hand, everything is done. */
function isExhausted({ asked, taken, failed }: Run): boolean {
  return asked === 'by-schedule' && (taken >= TAKEN_IN_A_RUN || failed >= FAILED_IN_A_RUN);
}
