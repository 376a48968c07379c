import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PaymentStatus } from './payment.state-machine.js';

/** Why a reservation is being given back, and so what becomes of the order. */
export type ReleaseReason = 'abandoned' | 'canceled' | 'nothing-delivered' | 'mismatch' | 'expired';

/** One attempt to pay for an order. Amounts are minor units of `currency`. */
@Entity('payments')
export class PaymentEntity {
  @PrimaryColumn('text', { name: 'payment_id' }) paymentId: string;
  @Column('text', { name: 'order_number' }) orderNumber: string;
  @Column('text', { name: 'account_id' }) accountId: string;
  @Column('text') status: PaymentStatus;
  @Column('text', { name: 'previous_status', nullable: true }) previousStatus: PaymentStatus | null;
  @Column('text') procedure: 'checkout' | 'intent' | 'none';
  /** What is to be reserved: the order's total. */
  @Column('bigint') amount: number;
  @Column('text') currency: string;
  @Column('bigint', { name: 'amount_authorized' }) amountAuthorized: number;
  @Column('bigint', { name: 'amount_captured' }) amountCaptured: number;
  @Column('bigint', { name: 'amount_refunded' }) amountRefunded: number;
  @Column('bigint', { name: 'amount_disputed' }) amountDisputed: number;
  @Column('text', { name: 'payment_intent_id', nullable: true }) paymentIntentId: string | null;
  @Column('text', { name: 'checkout_session_id', nullable: true }) checkoutSessionId: string | null;
  @Column('text', { name: 'decline_code', nullable: true }) declineCode: string | null;
  /** Stripe's `capture_before`: after it the reservation is gone. */
  @Column('timestamptz', { name: 'authorization_expires_at', nullable: true }) authorizationExpiresAt: Date | null;
  /**
   * The exact parameters of the create, so that an unknown answer can be asked for again verbatim: `json`, since `jsonb`
   * forgets their order, and Stripe refuses a key that comes with another body.
   */
  @Column('json', { name: 'create_params' }) createParams: object;
  /** Part of the idempotency key of the Stripe write under way; rises only after Stripe's state was read. */
  @Column('integer', { name: 'operation_attempt' }) operationAttempt: number;
  /** Stripe's stored answer to this attempt is a failure of its own: the same key would bring it again. */
  @Column('boolean', { name: 'operation_stuck' }) operationStuck: boolean;
  @Column('timestamptz', { name: 'operation_since' }) operationSince: Date;
  /** Real time; whoever finds it past takes the Stripe write over, with its parameters and its key. */
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil: Date | null;
  @Column('text', { name: 'release_reason', nullable: true }) releaseReason: ReleaseReason | null;
  /** What settlement decided to charge. */
  @Column('bigint', { name: 'capture_amount', nullable: true }) captureAmount: number | null;
  /** The answer to init payment, encrypted: it holds a client secret. */
  @Column('text', { nullable: true }) response: string | null;
  /** Why Stripe refused for good. */
  @Column('jsonb', { nullable: true }) failure: { code: string; message: string } | null;
  /** When the partner was told that the reservation is about to run out. */
  @Column('timestamptz', { name: 'expiry_told_at', nullable: true }) expiryToldAt: Date | null;
  /** Rises with every change; a writer that read an older one has to look again. */
  @Column('integer') version: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}
