import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { schemaAsText } from '../support/schema.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { createTestDatabase } from '../support/database.js';

const WRITTEN = readFileSync(join(resolve(import.meta.dirname, '../..'), 'migrations/schema.sql'), 'utf8');

describe('migrations/schema.sql', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let client: pg.Client;

  const schema = (): Promise<string> =>
    schemaAsText(async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows);

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('is what PostgreSQL describes after all migrations; `npm run schema` writes it', async () => {
    expect(await schema()).toBe(WRITTEN);
  });

  it('names every migration, in order', () => {
    const named = [...WRITTEN.matchAll(/^-- {3}(\w+)$/gm)].map(([, name]) => name);
    expect(named).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  it('describes every table of the schema, and nothing of another schema', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const described = [...WRITTEN.matchAll(/^CREATE TABLE (\w+) \($/gm)].map(([, name]) => name);
    expect(described.toSorted()).toEqual(rows.map(({ name }) => name).sort());
    expect(described.length).toBeGreaterThan(15);
  });

  it.each([
    ['a column', 'ALTER TABLE orders ADD COLUMN planted text', '  planted text,'],
    ['a default', "ALTER TABLE orders ALTER COLUMN metadata SET DEFAULT '{}'", "DEFAULT '{}'::jsonb"],
    ['NOT NULL', 'ALTER TABLE orders ALTER COLUMN external_reference SET NOT NULL', 'external_reference text NOT NULL'],
    ['a type', 'ALTER TABLE refunds ALTER COLUMN amount TYPE numeric(12, 2)', 'amount numeric(12,2) NOT NULL'],
    [
      'a check',
      'ALTER TABLE refunds ADD CONSTRAINT planted CHECK (amount < 5)',
      'CONSTRAINT planted CHECK (amount < 5)',
    ],
    ['an index', 'CREATE INDEX planted ON refunds (amount)', 'CREATE INDEX planted ON public.refunds'],
    ['an enum', "CREATE TYPE planted AS ENUM ('b', 'a')", "CREATE TYPE planted AS ENUM ('b', 'a');"],
    ['a sequence', 'CREATE SEQUENCE planted START 7', 'CREATE SEQUENCE planted AS bigint START 7'],
    ['a view', 'CREATE VIEW planted AS SELECT 1 AS one', 'CREATE VIEW planted AS\n SELECT 1 AS one;'],
    ['a function', "CREATE FUNCTION planted() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'FUNCTION public.planted()'],
    [
      'a trigger',
      'CREATE TRIGGER planted BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      'CREATE TRIGGER planted BEFORE UPDATE ON orders',
    ],
    [
      'a generated column',
      'ALTER TABLE refunds ADD COLUMN planted bigint GENERATED ALWAYS AS (amount + 1) STORED',
      'STORED',
    ],
    ['storage options', 'ALTER TABLE refunds SET (fillfactor = 70)', ') WITH (fillfactor=70);'],
  ])('would show %s that no migration made (control)', async (_name, statement, shown) => {
    expect(WRITTEN).not.toContain(shown);
    await client.query('BEGIN');
    try {
      await client.query(statement);
      expect(await schema()).toContain(shown);
    } finally {
      await client.query('ROLLBACK');
    }
  });
});
