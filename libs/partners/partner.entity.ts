import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A company that places orders, and what only an operator registers for it. */
@Entity('partners')
export class PartnerEntity {
  @PrimaryColumn('text', { name: 'partner_id' }) partnerId: string;
  @Column('text') name: string;
  /** Hosts that a customer may be sent back to after paying; looked at outside sandbox mode. */
  @Column('text', { name: 'return_hosts', array: true }) returnHosts: string[];
  @Column('text', { array: true }) origins: string[];
  @Column('text', { name: 'fulfillment_url', nullable: true }) fulfillmentUrl: string | null;
  /** How often an item is asked for there before it fails. */
  @Column('integer', { name: 'fulfillment_attempts' }) fulfillmentAttempts: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
