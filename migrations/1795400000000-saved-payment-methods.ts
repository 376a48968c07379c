import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Our copy of the cards that are saved at Stripe. */
export class SavedPaymentMethods1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE stripe_customers
      ADD methods_changed integer NOT NULL DEFAULT 0, ADD methods_read integer, ADD methods_read_at timestamptz`);
    await runner.query(`CREATE TABLE payment_methods (
      payment_method_id text PRIMARY KEY,
      account_id text NOT NULL REFERENCES accounts,
      type text NOT NULL,
      brand text NOT NULL,
      last4 text NOT NULL,
      exp_month integer NOT NULL,
      exp_year integer NOT NULL,
      funding text NOT NULL,
      country text,
      fingerprint text,
      created_at timestamptz NOT NULL)`);
    await runner.query('CREATE INDEX payment_methods_of_account ON payment_methods (account_id, created_at DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE payment_methods');
    await runner.query('ALTER TABLE stripe_customers DROP methods_changed, DROP methods_read, DROP methods_read_at');
  }
}
