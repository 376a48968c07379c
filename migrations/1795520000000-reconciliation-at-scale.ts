import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is looked for again and again is found by an index; and an item knows until when its fulfiller is being asked. */
export class ReconciliationAtScale1795520000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_items ADD asked_until timestamptz');
    await runner.query(`CREATE INDEX payments_ending_untold ON payments (authorization_expires_at)
      WHERE status = 'Authorized' AND expiry_told_at IS NULL`);
    await runner.query(`CREATE INDEX orders_reserved_until ON orders ((payment->>'authorizationExpiresAt'))
      WHERE status IN ('Paid', 'InTransit') AND payment->>'status' = 'Authorized'`);
    await runner.query(`CREATE INDEX orders_reservation_lost ON orders (order_number)
      WHERE status IN ('Paid', 'InTransit') AND payment->>'status' = 'Expired'`);
    await runner.query(`CREATE INDEX orders_in_fulfillment ON orders (order_number)
      WHERE status IN ('Paid', 'InTransit', 'Delivered')`);
    await runner.query('CREATE INDEX operator_cases_of_subject ON operator_cases (subject)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX operator_cases_of_subject');
    await runner.query('DROP INDEX orders_in_fulfillment');
    await runner.query('DROP INDEX orders_reservation_lost');
    await runner.query('DROP INDEX orders_reserved_until');
    await runner.query('DROP INDEX payments_ending_untold');
    await runner.query('ALTER TABLE order_items DROP asked_until');
  }
}
