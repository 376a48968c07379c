import { Injectable } from '@nestjs/common';
import { PartnersService } from '#partners';
import { FulfillmentCircuit } from '#fulfillment';
import { NotificationsOverviewRepository, type Troubled } from '#notifications';
import { OPERATOR_LIMITS } from './operators.limits.js';

/** A supplier's address that is left alone for a while. */
export interface OpenCircuit {
  /** Scheme, host and port: partners put keys into the rest. */
  readonly origin: string;
  /** Whose address it is; two partners may share one. */
  readonly partners: readonly string[];
  readonly failures: number;
  /** Real time. */
  readonly openUntil: Date;
}

/** Partners' servers that do not answer as they should; each list with one more than is shown. */
@Injectable()
export class OperatorsEndpoints {
  constructor(
    private readonly notifications: NotificationsOverviewRepository,
    private readonly circuits: FulfillmentCircuit,
    private readonly partners: PartnersService,
  ) {}

  async troubled(): Promise<Troubled[]> {
    return this.notifications.troubled(OPERATOR_LIMITS.endpoints + 1);
  }

  async openCircuits(): Promise<OpenCircuit[]> {
    const open = await this.circuits.open(OPERATOR_LIMITS.endpoints + 1);
    if (open.length === 0) return [];
    const byAddress = Map.groupBy(await this.partners.list(), ({ fulfillmentUrl }) => fulfillmentUrl);
    return open.map(({ address, failures, openUntil }) => ({
      ...{ origin: new URL(address).origin, failures, openUntil },
      partners: (byAddress.get(address) ?? []).map(({ partnerId }) => partnerId),
    }));
  }
}
