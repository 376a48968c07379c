import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../apps/migrate/migrate.js';
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
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  writeFileSync(
    'migrations/schema.sql',
    await schemaAsText(async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows),
  );
  await client.end();
} finally {
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
