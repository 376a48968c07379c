import { ConfigError, readConfig } from '#platform/setup';
import { migrate } from './migrate.js';

/** For installations that do not use `npm start`: run once before the programs of a new version are started. */
migrate(readConfig(process.env)).catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
