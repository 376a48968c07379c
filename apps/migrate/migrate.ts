import { loadMigrator, type Config } from '#platform/setup';
import { MIGRATIONS } from '../../migrations/index.js';

/** Brings the database to this version, from whatever version it is at. */
export async function migrate(config: Pick<Config, 'database'>): Promise<void> {
  const migrateDatabase = await loadMigrator();
  await migrateDatabase(config, MIGRATIONS);
}
