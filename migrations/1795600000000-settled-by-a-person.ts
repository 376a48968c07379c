import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A case of an order that only a person can settle says how it was, once it is closed. */
export class SettledByAPerson1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE operator_cases ADD settlement text
      CHECK (settlement IN ('collected', 'refunded', 'written-off')),
      ADD CHECK (settlement IS NULL OR closed_at IS NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE operator_cases DROP settlement');
  }
}
