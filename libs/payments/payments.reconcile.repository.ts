import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock, Database, type Asked } from '#platform';
import { PaymentEntity } from './payment.entity.js';
import type { PaymentStatus } from './payment.state-machine.js';

/** Seconds that a payment is left alone after its last change: whoever works on it should have finished by then. */
const PAUSES: { readonly [Status in PaymentStatus]?: number } = {
  // A lease of 60 s, and air.
  Initializing: 90,
  Releasing: 120,
  Capturing: 300,
  Processing: 300,
  // The event feed hears of a confirmation within moments; this is for events that Stripe never made.
  Pending: 900,
  Authorized: 6 * 3600,
};
const LIVE = Object.keys(PAUSES);
/** Reservations that a partner is told of in one run. */
const BATCH = 50;
/** However old a payment is, it is looked at this often. */
const LONGEST_PAUSE_SECONDS = 6 * 3600;

/** Which payments are to be looked at; each is handed to one process at a time. */
@Injectable()
export class PaymentsReconcileRepository {
  constructor(
    private readonly database: Database,
    @InjectRepository(PaymentEntity) private readonly rows: Repository<PaymentEntity>,
    private readonly clock: Clock,
  ) {}

  /** For a person who wants everything looked at now. */
  async makeAllDue(): Promise<void> {
    await this.database.query(
      `UPDATE payments SET reconcile_at = '-infinity' WHERE status = ANY($1) AND reconcile_at > '-infinity'`,
      [LIVE],
    );
  }

  /** The next payment that is due; it is not due again before its pause, or half its age, has passed. */
  async claim(asked: Asked): Promise<string | undefined> {
    const [claimed] = await this.database.query<{ paymentId: string }>(
      `UPDATE payments AS p SET reconcile_at =
         $1::timestamptz + make_interval(secs => least(${LONGEST_PAUSE_SECONDS},
           greatest(($2::jsonb->>p.status)::float, extract(epoch FROM $1 - p.created_at) / 2)))
       WHERE p.payment_id = (
         SELECT payment_id FROM payments
         WHERE status = ANY($3) AND reconcile_at <= $1 AND (lease_until IS NULL OR lease_until < now())
           AND ($4 OR updated_at <= $1 - make_interval(secs => ($2::jsonb->>status)::float)
             OR authorization_expires_at <= $1)
         ORDER BY reconcile_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING p.payment_id AS "paymentId"`,
      [this.clock.now(), JSON.stringify(PAUSES), LIVE, asked === 'by-hand'],
    );
    return claimed?.paymentId;
  }

  /** Reservations that run out before a time, and that nobody was told of. */
  async endingUntold(before: Date): Promise<PaymentEntity[]> {
    return this.rows
      .createQueryBuilder('p')
      .where(`p.status = 'Authorized' AND p.expiry_told_at IS NULL AND p.authorization_expires_at <= :before`, {
        before,
      })
      .orderBy('p.authorization_expires_at')
      .limit(BATCH)
      .getMany();
  }
}
