import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../apps/migrate/migrate.js';
import { openDatabase } from '../../apps/modules.js';
import { startEmbeddedPostgres } from '../../apps/start/embedded-postgres.js';
import { freePort } from './free-ports.js';
import { schemaAsText } from './schema.js';

/** `npm run schema`: writes migrations/schema.sql from an empty database that all migrations were applied to. */
const directory = mkdtempSync(join(tmpdir(), 'holdfast-schema-'));
const port = await freePort();
const postgres = await startEmbeddedPostgres({ dataDir: directory, port, settings: ['fsync=off'] });
try {
  const config = { database: { url: postgres.url, embeddedPort: port } };
  await migrate(config);
  const dataSource = await openDatabase(config);
  writeFileSync('migrations/schema.sql', await schemaAsText((sql) => dataSource.query(sql)));
  await dataSource.destroy();
} finally {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
