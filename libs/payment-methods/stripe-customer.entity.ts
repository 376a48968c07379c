import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An account's customer at Stripe: bound by our id, never by an e-mail address. */
@Entity('stripe_customers')
export class StripeCustomerEntity {
  @PrimaryColumn('text') accountId: string;
  /** `null` until Stripe answered. */
  @Column('text', { nullable: true }) stripeCustomerId: string | null;
  /** Those that Stripe forgot, the oldest first: what was asked for in their name may still be there. */
  @Column('text', { array: true }) formerCustomerIds: string[];
  /** Part of the idempotency key; rises when Stripe's stored answer is a failure, and when Stripe forgot the customer. */
  @Column('integer') attempt: number;
  /** Rises with everything that may have changed the customer's cards at Stripe. */
  @Column('integer') methodsChanged: number;
  /** The {@link methodsChanged} that our copy was read after; `null` before the first. */
  @Column('integer', { nullable: true }) methodsRead: number | null;
  @Column('timestamptz', { nullable: true }) methodsReadAt: Date | null;
  @Column('timestamptz') createdAt: Date;
}
