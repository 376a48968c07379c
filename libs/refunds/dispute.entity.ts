import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DisputeStatus } from './dispute.state-machine.js';

/** A customer's bank takes money back, or asks whether it should. */
@Entity('disputes')
export class DisputeEntity {
  /** Stripe's id. */
  @PrimaryColumn('text', { name: 'dispute_id' }) disputeId: string;
  @Column('text', { name: 'payment_id' }) paymentId: string;
  @Column('text', { name: 'order_number' }) orderNumber: string;
  @Column('text') status: DisputeStatus;
  @Column('text', { name: 'previous_status', nullable: true }) previousStatus: DisputeStatus | null;
  /** Minor units of `currency`. */
  @Column('bigint') amount: number;
  @Column('text') currency: string;
  /** Stripe's word for what the customer says. */
  @Column('text') reason: string;
  /** Whether Stripe would still refund the charge; it does not once the money is withdrawn. */
  @Column('boolean', { name: 'charge_refundable' }) chargeRefundable: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}
