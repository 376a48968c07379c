import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DisputeStatus } from './dispute.state-machine.js';

/** A customer's bank takes money back, or asks whether it should. */
@Entity('disputes')
export class DisputeEntity {
  /** Stripe's id. */
  @PrimaryColumn('text') disputeId: string;
  @Column('text') paymentId: string;
  @Column('text') orderNumber: string;
  @Column('text') status: DisputeStatus;
  @Column('text', { nullable: true }) previousStatus: DisputeStatus | null;
  /** Minor units of `currency`. */
  @Column('bigint') amount: number;
  @Column('text') currency: string;
  /** Stripe's word for what the customer says. */
  @Column('text') reason: string;
  /** Whether Stripe would still refund the charge; it does not once the money is withdrawn. */
  @Column('boolean') chargeRefundable: boolean;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz') updatedAt: Date;
}
