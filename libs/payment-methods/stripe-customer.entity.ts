import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An account's customer at Stripe: bound by our id, never by an e-mail address. */
@Entity('stripe_customers')
export class StripeCustomerEntity {
  @PrimaryColumn('text', { name: 'account_id' }) accountId: string;
  /** `null` until Stripe answered. */
  @Column('text', { name: 'stripe_customer_id', nullable: true }) stripeCustomerId: string | null;
  /** Part of the idempotency key; rises only when Stripe's stored answer is a failure. */
  @Column('integer') attempt: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
