/**
 * The second public API of the platform: what reads the environment and migrates the database. It loads neither NestJS nor
 * TypeORM, which take a second of processor time, so a program that only starts others, or refuses to start, imports this one.
 */
export { ConfigError, reachable, readConfig, type Config } from './config.js';

/** Loads what migrates a database: for a caller that knows that it will, and has something else to do meanwhile. */
export async function loadMigrator() {
  return (await import('./migrate.js')).migrateDatabase;
}
