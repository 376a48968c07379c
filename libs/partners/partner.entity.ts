import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A company that places orders, and what only an operator registers for it. */
@Entity('partners')
export class PartnerEntity {
  @PrimaryColumn('text') partnerId: string;
  @Column('text') name: string;
  /** Hosts that a customer may be sent back to after paying; looked at outside sandbox mode. */
  @Column('text', { array: true }) returnHosts: string[];
  @Column('text', { array: true }) origins: string[];
  @Column('text', { nullable: true }) fulfillmentUrl: string | null;
  /** How often an item is asked for there before it fails. */
  @Column('integer') fulfillmentAttempts: number;
  @Column('timestamptz') createdAt: Date;
}
