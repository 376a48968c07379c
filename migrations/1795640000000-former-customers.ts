import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A payment that was asked for under a customer who is gone can be looked for under that customer. */
export class FormerCustomers1795640000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE stripe_customers ADD COLUMN former_customer_ids text[] NOT NULL DEFAULT '{}'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stripe_customers DROP COLUMN former_customer_ids');
  }
}
