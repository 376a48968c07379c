import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { queriesText } from './queries.js';
import { queriesOf } from './sql-texts.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FILE = join(ROOT, 'docs/queries.sql');

describe('docs/queries.sql', () => {
  test('control: SQL with its constants, and calls of TypeORM, by method', () => {
    const code = `
      const LIMIT = 50;
      const OPEN = 'closed_at IS NULL';
      class R {
        constructor(@InjectRepository(CaseEntity) private readonly rows: Repository<CaseEntity>) {}
        async find() {
          if (!id) throw new Error('no case');
          await tx.query(\`SELECT 1 FROM cases WHERE \${OPEN} AND \${where(id)} LIMIT \${LIMIT}\`);
          return this.rows
            .findOneBy({ id });
        }
      }
      function where() { return 'a = 1 AND b = 2'; }`;
    expect(queriesOf('libs/cases/cases.repository.ts', code)).toEqual([
      {
        owner: 'R.find',
        queries: [
          'SELECT 1 FROM cases WHERE closed_at IS NULL AND ${where(id)} LIMIT 50',
          '-- TypeORM: this.rows.findOneBy({ id })',
        ],
      },
      { owner: 'where', queries: ['a = 1 AND b = 2'] },
    ]);
  });

  test('is what `npm run queries` makes of the code', async () => {
    const text = await queriesText(ROOT);
    if (process.env.WRITE_QUERIES === '1') writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
    // Every file with SQL is there, with something of it.
    expect(text.match(/^-- ===== (?:libs|apps)\/\S+$/gm)?.length).toBeGreaterThan(20);
    expect(text).toMatch(/-- OrdersRepository\.apply\nWITH changed AS \(/);
    expect(text).toMatch(/INSERT INTO "orders" AS "OrderEntity"\("order_number", /);
  });
});
