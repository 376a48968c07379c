import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NotificationStatus } from './notification.state-machine.js';

/** One try: the status that was answered, or why there was no answer. */
export interface Attempt {
  /** Business time, ISO 8601. */
  readonly at: string;
  readonly statusCode?: number;
  readonly error?: string;
  readonly durationMs: number;
}

/** One message for one endpoint; its id is the `webhook-id` of every try. */
@Entity('notifications')
export class NotificationEntity {
  @PrimaryColumn('text') notificationId: string;
  /** Rises in the order of each order's timeline: its events are written one transaction after the other. */
  @Column('bigint') sequence: number;
  @Column('text') endpointId: string;
  @Column('text') partnerId: string;
  /** `null` for a test, which is about no order. */
  @Column('text', { nullable: true }) orderNumber: string | null;
  @Column('text') type: string;
  /** Exactly the bytes that are sent and signed, the same at every try. */
  @Column('text', { select: false }) body: string;
  @Column('text') status: NotificationStatus;
  @Column('text', { nullable: true }) previousStatus: NotificationStatus | null;
  /** Later ones of the same order wait for it. */
  @Column('boolean') inOrder: boolean;
  /** Failures since it was written, or asked for anew. */
  @Column('integer') tries: number;
  /** The three days of retries begin here. */
  @Column('timestamptz', { nullable: true }) firstTriedAt: Date | null;
  /** Business time, before which it is not tried. */
  @Column('timestamptz') dueAt: Date;
  /** Real time; while it lasts, a process is sending it. */
  @Column('timestamptz', { nullable: true }) leaseUntil: Date | null;
  @Column('jsonb') attempts: Attempt[];
  @Column('timestamptz') createdAt: Date;
}

/** What a partner is shown of it; held while its endpoint is disabled. */
export type NotificationShown = Omit<NotificationEntity, 'body'> & { readonly isHeld: boolean };
