import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ACCOUNT_NOT_FOUND, AccountsService } from '#accounts';
import { ownerOf, Ownership, PartnersService, type Owner, type Principal } from '#partners';
import { Clock, Database, Events, sum, type Tx } from '#platform';
import { Problem } from '#http';
import type { NothingDto, RequestBody, ValidationMessage } from '#http';
import type { CreateOrderDto, ReplaceOrderDto } from './dto/order.request.dto.js';
import type { OrderEntity, OrderItemEntity } from './order.entity.js';
import { CHANGEABLE, type OrderStatus } from './order.state-machine.js';
import { ORDER_NOT_CHANGEABLE, ORDER_NOT_DELETABLE, ORDER_NOT_FOUND } from './orders.errors.js';
import { OrderMoved } from './orders.events.js';
import { OrdersRepository } from './orders.repository.js';
import { faultsOfReplacement } from './orders.replacement.js';
import { faultsOfAmounts, faultsOfOrder } from './orders.validation.js';

export interface OrderWithMessages {
  readonly order: OrderEntity;
  readonly validationMessages: readonly ValidationMessage[];
}

type ItemContent = CreateOrderDto['items'][number] & { orderItemNumber?: string };

@Injectable()
export class OrdersService implements OnModuleInit {
  constructor(
    private readonly repository: OrdersRepository,
    private readonly database: Database,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly accounts: AccountsService,
    private readonly partners: PartnersService,
    private readonly ownership: Ownership,
  ) {}

  onModuleInit(): void {
    const find = (owner: Owner, orderNumber: string) => this.repository.find(owner, orderNumber);
    this.ownership.register('order', { parameter: 'orderNumber', notFound: ORDER_NOT_FOUND, find });
  }

  /** @throws Problem 404 `account-not-found`, before the rest of the body is looked at; 400 with every fault */
  async create(tx: Tx, caller: Principal, body: RequestBody<CreateOrderDto>): Promise<OrderWithMessages> {
    const accountId = body.text('accountId');
    const account = accountId !== undefined && (await this.accounts.find(ownerOf(caller), accountId, tx));
    if (accountId !== undefined && !account) throw new Problem(ACCOUNT_NOT_FOUND);
    const dto = body.validated(({ currency, items }) => faultsOfAmounts(currency, items));
    const now = this.clock.now();
    const orderNumber = await this.repository.nextOrderNumber(tx);
    const { items, nextItem } = numbered(orderNumber, dto.items, 1);
    const order: OrderEntity = {
      ...{ orderNumber, partnerId: caller.partnerId, accountId: dto.accountId, items, nextItem },
      ...{ status: 'New', previousStatus: null, wishedStatus: dto.orderStatus ?? 'New' },
      ...{ currency: dto.currency, totalAmount: sum(items.map(({ totalAmount }) => totalAmount)) },
      ...{ externalReference: dto.externalReference ?? null, metadata: dto.metadata ?? {} },
      ...{ payment: null, paymentBegun: false, version: 1, createdAt: now, updatedAt: now },
    };
    await this.repository.insert(tx, order);
    await this.repository.note(tx, orderNumber, {
      type: 'order.new',
      to: 'New',
      actor: caller.kind,
      detail: { totalAmount: order.totalAmount },
    });
    await this.events.emit(tx, new OrderMoved(orderNumber, null, 'New'));
    return this.settleOnStatus(tx, order, caller);
  }

  /**
   * Replaces the whole content while the order may be changed.
   * @throws Problem 409 `order-not-in-state-to-change`, 400 with every fault
   */
  async replace(
    caller: Principal,
    orderNumber: string,
    body: RequestBody<ReplaceOrderDto>,
  ): Promise<OrderWithMessages> {
    return this.database.transaction(async (tx) => {
      const order = await this.repository.lock(tx, orderNumber);
      if (!CHANGEABLE.includes(order.status)) throw refusal(ORDER_NOT_CHANGEABLE, order);
      const dto = body.validated((replacement) => faultsOfReplacement(order, replacement));
      const { items, nextItem } = numbered(orderNumber, dto.items, order.nextItem);
      const changed: OrderEntity = {
        ...order,
        ...{ items, nextItem, totalAmount: sum(items.map(({ totalAmount }) => totalAmount)) },
        ...{
          externalReference: dto.externalReference ?? null,
          metadata: dto.metadata ?? {},
          updatedAt: this.clock.now(),
          version: order.version + 1,
        },
        wishedStatus: dto.orderStatus ?? (order.status === 'Expired' ? 'Placed' : order.wishedStatus),
      };
      await this.repository.replaceContent(tx, changed);
      await this.repository.note(tx, orderNumber, {
        type: 'order.updated',
        actor: caller.kind,
        detail: { totalAmount: changed.totalAmount },
      });
      return this.settleOnStatus(tx, changed, caller);
    });
  }

  /** @throws Problem 409 `order-not-in-state-to-delete` once a payment was begun, then 400 for a body that says something */
  async delete(orderNumber: string, body: RequestBody<NothingDto>): Promise<void> {
    await this.database.transaction(async (tx) => {
      const order = await this.repository.lock(tx, orderNumber);
      // An order that was paid for, or may be at this moment, is one for which a payment was begun.
      if (order.paymentBegun) throw refusal(ORDER_NOT_DELETABLE, order);
      body.validated();
      await this.repository.delete(tx, orderNumber);
    });
  }

  /** What keeps a changeable order from being Placed; nothing once it may not be changed. */
  async messagesOf(order: OrderEntity, tx?: Tx): Promise<readonly ValidationMessage[]> {
    if (!CHANGEABLE.includes(order.status)) return [];
    const partner = await this.partners.find(order.partnerId, tx);
    return faultsOfOrder(order, { fulfillmentUrl: partner?.fulfillmentUrl ?? null });
  }

  /** Moves towards the wished status and stops at the first fault. */
  private async settleOnStatus(tx: Tx, order: OrderEntity, caller: Principal): Promise<OrderWithMessages> {
    const validationMessages = await this.messagesOf(order, tx);
    const to: OrderStatus = order.wishedStatus === 'Placed' && validationMessages.length === 0 ? 'Placed' : 'New';
    if (to === order.status) return { order: await this.repository.get(order.orderNumber, tx), validationMessages };
    const detail = { totalAmount: order.totalAmount, faults: validationMessages.map(({ code }) => code) };
    const move = { from: order.status, to, detail };
    // An order that was forgotten shows its last payment until it is taken up again.
    await this.repository.apply(tx, { orderNumber: order.orderNumber, actor: caller.kind, move, payment: null });
    return { order: await this.repository.get(order.orderNumber, tx), validationMessages };
  }
}

export function refusal(kind: { status: number; code: string; title: string }, order: OrderEntity): Problem {
  return new Problem(kind, {
    detail: `${kind.title}; it is ${order.status}`,
    members: { orderStatus: order.status },
    validationMessages: [
      { code: kind.code, level: 'Error', message: `${kind.title}; it is ${order.status}`, source: 'order' },
    ],
  });
}

/** Gives new items their numbers, which are never used twice. */
function numbered(
  orderNumber: string,
  contents: readonly ItemContent[],
  firstNew: number,
): { items: OrderItemEntity[]; nextItem: number } {
  let nextItem = firstNew;
  const items = contents.map((content, position) => {
    const { sku, name, quantity, unitAmount, fulfiller } = content;
    const orderItemNumber = content.orderItemNumber ?? `${orderNumber}-${nextItem++}`;
    return {
      ...{ orderItemNumber, orderNumber, position, sku, name, quantity, unitAmount },
      ...{ totalAmount: quantity * unitAmount, fulfiller: fulfiller ?? 'instant', status: 'New', previousStatus: null },
      ...{ statusText: null, deliverables: [], fulfillmentAttempts: 0, awaitingReport: false },
    } as unknown as OrderItemEntity;
  });
  return { items, nextItem };
}
