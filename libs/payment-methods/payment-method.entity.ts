import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Our copy of a card that is saved at Stripe; Stripe's is the truth, and this is refreshed from it. */
@Entity('payment_methods')
export class PaymentMethodEntity {
  @PrimaryColumn('text') paymentMethodId: string;
  @Column('text') accountId: string;
  @Column('text') type: string;
  @Column('text') brand: string;
  @Column('text') last4: string;
  @Column('integer') expMonth: number;
  @Column('integer') expYear: number;
  @Column('text') funding: string;
  @Column('text', { nullable: true }) country: string | null;
  /** Names the card itself: one card that was saved twice has two ids and one fingerprint. */
  @Column('text', { nullable: true }) fingerprint: string | null;
  @Column('timestamptz') createdAt: Date;
}
