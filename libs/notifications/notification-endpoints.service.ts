import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Ownership } from '#partners';
import { Clock, CONFIG, newId, Secrets, type Config, type Tx } from '#platform';
import { newSigningSecret } from '#outbound';
import { OperatorList } from '#cases';
import { Problem, type NothingDto, type RequestBody } from '#http';
import { faultsOfEndpoint, type CreateEndpointDto } from './dto/notification-endpoint.request.dto.js';
import type { NotificationShown } from './notification.entity.js';
import type { FormerSecret, NotificationEndpointEntity } from './notification-endpoint.entity.js';
import { NotificationEndpointsRepository } from './notification-endpoints.repository.js';
import { DISABLED_CASE } from './notifications.delivery.js';
import { NOTIFICATION_TYPES } from './notifications.catalogue.js';
import {
  ENDPOINT_DISABLED,
  ENDPOINT_NOT_FOUND,
  NOTIFICATION_NOT_FOUND,
  TOO_MANY_ENDPOINTS,
} from './notifications.errors.js';
import { NotificationsOutbox } from './notifications.outbox.js';
import { NotificationsRepository } from './notifications.repository.js';

/** Every one of them costs each event of a partner's orders a row and a call. */
const MAXIMUM_ENDPOINTS = 10;
/** Whoever rotates more often than its receivers follow loses the oldest. */
const KEPT_FORMER_SECRETS = 4;

/** What partners do with their endpoints, and with what was sent there. */
@Injectable()
export class NotificationEndpointsService implements OnModuleInit {
  constructor(
    private readonly repository: NotificationEndpointsRepository,
    private readonly notifications: NotificationsRepository,
    private readonly outbox: NotificationsOutbox,
    private readonly ownership: Ownership,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly operatorList: OperatorList,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.ownership.register('notification-endpoint', {
      ...{ parameter: 'endpointId', notFound: ENDPOINT_NOT_FOUND },
      find: (owner, endpointId) => this.repository.find(owner, endpointId),
    });
    this.ownership.register('notification', {
      ...{ parameter: 'notificationId', notFound: NOTIFICATION_NOT_FOUND },
      find: (owner, notificationId) => this.notifications.find(owner, notificationId),
    });
  }

  /**
   * @returns the endpoint, and its secret, which cannot be shown again
   * @throws Problem 400 with every fault, 409 `too-many-notification-endpoints`
   */
  async create(
    tx: Tx,
    partnerId: string,
    body: RequestBody<CreateEndpointDto>,
  ): Promise<{ endpoint: NotificationEndpointEntity; secret: string }> {
    const dto = body.validated((value) => faultsOfEndpoint(value, this.config.mode));
    if ((await this.repository.countAlone(tx, partnerId)) >= MAXIMUM_ENDPOINTS) throw new Problem(TOO_MANY_ENDPOINTS);
    const secret = newSigningSecret();
    const chosen = dto.events && NOTIFICATION_TYPES.filter((type) => dto.events?.includes(type));
    const endpoint: NotificationEndpointEntity = {
      ...{ endpointId: newId('nep'), partnerId, url: dto.url, events: chosen ?? null },
      ...{ secret: this.secrets.encrypt(secret), formerSecrets: [], createdAt: this.clock.now() },
      ...{ failingSince: null, disabledAt: null, disabledReason: null },
    };
    await this.repository.insert(tx, endpoint);
    return { endpoint, secret };
  }

  /** @returns the new secret, and until when the one before it signs as well */
  async rotateSecret(tx: Tx, endpointId: string, overlapHours: number): Promise<{ secret: string; until: Date }> {
    const endpoint = await this.locked(tx, endpointId);
    const now = this.clock.now();
    const until = new Date(now.getTime() + overlapHours * 3_600_000);
    const former: FormerSecret[] = [{ secret: endpoint.secret, until: until.toISOString() }, ...endpoint.formerSecrets];
    const valid = former.filter((one) => one.until > now.toISOString()).slice(0, KEPT_FORMER_SECRETS);
    const secret = newSigningSecret();
    await this.repository.replaceSecret(tx, endpointId, this.secrets.encrypt(secret), valid);
    return { secret, until };
  }

  /** Enabled, everything that waited is due. One that is not disabled stays as it is. */
  async enable(tx: Tx, endpointId: string): Promise<NotificationEndpointEntity> {
    const endpoint = await this.locked(tx, endpointId);
    if (endpoint.disabledAt === null) return endpoint;
    const enabled = { failingSince: null, disabledAt: null, disabledReason: null };
    await this.repository.change(tx, endpointId, enabled);
    await this.operatorList.close(tx, DISABLED_CASE, endpointId);
    await this.notifications.askAnewAll(tx, endpointId, this.clock.now());
    await this.outbox.wake(tx, endpoint);
    return { ...endpoint, ...enabled };
  }

  async delete(tx: Tx, endpointId: string): Promise<void> {
    await this.repository.delete(tx, endpointId);
    await this.operatorList.close(tx, DISABLED_CASE, endpointId);
  }

  /** @throws Problem 409 `notification-endpoint-disabled`, then 400 for a body that says something */
  async test(tx: Tx, endpointId: string, body: RequestBody<NothingDto>): Promise<NotificationShown> {
    const endpoint = await this.enabled(tx, endpointId, ENDPOINT_NOT_FOUND);
    body.validated();
    return this.notifications.get(tx, await this.outbox.test(tx, endpoint));
  }

  /** @throws Problem 409 `notification-endpoint-disabled`, then 400 for a body that says something */
  async redeliver(
    tx: Tx,
    notification: { notificationId: string; endpointId: string },
    body: RequestBody<NothingDto>,
  ): Promise<NotificationShown> {
    const endpoint = await this.enabled(tx, notification.endpointId, NOTIFICATION_NOT_FOUND);
    body.validated();
    const isThere = await this.notifications.askAnew(tx, notification.notificationId, this.clock.now());
    if (!isThere) throw new Problem(NOTIFICATION_NOT_FOUND);
    await this.outbox.wake(tx, endpoint);
    return this.notifications.get(tx, notification.notificationId);
  }

  private async enabled(
    tx: Tx,
    endpointId: string,
    notFound: typeof ENDPOINT_NOT_FOUND,
  ): Promise<NotificationEndpointEntity> {
    const endpoint = await this.locked(tx, endpointId, notFound);
    if (endpoint.disabledAt !== null) throw new Problem(ENDPOINT_DISABLED);
    return endpoint;
  }

  /** @throws Problem 404 when it was deleted since the ownership was looked at */
  private async locked(tx: Tx, endpointId: string, notFound = ENDPOINT_NOT_FOUND): Promise<NotificationEndpointEntity> {
    const endpoint = await this.repository.lock(tx, endpointId);
    if (!endpoint) throw new Problem(notFound);
    return endpoint;
  }
}
