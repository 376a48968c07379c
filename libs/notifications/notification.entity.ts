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
  @PrimaryColumn('text', { name: 'notification_id' }) notificationId: string;
  /** Rises in the order of each order's timeline: its events are written one transaction after the other. */
  @Column('bigint') sequence: number;
  @Column('text', { name: 'endpoint_id' }) endpointId: string;
  @Column('text', { name: 'partner_id' }) partnerId: string;
  /** `null` for a test, which is about no order. */
  @Column('text', { name: 'order_number', nullable: true }) orderNumber: string | null;
  @Column('text') type: string;
  /** Exactly the bytes that are sent and signed, the same at every try. */
  @Column('text', { select: false }) body: string;
  @Column('text') status: NotificationStatus;
  @Column('text', { name: 'previous_status', nullable: true }) previousStatus: NotificationStatus | null;
  /** Later ones of the same order wait for it. */
  @Column('boolean', { name: 'in_order' }) inOrder: boolean;
  /** Failures since it was written, or asked for anew. */
  @Column('integer') tries: number;
  /** The three days of retries begin here. */
  @Column('timestamptz', { name: 'first_tried_at', nullable: true }) firstTriedAt: Date | null;
  /** Business time, before which it is not tried. */
  @Column('timestamptz', { name: 'due_at' }) dueAt: Date;
  /** Real time; while it lasts, a process is sending it. */
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil: Date | null;
  @Column('jsonb') attempts: Attempt[];
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

/** What a partner is shown of it; held while its endpoint is disabled. */
export type NotificationShown = Omit<NotificationEntity, 'body'> & { readonly isHeld: boolean };
