import { Injectable, Logger } from '@nestjs/common';
import { Clock, Database, Metrics, Secrets, type Tx } from '#platform';
import { OperatorList } from '#cases';
import { Outbound, OutboundFailed, signatureHeaders } from '#outbound';
import type { NotificationEndpointEntity } from './notification-endpoint.entity.js';
import { NotificationEndpointsRepository } from './notification-endpoints.repository.js';
import type { Attempt } from './notification.entity.js';
import { NotificationsOutboxRepository, type Claimed } from './notifications.outbox.repository.js';
import { consequenceOf, isDelivered, type Consequence } from './notifications.retries.js';

/** On the operator's list, by the endpoint's id. */
export const DISABLED_CASE = 'notification-endpoint-disabled';

/** The clocks of two processes may differ by this: what one has just written is due for the other. */
const CLOCKS_DIFFER_MS = 1000;

/** One try of one notification: claim → call → record. */
@Injectable()
export class NotificationsDelivery {
  private readonly logger = new Logger(NotificationsDelivery.name);

  constructor(
    private readonly database: Database,
    private readonly endpoints: NotificationEndpointsRepository,
    private readonly outbox: NotificationsOutboxRepository,
    private readonly outbound: Outbound,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly operatorList: OperatorList,
  ) {}

  /** @returns `nothing` when nothing may be sent to this endpoint now */
  async next(endpointId: string): Promise<'delivered' | 'failed' | 'nothing'> {
    const claim = await this.claim(endpointId);
    if (!claim) return 'nothing';
    const attempt = await this.call(claim.endpoint, claim.claimed);
    await this.record(claim.claimed, attempt);
    return isDelivered(attempt) ? 'delivered' : 'failed';
  }

  // CLAIM
  private async claim(
    endpointId: string,
  ): Promise<{ endpoint: NotificationEndpointEntity; claimed: Claimed } | undefined> {
    return this.database.transaction(async (tx) => {
      const endpoint = await this.endpoints.lock(tx, endpointId);
      if (!endpoint || endpoint.disabledAt !== null) return undefined;
      const now = this.clock.now();
      const dueBy = new Date(now.getTime() + CLOCKS_DIFFER_MS);
      const claimed = await this.outbox.claim(tx, endpointId, { dueBy, now }, endpoint.failingSince !== null);
      return claimed && { endpoint, claimed };
    });
  }

  // CALL
  private async call(endpoint: NotificationEndpointEntity, { notificationId, body }: Claimed): Promise<Attempt> {
    const at = this.clock.now();
    const began = performance.now();
    const result = await this.post(endpoint, notificationId, body);
    return { at: at.toISOString(), ...result, durationMs: Math.round(performance.now() - began) };
  }

  private async post(
    endpoint: NotificationEndpointEntity,
    notificationId: string,
    body: string,
  ): Promise<Pick<Attempt, 'statusCode' | 'error'>> {
    const signature = signatureHeaders(this.secretsOf(endpoint), notificationId, new Date(), body);
    const headers = { 'content-type': 'application/json', ...signature };
    try {
      const { status } = await this.outbound.post(endpoint.url, { body, headers });
      return { statusCode: status };
    } catch (error) {
      if (!(error instanceof OutboundFailed)) throw error;
      return { error: error.message };
    }
  }

  /** The newest first; a former one until its overlap ends by the business clock. */
  private secretsOf({ secret, formerSecrets }: NotificationEndpointEntity): string[] {
    const now = this.clock.now().toISOString();
    const former = formerSecrets.filter(({ until }) => until > now);
    return [secret, ...former.map((one) => one.secret)].map((stored) => this.secrets.decrypt(stored));
  }

  // RECORD
  private async record(claimed: Claimed, attempt: Attempt): Promise<void> {
    const delivered = isDelivered(attempt);
    const disabled = await this.database.transaction(async (tx) => {
      const endpoint = await this.endpoints.lock(tx, claimed.endpointId);
      // Deleted meanwhile, with everything that was to be sent there.
      if (!endpoint) return undefined;
      if (!delivered) return this.recordFailed(tx, endpoint, claimed, attempt);
      await this.outbox.recordDelivered(tx, claimed, attempt);
      if (endpoint.failingSince !== null) await this.endpoints.change(tx, endpoint.endpointId, { failingSince: null });
      return undefined;
    });
    const answered = attempt.statusCode === undefined ? 'unanswered' : 'refused';
    this.metrics.countNotification(claimed.type, delivered ? 'delivered' : answered);
    if (disabled) this.logger.warn(disabled, 'a notification endpoint was disabled');
  }

  private async recordFailed(
    tx: Tx,
    endpoint: NotificationEndpointEntity,
    claimed: Claimed,
    attempt: Attempt,
  ): Promise<object | undefined> {
    const { tries, inOrder, firstTriedAt } = claimed;
    const { statusCode } = attempt;
    const at = new Date(attempt.at);
    const next = consequenceOf({
      ...{ at, statusCode, tries, inOrder, firstTriedAt, failingSince: endpoint.failingSince },
    });
    await this.outbox.recordFailed(tx, claimed, attempt, next);
    if (endpoint.disabledAt !== null) return undefined;
    await this.endpoints.change(tx, endpoint.endpointId, {
      failingSince: next.failingSince,
      ...(next.disable && { disabledAt: at, disabledReason: next.disable }),
    });
    return next.disable && this.tellOfDisabling(tx, endpoint, next);
  }

  /** The address stays out of log and list: partners put keys into it. */
  private async tellOfDisabling(tx: Tx, endpoint: NotificationEndpointEntity, next: Consequence): Promise<object> {
    const { endpointId, partnerId } = endpoint;
    const facts = { endpointId, partnerId, reason: next.disable, failingSince: next.failingSince.toISOString() };
    await this.operatorList.add(tx, {
      ...{ kind: DISABLED_CASE, subject: endpointId, facts },
      reason:
        next.disable === 'gone'
          ? `The endpoint of ${partnerId} answered 410: it is gone`
          : `The endpoint of ${partnerId} took nothing for three days`,
      nextStep:
        'Tell the partner: when it enables or deletes the endpoint this case is closed. What was not sent waits 30 days',
    });
    return facts;
  }
}
