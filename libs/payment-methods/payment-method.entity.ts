import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Our copy of a card that is saved at Stripe; Stripe's is the truth, and this is refreshed from it. */
@Entity('payment_methods')
export class PaymentMethodEntity {
  @PrimaryColumn('text', { name: 'payment_method_id' }) paymentMethodId: string;
  @Column('text', { name: 'account_id' }) accountId: string;
  @Column('text') type: string;
  @Column('text') brand: string;
  @Column('text') last4: string;
  @Column('integer', { name: 'exp_month' }) expMonth: number;
  @Column('integer', { name: 'exp_year' }) expYear: number;
  @Column('text') funding: string;
  @Column('text', { nullable: true }) country: string | null;
  /** Names the card itself: one card that was saved twice has two ids and one fingerprint. */
  @Column('text', { nullable: true }) fingerprint: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
