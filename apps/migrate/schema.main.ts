import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#platform';
import { migrate, openDatabase } from '../rooms.js';
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
