import { Injectable } from '@nestjs/common';
import { FulfillmentReconcile } from '#fulfillment';
import { OrdersDueRepository, OrdersRepository, type OrderEntity, type TimelineEntry } from '#orders';
import { PaymentsReconcile, PaymentsRepository, type PaymentEntity } from '#payments';
import { Database, Jobs, OperatorList, Problem, type DeadJob, type OpenCase } from '#platform';
import { WebhooksRepository, type FailedEvent } from '#webhooks';
import { CASE_NOT_FOUND, DEAD_JOB_NOT_FOUND } from './operators.errors.js';

/** Something that waits for a person, from wherever it is kept: what, since when, why, and the safe next step. */
export interface StuckThing {
  readonly source: 'case' | 'job' | 'event';
  /** Of the case, the job or the event. */
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly orderNumber: string | undefined;
  readonly since: Date;
  readonly reason: string;
  readonly nextStep: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Everything that is known of an order. */
export interface OrderFile {
  readonly order: OrderEntity;
  readonly timeline: readonly (TimelineEntry & { readonly at: Date })[];
  /** Every attempt to pay, the first one first. */
  readonly payments: readonly PaymentEntity[];
  readonly stuck: readonly StuckThing[];
}

const SHOWN = 200;
const TIMELINE_SHOWN = 1000;
const ORDER_NUMBER = /^\d{2}-\d{6,}$/;

/** What an operator may see and do: every partner's orders, and of all that could be done only what is always safe. */
@Injectable()
export class OperatorsService {
  constructor(
    private readonly database: Database,
    private readonly operatorList: OperatorList,
    private readonly jobs: Jobs,
    private readonly events: WebhooksRepository,
    private readonly orders: OrdersRepository,
    private readonly everyOrder: OrdersDueRepository,
    private readonly payments: PaymentsRepository,
    private readonly paymentsReconcile: PaymentsReconcile,
    private readonly fulfillmentReconcile: FulfillmentReconcile,
  ) {}

  /** What needs a person, the longest waiting first. */
  async stuck(): Promise<StuckThing[]> {
    const things = [
      ...(await this.operatorList.open()).map(stuckCase),
      ...(await this.jobs.dead()).map(stuckJob),
      ...(await this.events.failures(SHOWN)).map(stuckEvent),
    ];
    return things.sort((a, b) => a.since.getTime() - b.since.getTime());
  }

  /** @throws Problem 404 for a case that is not open */
  async close(id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const closed = /^\d{1,15}$/.test(id) ? await this.operatorList.closeById(tx, Number(id)) : undefined;
      if (!closed) throw new Problem(CASE_NOT_FOUND);
      if (!ORDER_NUMBER.test(closed.subject)) return;
      const detail = { kind: closed.kind };
      await this.orders.note(tx, closed.subject, { type: 'operator.case_closed', actor: 'operator', detail });
    });
  }

  /** Tries a dead job again, from the beginning. @throws Problem 404 */
  async replay(jobId: string): Promise<void> {
    const replayed = UUID.test(jobId) && (await this.jobs.replay(jobId));
    if (!replayed) throw new Problem(DEAD_JOB_NOT_FOUND);
  }

  /**
   * Brings one order home now: its payments are compared with Stripe, and its missing jobs written. Safe at any time.
   * @throws Problem 404; StripeUnavailable
   */
  async look(orderNumber: string): Promise<OrderFile> {
    await this.orders.get(orderNumber);
    await this.paymentsReconcile.look(orderNumber);
    await this.fulfillmentReconcile.look(await this.orders.get(orderNumber));
    return this.show(orderNumber);
  }

  /** Orders that a text names, in whatever way; the newest for an empty one. */
  async search(text: string): Promise<OrderEntity[]> {
    const found = await this.everyOrder.search(text, SHOWN);
    if (found.length > 0 || text === '') return found;
    const orderNumber = await this.payments.orderNumberOf(text);
    return orderNumber === undefined ? [] : [await this.orders.get(orderNumber)];
  }

  /** @throws Problem 404 */
  async show(orderNumber: string): Promise<OrderFile> {
    const order = await this.orders.get(orderNumber);
    const cases = (await this.operatorList.open(orderNumber)).map(stuckCase);
    const payments = await this.payments.ofOrder(orderNumber);
    const ids = [orderNumber, ...payments.map(({ paymentId }) => paymentId)];
    const dead = (await this.jobs.dead()).filter(({ data }) =>
      Object.values(data).some((id) => ids.includes(String(id))),
    );
    const timeline = await this.orders.timeline(orderNumber, TIMELINE_SHOWN, 0);
    return { order, timeline, payments, stuck: [...cases, ...dead.map(stuckJob)] };
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function stuckCase({ id, kind, subject, openedAt, reason, nextStep, facts = {} }: OpenCase): StuckThing {
  const orderNumber = ORDER_NUMBER.test(subject) ? subject : textOf(facts.orderNumber);
  return { source: 'case', id: String(id), kind, subject, orderNumber, since: openedAt, reason, nextStep, facts };
}

function stuckJob({ id, queue, data, tries, diedAt, error }: DeadJob): StuckThing {
  return {
    ...{ source: 'job', id, kind: queue, subject: Object.values(data).map(String).join(' ') },
    ...{ orderNumber: textOf(data.orderNumber), since: diedAt, facts: data },
    reason: `Given up after ${tries} tries: ${error}`,
    nextStep: 'Mend the cause, then replay the job; it does nothing twice',
  };
}

function stuckEvent({ eventId, type, objectId, error, tries, receivedAt }: FailedEvent): StuckThing {
  return {
    ...{ source: 'event', id: eventId, kind: type, subject: objectId, orderNumber: undefined, since: receivedAt },
    ...{ facts: { tries } },
    reason: `The event could not be processed: ${error ?? ''}`,
    nextStep: 'It is tried again by itself; when it keeps failing, mend the cause',
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
