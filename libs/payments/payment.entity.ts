import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PaymentStatus } from './payment.state-machine.js';

/** Why a reservation is being given back, and so what becomes of the order. */
export type ReleaseReason = 'abandoned' | 'canceled' | 'nothing-delivered' | 'mismatch' | 'expired';

/** One attempt to pay for an order. Amounts are minor units of `currency`. */
@Entity('payments')
export class PaymentEntity {
  @PrimaryColumn('text') paymentId: string;
  @Column('text') orderNumber: string;
  @Column('text') accountId: string;
  @Column('text') status: PaymentStatus;
  @Column('text', { nullable: true }) previousStatus: PaymentStatus | null;
  @Column('text') procedure: 'checkout' | 'intent' | 'none';
  /** What is to be reserved: the order's total. */
  @Column('bigint') amount: number;
  @Column('text') currency: string;
  @Column('bigint') amountAuthorized: number;
  @Column('bigint') amountCaptured: number;
  @Column('bigint') amountRefunded: number;
  @Column('bigint') amountDisputed: number;
  @Column('text', { nullable: true }) paymentIntentId: string | null;
  @Column('text', { nullable: true }) checkoutSessionId: string | null;
  @Column('text', { nullable: true }) declineCode: string | null;
  /** Stripe's `capture_before`: after it the reservation is gone. */
  @Column('timestamptz', { nullable: true }) authorizationExpiresAt: Date | null;
  /**
   * The exact parameters of the create, so that an unknown answer can be asked for again verbatim: `json`, since `jsonb`
   * forgets their order, and Stripe refuses a key that comes with another body.
   */
  @Column('json') createParams: object;
  /** Part of the idempotency key of the Stripe write under way; rises only after Stripe's state was read. */
  @Column('integer') operationAttempt: number;
  /** Stripe's stored answer to this attempt is a failure of its own: the same key would bring it again. */
  @Column('boolean') operationStuck: boolean;
  @Column('timestamptz') operationSince: Date;
  /** Real time; whoever finds it past takes the Stripe write over, with its parameters and its key. */
  @Column('timestamptz', { nullable: true }) leaseUntil: Date | null;
  @Column('text', { nullable: true }) releaseReason: ReleaseReason | null;
  /** What settlement decided to charge. */
  @Column('bigint', { nullable: true }) captureAmount: number | null;
  /** The answer to init payment, encrypted: it holds a client secret. */
  @Column('text', { nullable: true }) response: string | null;
  /** Why Stripe refused for good. */
  @Column('jsonb', { nullable: true }) failure: { code: string; message: string } | null;
  /** When the partner was told that the reservation is about to run out. */
  @Column('timestamptz', { nullable: true }) expiryToldAt: Date | null;
  /** Rises with every change; a writer that read an older one has to look again. */
  @Column('integer') version: number;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz') updatedAt: Date;
}
