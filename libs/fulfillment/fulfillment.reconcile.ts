import { Inject, Injectable } from '@nestjs/common';
import { Clock, CONFIG, Database, Jobs, Metrics, type Asked, type Config, type JobKind, type Tx } from '#platform';
import { OperatorList } from '#cases';
import { OrdersDueRepository, OrdersRepository, type OrderEntity } from '#orders';
import { SETTLED_BY_A_PERSON } from '#payments';
import { DELIVER_ITEM, jobOf, SETTLE_ORDER, START_FULFILLMENT } from './fulfillment.queues.js';

/** Whoever moved an order wrote its next job in that moment; one that is missing after this long was lost. */
const PAUSE_MS = 120_000;
const BATCH = 100;

type NextJob = { orderNumber: string; orderItemNumber?: string };

/** Orders past Payment that nobody works on any more: their jobs are written anew, or a person is told. */
@Injectable()
export class FulfillmentReconcile {
  /** Where the last run ended: each run looks at the next orders, and in the end at all of them. */
  private position = '';

  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly due: OrdersDueRepository,
    private readonly jobs: Jobs,
    private readonly operatorList: OperatorList,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns how many jobs were missing */
  async run(asked: Asked): Promise<number> {
    const before = new Date(this.clock.now().getTime() - (asked === 'by-hand' ? 0 : PAUSE_MS));
    let written = 0;
    do {
      const page = await this.due.page(['Paid', 'InTransit', 'Delivered'], before, this.position, BATCH);
      for (const orderNumber of await this.withoutJob(page)) written += await this.writeMissing(orderNumber);
      await this.tellOverdue(page);
      this.position = page.length < BATCH ? '' : (page.at(-1)?.orderNumber ?? '');
    } while (asked === 'by-hand' && this.position !== '');
    return written;
  }

  /** Writes the jobs of one order that are missing, now. */
  async look(order: OrderEntity): Promise<void> {
    for (const orderNumber of await this.withoutJob([order])) await this.writeMissing(orderNumber);
  }

  /** The orders of a page with a job that nobody does; not those that a person has to settle, however often they are looked at. */
  private async withoutJob(page: readonly OrderEntity[]): Promise<string[]> {
    const delivered = page.filter(({ status }) => status === 'Delivered').map(({ orderNumber }) => orderNumber);
    const byPerson = await this.operatorList.subjectsOf(SETTLED_BY_A_PERSON, delivered);
    const asked = page.filter(({ orderNumber }) => !byPerson.has(orderNumber)).map(nextJobs);
    const missing = await this.database.transaction(async (tx) => {
      const found: string[] = [];
      for (const kind of [START_FULFILLMENT, DELIVER_ITEM, SETTLE_ORDER]) {
        const wanted = asked.filter((next) => next.kind === kind).flatMap(({ jobs }) => jobs);
        found.push(...(await this.jobs.missing<NextJob>(tx, kind, wanted)).map(({ data }) => data.orderNumber));
      }
      return found;
    });
    return [...new Set(missing)];
  }

  /** Under the order's lock: two who look at once write one job, and none for an order that has just gone on. */
  private async writeMissing(orderNumber: string): Promise<number> {
    return this.database.transaction(async (tx) => {
      const { kind, jobs } = nextJobs(await this.orders.lock(tx, orderNumber));
      const missing = await this.jobs.missing<NextJob>(tx, kind, jobs);
      for (const { data } of missing) await this.jobs.send(tx, kind, data);
      const givenUp = missing.find((job) => job.givenUp !== null);
      if (givenUp) await this.tellGivenUp(tx, orderNumber, kind.name, givenUp.givenUp);
      if (missing.length > 0) this.metrics.countReconciled(`job:${kind.name}`, 'written');
      return missing.length;
    });
  }

  /** Tried for days: it is tried again for as long, and a person should know. */
  private async tellGivenUp(tx: Tx, orderNumber: string, job: string, error: unknown): Promise<void> {
    await this.operatorList.add(tx, {
      kind: 'work-keeps-failing',
      subject: orderNumber,
      reason: `The job ${job} failed as often as it may; it is being tried anew`,
      nextStep: 'Repair the cause, which the facts name; close this case when the order has gone on',
      facts: { job, error },
    });
  }

  /** Where no reservation runs out, no margin ends the wait for a report. */
  private async tellOverdue(page: readonly OrderEntity[]): Promise<void> {
    const patience = this.config.times.orderExpiryHours * 3_600_000;
    const overdue = page.filter(
      ({ status, payment, updatedAt, items }) =>
        status === 'InTransit' &&
        payment?.status !== 'Authorized' &&
        payment?.status !== 'Expired' &&
        this.clock.now().getTime() - updatedAt.getTime() >= patience &&
        items.some((item) => item.status === 'InTransit' && item.awaitingReport),
    );
    const kind = 'report-overdue';
    const told = await this.operatorList.subjectsOf(
      [kind],
      overdue.map(({ orderNumber }) => orderNumber),
    );
    for (const { orderNumber } of overdue.filter((order) => !told.has(order.orderNumber)))
      await this.database.transaction((tx) =>
        this.operatorList.add(tx, {
          ...{ kind, subject: orderNumber },
          reason: 'Nobody has reported what became of its items, and no reservation runs out that would end the wait',
          nextStep: 'Ask the partner for its report',
        }),
      );
  }
}

/** What has to be done next for an order, as jobs; none while a partner's report is waited for. */
function nextJobs(order: OrderEntity): { kind: JobKind<NextJob>; jobs: NextJob[] } {
  const { orderNumber, status, items } = order;
  if (status === 'Paid') return { kind: START_FULFILLMENT, jobs: [{ orderNumber }] };
  if (status === 'Delivered') return { kind: SETTLE_ORDER, jobs: [{ orderNumber }] };
  const unasked =
    status === 'InTransit' ? items.filter((item) => item.status === 'InTransit' && !item.awaitingReport) : [];
  return { kind: DELIVER_ITEM, jobs: unasked.map((item) => jobOf(order, item)) };
}
