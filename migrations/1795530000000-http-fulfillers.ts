import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What calls to a partner's fulfilment address need: how often, signed with what, and whether the address answers at all. */
export class HttpFulfillers1795530000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE partners ADD fulfillment_attempts integer NOT NULL DEFAULT 20
      CONSTRAINT partners_fulfillment_attempts_check CHECK (fulfillment_attempts BETWEEN 1 AND 40)`);
    await runner.query(`CREATE TABLE fulfillment_secrets (
      fulfillment_secret_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      partner_id text NOT NULL REFERENCES partners,
      encrypted text NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz)`);
    await runner.query(`CREATE UNIQUE INDEX fulfillment_secrets_one_newest ON fulfillment_secrets (partner_id)
      WHERE expires_at IS NULL`);
    await runner.query(`CREATE TABLE fulfillment_circuits (
      address text PRIMARY KEY,
      failures integer NOT NULL CHECK (failures > 0),
      open_until timestamptz)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE fulfillment_circuits, fulfillment_secrets');
    await runner.query('ALTER TABLE partners DROP fulfillment_attempts');
  }
}
