import type { MigrationInterface, QueryRunner } from 'typeorm';

const RELEASE_REASONS = "'abandoned', 'canceled', 'nothing-delivered', 'mismatch'";

/** What is needed to look by itself for whatever was lost: when each payment is looked at next, and how far events were read. */
export class Reconciliation1795480000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE schedules (name text PRIMARY KEY, next_at timestamptz NOT NULL)`);
    await runner.query(`CREATE TABLE stripe_event_feed (
      is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
      read_until timestamptz NOT NULL)`);
    await runner.query(`ALTER TABLE payments
      ADD reconcile_at timestamptz NOT NULL DEFAULT '-infinity', ADD expiry_told_at timestamptz`);
    await runner.query(`CREATE INDEX payments_to_reconcile ON payments (reconcile_at)
      WHERE status IN ('Initializing', 'Pending', 'Processing', 'Authorized', 'Capturing', 'Releasing')`);
    await runner.query('ALTER TABLE order_items ADD awaiting_report boolean NOT NULL DEFAULT false');
    await replaceReasons(runner, `${RELEASE_REASONS}, 'expired'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceReasons(runner, RELEASE_REASONS);
    await runner.query('ALTER TABLE order_items DROP awaiting_report');
    await runner.query('ALTER TABLE payments DROP reconcile_at, DROP expiry_told_at');
    await runner.query('DROP TABLE stripe_event_feed, schedules');
  }
}

async function replaceReasons(runner: QueryRunner, reasons: string): Promise<void> {
  await runner.query('ALTER TABLE payments DROP CONSTRAINT payments_release_reason_check');
  await runner.query(
    `ALTER TABLE payments ADD CONSTRAINT payments_release_reason_check CHECK (release_reason IN (${reasons}))`,
  );
}
