import { PgBoss } from 'pg-boss';
import type { Config } from './config.js';
import { createDataSource } from './data-source.js';

type Migrations = Parameters<typeof createDataSource>[1];

/**
 * Brings the database to this version, from whatever version it is at.
 * @throws Error when the database cannot be reached
 */
export async function migrateDatabase(config: Pick<Config, 'database'>, migrations: Migrations): Promise<void> {
  const dataSource = await createDataSource(config, migrations).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
  await migrateJobs(config.database.url);
}

/** Installs or upgrades pg-boss's own schema; part of migrating. */
async function migrateJobs(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  await boss.start();
  await boss.stop({ graceful: false });
}
