import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Stripe } from '#stripe';
import type { RefundStatus } from './refund.state-machine.js';

/** Money that goes back to the customer after it was charged: asked for here, or made in Stripe's dashboard. */
@Entity('refunds')
export class RefundEntity {
  @PrimaryColumn('text') refundId: string;
  @Column('text') paymentId: string;
  @Column('text') orderNumber: string;
  @Column('text') status: RefundStatus;
  @Column('text', { nullable: true }) previousStatus: RefundStatus | null;
  /** Minor units of `currency`; taken from what is left while the refund is Pending or Succeeded. */
  @Column('bigint') amount: number;
  @Column('text') currency: string;
  /** The items whose value it is; `null` for an amount. Each item is in one refund that has not failed, at most. */
  @Column('text', { array: true, nullable: true }) orderItemNumbers: string[] | null;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('text', { nullable: true }) stripeRefundId: string | null;
  /** The exact parameters, so that an unknown answer can be asked for again verbatim; `null` when Stripe had it first. */
  @Column('json', { nullable: true }) createParams: Stripe.RefundCreateParams | null;
  /** Names the request with an Idempotency-Key that made it: a crash before the answer was kept finds it by this. */
  @Column('text', { nullable: true }) requestId: string | null;
  @Column('text', { nullable: true }) requestBodyHash: string | null;
  /** As of a payment: part of the idempotency key at Stripe, and what is known about its last use. */
  @Column('integer') operationAttempt: number;
  @Column('boolean') operationStuck: boolean;
  @Column('timestamptz') operationSince: Date;
  /** Real time; whoever finds it past takes the call over. */
  @Column('timestamptz', { nullable: true }) leaseUntil: Date | null;
  /** Why Stripe or the card network refused. */
  @Column('jsonb', { nullable: true }) failure: { code: string; message: string } | null;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz') updatedAt: Date;
}
