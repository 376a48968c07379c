import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import type { OrderItemStatus, OrderStatus } from './order.state-machine.js';

/** What an order shows of its payment; written by the payments room in the transaction that changes the payment. */
export interface PaymentSummary {
  readonly paymentId: string;
  readonly status: string;
  readonly procedure: 'checkout' | 'intent' | 'none';
  /** Minor units, like every amount here. */
  readonly amountAuthorized: number;
  readonly amountCaptured: number;
  readonly amountRefunded: number;
  readonly amountDisputed: number;
  readonly paymentIntentId?: string;
  /** ISO 8601 */
  readonly authorizationExpiresAt?: string;
  readonly declineCode?: string;
}

@Entity('orders')
export class OrderEntity {
  @PrimaryColumn('text') orderNumber: string;
  @Column('text') partnerId: string;
  @Column('text') accountId: string;
  @Column('text') status: OrderStatus;
  @Column('text', { nullable: true }) previousStatus: OrderStatus | null;
  /** The status the partner wishes for; the server moves towards it and stops at the first fault. */
  @Column('text') wishedStatus: 'New' | 'Placed';
  @Column('text') currency: string;
  /** Minor units: the sum of the items. */
  @Column('bigint') totalAmount: number;
  @Column('text', { nullable: true }) externalReference: string | null;
  @Column('jsonb') metadata: Record<string, string>;
  /** The live or last payment; `null` in New and Placed, whose former attempts are in the timeline. */
  @Column('jsonb', { nullable: true }) payment: PaymentSummary | null;
  /** Once true, the order has a history of money and is never deleted. */
  @Column('boolean') paymentBegun: boolean;
  /** The number of the next new item; numbers of removed items are not used again. */
  @Column('integer') nextItem: number;
  /** Rises with every change; a payment is claimed on the version that it was made from. */
  @Column('integer') version: number;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz') updatedAt: Date;
  @OneToMany(() => OrderItemEntity, (item) => item.order) items: OrderItemEntity[];
}

/** Something that the customer receives, such as a ticket code. */
export interface Deliverable {
  readonly type: string;
  readonly value: string;
}

@Entity('order_items')
export class OrderItemEntity {
  @PrimaryColumn('text') orderItemNumber: string;
  @Column('text') orderNumber: string;
  @Column('integer') position: number;
  @Column('text') status: OrderItemStatus;
  @Column('text', { nullable: true }) previousStatus: OrderItemStatus | null;
  @Column('text', { nullable: true }) statusText: string | null;
  @Column('text') sku: string;
  @Column('text') name: string;
  @Column('integer') quantity: number;
  /** Minor units. */
  @Column('integer') unitAmount: number;
  @Column('bigint') totalAmount: number;
  @Column('text') fulfiller: Fulfiller;
  @Column('jsonb') deliverables: Deliverable[];
  /** How often its fulfiller was called. */
  @Column('integer') fulfillmentAttempts: number;
  /** Its fulfiller took it and will report; nobody asks again. */
  @Column('boolean') awaitingReport: boolean;
  @ManyToOne(() => OrderEntity, (order) => order.items)
  @JoinColumn({ name: 'order_number' })
  order: Relation<OrderEntity>;
}

export const FULFILLERS = ['instant', 'manual', 'http'] as const;
export type Fulfiller = (typeof FULFILLERS)[number];
