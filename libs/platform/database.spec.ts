import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createDataSource } from './data-source.js';
import { Database, isDatabaseAway } from './database.js';

async function failureOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('a transaction', () => {
  it('holds one connection: a second one is refused, to repositories of TypeORM as well', async () => {
    const source = createDataSource({ database: { url: 'postgres://a:b@127.0.0.1:1/x', embeddedPort: undefined } });
    const refused = /^a statement on a second connection inside a transaction$/;
    await expect(source.insideTransaction(() => source.manager.query('SELECT 1'))).rejects.toThrow(refused);
    const database = new Database(source);
    await expect(source.insideTransaction(() => database.query('SELECT 1'))).rejects.toThrow(refused);
    await expect(source.insideTransaction(() => database.transaction(() => Promise.resolve()))).rejects.toThrow(
      'a second transaction inside a transaction',
    );
  });
});

describe('the database is away', () => {
  it.each([
    ['nobody listens', 'postgres://a:b@127.0.0.1:1/x'],
    ['at neither of its addresses', 'postgres://a:b@localhost:1/x'],
    ['its socket is not there', 'postgres://a@%2Fnowhere/x'],
  ])('%s', async (_, url) => {
    const source = createDataSource({ database: { url } } as Parameters<typeof createDataSource>[0]);
    expect(isDatabaseAway(await failureOf(() => source.initialize()))).toBe(true);
  });

  it('is not why a file is missing, or a defect of ours', async () => {
    expect(isDatabaseAway(await failureOf(() => readFileSync('/nowhere/nothing')))).toBe(false);
    expect(isDatabaseAway(new TypeError('undefined is not a function'))).toBe(false);
    expect(isDatabaseAway(undefined)).toBe(false);
  });
});
