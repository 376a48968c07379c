import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EXCEPTIONS, foreignEntities, foreignTables, TABLES } from './tables.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).sort();

describe('tables: each belongs to one module, and no other module reads or writes it', () => {
  test.each([
    ['by FROM', "await tx.query('SELECT status FROM orders');"],
    ['by JOIN', 'await tx.query(`SELECT 1 FROM payments p\n JOIN orders o USING (order_number)`);'],
    ['by a comma', 'await tx.query(`SELECT 1 FROM payments p, orders o`);'],
    ['by INSERT', 'const sql = `INSERT INTO orders (status) VALUES ($1)`;'],
    ['by UPDATE', "const sql = 'UPDATE orders SET status = $1';"],
    ['by DELETE', "const sql = 'DELETE FROM orders';"],
    ['by EXISTS', "query.where('EXISTS (SELECT FROM orders)');"],
    ['through a constant', "const rows = 'orders';\nconst sql = `SELECT 1 FROM ${rows}`;"],
  ])('control: %s', (_, code) => {
    expect(foreignTables('libs/payments/payments.repository.ts', code)).toEqual([
      { owner: expect.any(String), table: 'orders' },
    ]);
  });

  test('control: a method is named with its class', () => {
    const code = "class R { async find() { return tx.query('SELECT FROM orders'); } }";
    expect(foreignTables('libs/payments/payments.repository.ts', code)).toEqual([{ owner: 'R.find', table: 'orders' }]);
  });

  test.each([
    ['the module’s own table', "await tx.query('SELECT 1 FROM payments');"],
    ['an import', "import { OrdersRepository } from '#orders';"],
    ['a comment', '// SELECT FROM orders'],
    ['a text that is no SQL', "throw new Error('no orders');"],
    ['a part of a name', "const sql = 'SELECT orders_seen FROM payments';"],
  ])('control: not %s', (_, code) => {
    expect(foreignTables('libs/payments/payments.repository.ts', code)).toEqual([]);
  });

  test('control: entities', () => {
    const entity = "@Entity('orders')\nexport class OrderEntity {}";
    expect(foreignEntities('libs/payments/payment.entity.ts', entity)).toHaveLength(1);
    expect(foreignEntities('libs/orders/order.entity.ts', entity)).toEqual([]);
    const imported = "import { type Actor, OrderEntity } from '#orders';";
    expect(foreignEntities('libs/payments/payments.repository.ts', imported)).toHaveLength(1);
    const type = "import { type OrderEntity } from '#orders';\nimport type { PartnerEntity } from '#partners';";
    expect(foreignEntities('libs/payments/payments.repository.ts', type)).toEqual([]);
  });

  test('every table of the migrations belongs to one module', () => {
    const made = filesOf('migrations/*.ts').flatMap((path) =>
      [...read(path).matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table),
    );
    const owned = Object.values(TABLES).flat();
    expect(made.length).toBeGreaterThan(20);
    expect(owned.filter((table) => table !== 'pgboss').sort()).toEqual([...new Set(made)].sort());
    expect(new Set(owned).size).toBe(owned.length);
  });

  test('the tree: no foreign table but the exceptions, each of which is there', () => {
    const repositories = filesOf('libs/*/*.repository.ts');
    expect(repositories.length).toBeGreaterThan(15);
    const found = repositories.flatMap((path) => foreignTables(path, read(path)));
    const excepted = EXCEPTIONS.map(({ owner, table }) => ({ owner, table }));
    expect(found).toEqual(excepted);
    for (const { why } of EXCEPTIONS) expect(why.length).toBeGreaterThan(20);
    const entities = filesOf('libs/*/*.{entity,repository}.ts');
    expect(entities.flatMap((path) => foreignEntities(path, read(path)))).toEqual([]);
  });

  test('apps/audit reads tables, and writes none', () => {
    const files = filesOf('apps/audit/*.repository.ts');
    expect(files.length).toBeGreaterThan(1);
    for (const path of files)
      expect([path, read(path).match(/\b(?:INSERT|UPDATE|DELETE|TRUNCATE)\b/)]).toEqual([path, null]);
  });
});
