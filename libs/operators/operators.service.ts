import { Injectable } from '@nestjs/common';
import { FulfillmentReconcile } from '#fulfillment';
import { NotificationsOverviewRepository, type ToldOfOrder } from '#notifications';
import { ORDER_NOT_FOUND, OrdersDueRepository, OrdersRepository, type OrderEntity, type TimelineEntry } from '#orders';
import { DisputesRepository, RefundsRepository, type DisputeEntity, type RefundEntity } from '#refunds';
import { PaymentsReconcile, PaymentsRepository, SETTLED_BY_A_PERSON, type PaymentEntity } from '#payments';
import { Database, Jobs } from '#platform';
import { invalidRequest, invalidValue, Problem } from '#http';
import { OperatorList, SETTLEMENTS, type ClosedCase, type Settlement } from '#cases';
import type { CloseCaseDto } from './dto/close-case.dto.js';
import { CASE_NOT_FOUND, DEAD_JOB_NOT_FOUND } from './operators.errors.js';
import { OPERATOR_LIMITS } from './operators.limits.js';
import { OperatorsStuck, ORDER_NUMBER, type StuckThing } from './operators.stuck.js';

/** Everything that is known of an order. */
export interface OrderFile {
  readonly order: OrderEntity;
  /** The newest lines, the oldest of them first. */
  readonly timeline: readonly (TimelineEntry & { readonly at: Date })[];
  /** Every attempt to pay, the first one first. */
  readonly payments: readonly PaymentEntity[];
  /** The newest, first. */
  readonly refunds: readonly RefundEntity[];
  readonly disputes: readonly DisputeEntity[];
  /** The newest, the oldest of them first. */
  readonly notifications: readonly ToldOfOrder[];
  readonly stuck: readonly StuckThing[];
  /** The lists that go on beyond what is here. */
  readonly cut: readonly CutList[];
}

type CutList = keyof typeof OPERATOR_LIMITS.file;

/** Throws when what was sent with a request is not valid. */
type Check = () => void;
const NOTHING_SENT: Check = () => undefined;

/** What an operator may see and do: every partner's orders, and of all that could be done only what is always safe. */
@Injectable()
export class OperatorsService {
  constructor(
    private readonly database: Database,
    private readonly operatorList: OperatorList,
    private readonly jobs: Jobs,
    private readonly stuckThings: OperatorsStuck,
    private readonly orders: OrdersRepository,
    private readonly everyOrder: OrdersDueRepository,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly disputes: DisputesRepository,
    private readonly notifications: NotificationsOverviewRepository,
    private readonly paymentsReconcile: PaymentsReconcile,
    private readonly fulfillmentReconcile: FulfillmentReconcile,
  ) {}

  /** What needs a person, the longest waiting first. */
  async stuck(): Promise<StuckThing[]> {
    return this.stuckThings.list();
  }

  /**
   * @param said how it was settled, which a case about an order that stays in Delivered needs: nobody looks at that order
   * again. Asked for once the case is found, and before anything is done
   * @throws Problem 404 for a case that is not open, 400 when it is not said, and what `said` throws
   */
  async close(id: string, said: () => CloseCaseDto = () => ({})): Promise<void> {
    await this.database.transaction(async (tx) => {
      let settlement: Settlement | undefined;
      const settlementOf = ({ kind }: ClosedCase) => (settlement = settlementFor(kind, said()));
      const closed = /^\d{1,15}$/.test(id)
        ? await this.operatorList.closeById(tx, Number(id), settlementOf)
        : undefined;
      if (!closed) throw new Problem(CASE_NOT_FOUND);
      if (!ORDER_NUMBER.test(closed.subject)) return;
      const detail = { kind: closed.kind, ...(settlement && { settlement }) };
      await this.orders.note(tx, closed.subject, { type: 'operator.case_closed', actor: 'operator', detail });
    });
  }

  /**
   * Tries a dead job again, from the beginning.
   * @param check what was sent along; looked at once the job is found, and before anything is done. So is the next one's
   * @throws Problem 404, and what the check throws
   */
  async replay(jobId: string, check: Check = NOTHING_SENT): Promise<void> {
    if (!UUID.test(jobId) || !(await this.jobs.isDead(jobId))) throw new Problem(DEAD_JOB_NOT_FOUND);
    check();
    if (!(await this.jobs.replay(jobId))) throw new Problem(DEAD_JOB_NOT_FOUND);
  }

  /**
   * Brings one order home now: its payments are compared with Stripe, and its missing jobs written. Safe at any time.
   * @throws Problem 404; StripeUnavailable
   */
  async look(orderNumber: string, check: Check = NOTHING_SENT): Promise<OrderFile> {
    await this.order(orderNumber);
    check();
    await this.paymentsReconcile.look(orderNumber);
    await this.fulfillmentReconcile.look(await this.orders.get(orderNumber));
    return this.show(orderNumber);
  }

  /** Orders that a text names, in whatever way; the newest for an empty one. At most 200. */
  async search(text: string): Promise<OrderEntity[]> {
    const found = await this.everyOrder.search(text, OPERATOR_LIMITS.search);
    if (found.length > 0 || text === '') return found;
    const orderNumber = (await this.payments.orderNumberOf(text)) ?? (await this.refunds.orderNumberOf(text));
    return orderNumber === undefined ? [] : [await this.orders.get(orderNumber)];
  }

  /** @throws Problem 404 */
  async show(orderNumber: string): Promise<OrderFile> {
    const order = await this.order(orderNumber);
    const payments = await this.payments.ofOrder(orderNumber);
    const limits = OPERATOR_LIMITS.file;
    const timeline = await this.everyOrder.newestOfTimeline(orderNumber, limits.timeline + 1);
    const refunds = await this.refunds.list(orderNumber, { limit: limits.refunds });
    const disputes = await this.disputes.ofOrder(orderNumber, limits.disputes + 1);
    const notifications = await this.notifications.ofOrder(orderNumber, limits.notifications + 1);
    const lists = { timeline, payments, refunds, disputes, notifications };
    return {
      order,
      timeline: timeline.slice(-limits.timeline),
      payments: payments.slice(-limits.payments),
      refunds: refunds.slice(0, limits.refunds),
      disputes: disputes.slice(0, limits.disputes),
      notifications: notifications.slice(-limits.notifications),
      stuck: await this.stuckThings.about(
        orderNumber,
        payments.map(({ paymentId }) => paymentId),
      ),
      cut: (Object.keys(limits) as CutList[]).filter((name) => lists[name].length > limits[name]),
    };
  }

  private async order(orderNumber: string): Promise<OrderEntity> {
    if (!ORDER_NUMBER.test(orderNumber)) throw new Problem(ORDER_NOT_FOUND);
    return this.orders.get(orderNumber);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a case is about an order that stays as it is: then it is to be said how the difference was settled. */
export function needsSettlement(kind: string): boolean {
  return SETTLED_BY_A_PERSON.some((one) => one === kind);
}

function settlementFor(kind: string, { settlement }: CloseCaseDto): Settlement | undefined {
  if (needsSettlement(kind) === (settlement !== undefined)) return settlement;
  const rule = settlement === undefined ? `say how it was settled: ${SETTLEMENTS.join(', ')}` : `is not for ${kind}`;
  throw invalidRequest([invalidValue('settlement', rule)]);
}
