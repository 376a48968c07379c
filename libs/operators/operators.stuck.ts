import { Injectable } from '@nestjs/common';
import { NotificationsOverviewRepository, type Troubled } from '#notifications';
import { Jobs, type Counted, type DeadJob } from '#platform';
import { OperatorList, type OpenCase } from '#cases';
import { PaymentsRepository } from '#payments';
import { WebhooksRepository, type FailedEvent } from '#webhooks';

/** Something that waits for a person, from wherever it is kept: what, since when, why, and the safe next step. */
export interface StuckThing {
  readonly source: 'case' | 'job' | 'event' | 'endpoint';
  /** Of the case, the job, the event or the endpoint. */
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly orderNumber: string | undefined;
  readonly since: Date;
  readonly reason: string;
  readonly nextStep: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How much there is of everything; the lists are bounded. */
export interface StuckCounts {
  readonly cases: readonly Counted[];
  readonly deadJobs: readonly Counted[];
  readonly failedEvents: number;
  /** Those that are disabled are cases. */
  readonly failingEndpoints: number;
}

/** Of each source. */
const SHOWN = 200;
export const ORDER_NUMBER = /^\d{2}-\d{6,15}$/;

/** What no rule may decide, what was given up, and what keeps failing. */
@Injectable()
export class OperatorsStuck {
  constructor(
    private readonly operatorList: OperatorList,
    private readonly jobs: Jobs,
    private readonly events: WebhooksRepository,
    private readonly notifications: NotificationsOverviewRepository,
    private readonly payments: PaymentsRepository,
  ) {}

  /** The longest waiting first; of each source the first 200. */
  async list(): Promise<StuckThing[]> {
    const failing = (await this.notifications.troubled(SHOWN)).filter(({ disabledAt }) => disabledAt === null);
    const things = [
      ...(await this.operatorList.open()).map(stuckCase),
      ...(await this.jobs.dead()).map(stuckJob),
      ...(await this.events.failures(SHOWN)).map(stuckEvent),
      ...failing.map(stuckEndpoint),
    ];
    const orderNumbers = await this.payments.orderNumbersOf(things.map(({ subject }) => subject));
    return things
      .map((thing) => ({ ...thing, orderNumber: thing.orderNumber ?? orderNumbers.get(thing.subject) }))
      .sort((a, b) => a.since.getTime() - b.since.getTime());
  }

  /** @param ids of the order and of its payments */
  async about(orderNumber: string, ids: readonly string[]): Promise<StuckThing[]> {
    const cases = (await this.operatorList.open(orderNumber)).map(stuckCase);
    const dead = (await this.jobs.dead([orderNumber, ...ids])).map(stuckJob);
    return [...cases, ...dead.map((thing) => ({ ...thing, orderNumber }))];
  }

  async count(): Promise<StuckCounts> {
    return {
      cases: await this.operatorList.countOpen(),
      deadJobs: await this.jobs.countDead(),
      failedEvents: await this.events.countFailures(),
      failingEndpoints: (await this.notifications.countTroubled()).failing,
    };
  }
}

function stuckCase({ id, kind, subject, openedAt, reason, nextStep, facts = {} }: OpenCase): StuckThing {
  const orderNumber = ORDER_NUMBER.test(subject) ? subject : textOf(facts.orderNumber);
  return { source: 'case', id: String(id), kind, subject, orderNumber, since: openedAt, reason, nextStep, facts };
}

function stuckJob({ id, queue, data, tries, diedAt, error }: DeadJob): StuckThing {
  return {
    ...{ source: 'job', id, kind: queue, subject: Object.values(data).map(String).join(' ') },
    ...{ orderNumber: textOf(data.orderNumber), since: diedAt, facts: data },
    reason: `Given up after ${tries} ${tries === 1 ? 'try' : 'tries'}: ${error}`,
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

function stuckEndpoint(endpoint: Troubled): StuckThing {
  const { endpointId, partnerId, origin, failingSince, waiting } = endpoint;
  return {
    ...{ source: 'endpoint', id: endpointId, kind: 'notification-endpoint-failing', subject: origin },
    ...{ orderNumber: undefined, since: failingSince ?? new Date(0), facts: { partnerId, waiting } },
    reason: `The endpoint of ${partnerId} does not answer with success: ${lastWord(endpoint)}`,
    nextStep: 'It is tried again by itself, for three days; tell the partner when it goes on',
  };
}

/** What an endpoint answered last, or why it did not. */
export function lastWord({ lastAttempt }: Pick<Troubled, 'lastAttempt'>): string {
  if (!lastAttempt) return 'nothing that waits was tried';
  return lastAttempt.statusCode === undefined ? (lastAttempt.error ?? 'no answer') : `status ${lastAttempt.statusCode}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
