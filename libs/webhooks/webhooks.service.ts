import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, Database, Metrics, type Config, type Tx, type WebhookResult } from '#platform';
import { OperatorList } from '#cases';
import { Problem } from '#http';
import { PaymentsRefresh, PaymentsRepository, type PaymentEntity } from '#payments';
import { RefundsReturns } from '#refunds';
import { PaymentMethodsService } from '#payment-methods';
import { StripeGateway, type Stripe } from '#stripe';
import { EVENT_NOT_PROCESSED, EVENT_NOT_VALID, SIGNATURE_NOT_VALID } from './webhooks.errors.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { customerOf, subjectOf, type EventSubject } from './webhooks.stripe-events.js';

/** The event had its effect in another transaction: this one is undone. */
class AlreadyProcessed extends Error {}

/** Stripe's webhook: verify, make the order Paid, remember the event, and only then say OK. */
@Injectable()
export class WebhooksService {
  private readonly logger = new Logger(WebhooksService.name);

  constructor(
    private readonly stripe: StripeGateway,
    private readonly events: WebhooksRepository,
    private readonly payments: PaymentsRepository,
    private readonly refresh: PaymentsRefresh,
    private readonly returns: RefundsReturns,
    private readonly paymentMethods: PaymentMethodsService,
    private readonly database: Database,
    private readonly operatorList: OperatorList,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * @throws Problem 400 when the signature does not fit, with nothing stored; 503 when the event could not be processed,
   * so that Stripe delivers it again
   */
  async receive(raw: Buffer, signature: string | undefined): Promise<void> {
    const event = this.verify(raw, signature);
    const result = await this.take(event);
    this.metrics.countWebhook(event.type, result);
    if (result === 'failed') throw new Problem(EVENT_NOT_PROCESSED, { retryAfter: 1 });
  }

  /** Gives an event its effect, once, however it came here; one that cannot have it yet is kept as failed. */
  async take(event: Stripe.Event): Promise<WebhookResult> {
    if (event.livemode !== (this.config.mode === 'live')) return 'ignored';
    const customerId = customerOf(event);
    if (customerId !== undefined) return this.noteCards(event, customerId);
    const subject = subjectOf(event);
    if (!subject) return 'ignored';
    if (await this.events.isDone(event.id)) return 'repeated';
    try {
      return await this.process(event, subject);
    } catch (error) {
      return this.keepFailed(event, subject, error);
    }
  }

  private verify(raw: Buffer, signature: string | undefined): Stripe.Event {
    let event: Stripe.Event | undefined;
    try {
      event = signature === undefined ? undefined : this.stripe.verifiedEvent(raw, signature);
    } catch {
      // Signed, and yet not a snapshot event: a thin one, or not JSON.
      throw new Problem(EVENT_NOT_VALID);
    }
    if (!event) throw new Problem(SIGNATURE_NOT_VALID);
    if ((event as { object?: unknown }).object !== 'event') throw new Problem(EVENT_NOT_VALID);
    return event;
  }

  private async process(event: Stripe.Event, subject: EventSubject): Promise<WebhookResult> {
    const payment = await this.paymentOf(subject);
    if (!payment) return subject.paymentId === undefined ? 'ignored' : this.keepUnmatched(event, subject);
    try {
      await this.bringInLine(payment, subject, async (tx) => {
        if (!(await this.events.store(tx, event, subject.objectId, 'processed'))) throw new AlreadyProcessed();
      });
      return 'processed';
    } catch (error) {
      if (error instanceof AlreadyProcessed) return 'repeated';
      throw error;
    }
  }

  private async paymentOf({ about, intentId, paymentId }: EventSubject): Promise<PaymentEntity | undefined> {
    const byIntent = about !== 'payment' && intentId !== undefined && (await this.payments.findByIntent(intentId));
    if (byIntent) return byIntent;
    return paymentId === undefined ? undefined : this.payments.find(paymentId);
  }

  /** The event says where to look; Stripe says what is there. */
  private async bringInLine(
    payment: PaymentEntity,
    { about, ...objects }: EventSubject,
    also: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    switch (about) {
      case 'payment':
        await this.refresh.refresh(payment, 'stripe', objects, also);
        return;
      case 'refunds':
        return this.returns.refreshRefunds(payment, 'stripe', { intentId: objects.intentId, also });
      case 'disputes':
        return this.returns.refreshDisputes(payment, 'stripe', { intentId: objects.intentId, also });
    }
  }

  /** The copy of a customer's cards is read anew when somebody asks for it: that needs no order of events. */
  private async noteCards(
    event: Stripe.Event,
    stripeCustomerId: string,
  ): Promise<'processed' | 'repeated' | 'ignored'> {
    try {
      return await this.database.transaction(async (tx) => {
        if (!(await this.paymentMethods.markChanged(tx, { stripeCustomerId }))) return 'ignored';
        if (!(await this.events.store(tx, event, stripeCustomerId, 'processed'))) throw new AlreadyProcessed();
        return 'processed';
      });
    } catch (error) {
      if (error instanceof AlreadyProcessed) return 'repeated';
      throw error;
    }
  }

  /** Ours by its metadata, and no row: another database's, or a row that was lost. A person has to look. */
  private async keepUnmatched(event: Stripe.Event, subject: EventSubject): Promise<'unmatched'> {
    await this.database.transaction(async (tx) => {
      await this.events.store(tx, event, subject.objectId, 'unmatched');
      await this.operatorList.add(tx, {
        kind: 'stripe-object-without-payment',
        subject: subject.objectId,
        reason: `Stripe sent ${event.type} about an object with our metadata, and there is no payment ${subject.paymentId}`,
        nextStep: 'Find out who made the object; cancel it at Stripe if it reserves money',
        facts: { ...subject, eventId: event.id },
      });
    });
    return 'unmatched';
  }

  private async keepFailed(event: Stripe.Event, subject: EventSubject, error: unknown): Promise<'failed'> {
    this.logger.error({ err: error, eventId: event.id, type: event.type }, 'a Stripe event could not be processed');
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await this.database.transaction((tx) => this.events.store(tx, event, subject.objectId, 'failed', reason));
    return 'failed';
  }
}
