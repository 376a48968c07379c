import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Partner keys have a name and a scope, are replaced with an overlap, and show when they were last used. */
export class LifeOfPartnerKeys1795487100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE partner_keys
      ADD name text NOT NULL DEFAULT 'first key',
      ADD scope text NOT NULL DEFAULT 'full' CHECK (scope IN ('full', 'read-only')),
      ADD last_used_at timestamptz,
      ADD expires_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The former version knows neither scopes nor ends: a key that it would take for more than it is ends here.
    await runner.query(`UPDATE partner_keys SET revoked_at = coalesce(expires_at, now())
      WHERE revoked_at IS NULL AND (scope <> 'full' OR expires_at IS NOT NULL)`);
    await runner.query('ALTER TABLE partner_keys DROP name, DROP scope, DROP last_used_at, DROP expires_at');
  }
}
