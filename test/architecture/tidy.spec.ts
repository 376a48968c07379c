import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as rules from './tidy-rules.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = ['apps', 'libs', 'migrations', 'test'];
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.data', '.git', 'planted']);
/** These hold the planted faults, so the checks that read text pass them over. */
const CHECKS = /^test\/architecture\/tidy/;
const CODE = new Set(['.ts', '.js', '.mjs', '.sql', '.html', '.css']);

function filesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (NOT_OURS.has(entry.name)) return [];
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const sources = SOURCES.flatMap(filesBelow);
const code = sources.filter((path) => CODE.has(extname(path)) && !CHECKS.test(path));
const specs = code.filter((path) => path.endsWith('.spec.ts'));
/** What is generated from openapi.json is as long as the API is. */
const product = code.filter((path) => /^(?:apps|libs)\//.test(path) && !path.endsWith('.openapi.d.ts'));
const modules = sources.filter((path) => /^libs\/(?!(?:platform|http|outbound|cases)\/)/.test(path));
const written = [...filesBelow('docs'), ...filesBelow('.ci'), ...code, ...rootFiles()].filter(
  (path) => !/\.(?:png|svg|ico|woff2?)$/.test(path),
);

function rootFiles(): string[] {
  const entries = readdirSync(ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !NOT_OURS.has(entry.name)).map(({ name }) => name);
}

type TextCheck = (path: string, text: string) => string[];
const onTexts = (paths: string[], check: TextCheck): string[] => paths.flatMap((path) => check(path, read(path)));

describe('tidy: names and sizes', () => {
  test('no folder is a drawer', () => {
    expect(rules.drawerFolders('libs/orders/utils/pad.ts')).toHaveLength(1);
    expect(sources.flatMap(rules.drawerFolders)).toEqual([]);
  });

  test('no file of the product is too long', () => {
    const lines = (count: number): string => 'line\n'.repeat(count);
    expect(rules.tooLong('libs/a.ts', lines(rules.LONGEST_FILE + 1))).toHaveLength(1);
    expect(rules.tooLong('libs/a.ts', lines(rules.LONGEST_FILE))).toEqual([]);
    expect(onTexts(product, rules.tooLong)).toEqual([]);
  });

  test.each([
    'orders.stuff.helper-two.ts',
    'order.ts',
    'OrderService.ts',
    'services/orders.service.ts',
    'payments.capture.ts',
  ])('libs/orders/%s is a strange name', (name) => {
    expect(rules.strangeFileName(`libs/orders/${name}`)).toHaveLength(1);
  });

  test('the files of all modules have the same names', () => {
    const usual = [
      'index',
      'order.entity',
      'order.state-machine.spec',
      'orders.expire',
      'orders.expire.repository',
      'dto/order.dto',
    ];
    expect(usual.flatMap((name) => rules.strangeFileName(`libs/orders/${name}.ts`))).toEqual([]);
    expect(modules.flatMap(rules.strangeFileName)).toEqual([]);
  });
});

describe('tidy: what is written', () => {
  const planted: [string, TextCheck, string[], string[]][] = [
    ['nothing is left for later', rules.leftovers, ['// TODO later', '/* FIXME */', '// XXX', 'HACK:'], ['todoList']],
    [
      'no test sleeps',
      rules.sleepingTests,
      ['test.skip(', 'it.only(', 'describe.skip.each(', 'test.concurrent.only(', 'test.todo(', 'xit(', 'fdescribe('],
      ['test(', 'test.each(', 'expect(order.only)', 'unfit(', 'process.exit('],
    ],
    [
      'nobody silences the compiler',
      rules.silencedCompiler,
      ['// @ts-ignore', '// @ts-nocheck'],
      ['// @ts-expect-error why'],
    ],
    [
      'no catch is empty',
      rules.emptyCatches,
      ['try { f() } catch {}', 'catch (error) {\n}', 'f().catch(() => {})', 'f().catch((error) => { })'],
      ['catch { /* the file may be gone */ }', 'f().catch(() => undefined)', 'catch { return; }'],
    ],
    [
      'no path is of one machine',
      rules.machinePaths,
      ['/home/anna/holdfast', "'/root/.npm'", '/Users/anna/x', '/work/anna'],
      ['https://example.com/home/anna/', './work/anna', '/usr/bin/chromium', 'libs/work/x'],
    ],
    [
      'SQL stands in repositories only',
      rules.sqlOutsideRepositories,
      [
        "const sql = 'SELECT 1';",
        'const sql = `\n  SELECT\n name FROM partners`;',
        'const sql = `INSERT INTO orders (status) VALUES ($1)`;',
        "const sql = 'UPDATE orders SET status = $1';",
        "const sql = 'UPDATE orders AS o SET status = $1';",
        "const sql = 'DELETE FROM orders';",
        'const sql = `WITH moved AS (${move}) ${note}`;',
        'await tx.manager.insert(OrderEntity, order);',
        'await this.repository.get(id, tx.manager);',
        'const query = repository.createQueryBuilder();',
        'await this.database.query(text);',
        'await tx.query<{ id: string }>(text);',
        'await boss.getDb().executeSql(text);',
      ],
      [
        '// DELETE and UPDATE',
        "call('DELETE /v1/orders')",
        'request.query.limit',
        'querySelector(',
        "title('UPDATE it')",
      ],
    ],
  ];

  test.each(planted)('%s (control)', (_, check, faults, fine) => {
    for (const text of faults) expect([text, check('planted.ts', text).length]).toEqual([text, 1]);
    for (const text of fine) expect(check('planted.ts', text)).toEqual([]);
  });

  test('nothing is left for later', () => expect(onTexts(code, rules.leftovers)).toEqual([]));
  test('no test sleeps', () => expect(onTexts(specs, rules.sleepingTests)).toEqual([]));
  test('nobody silences the compiler', () => expect(onTexts(code, rules.silencedCompiler)).toEqual([]));
  test('no catch is empty', () => expect(onTexts(code, rules.emptyCatches)).toEqual([]));
  test('no path is of one machine', () => expect(onTexts(written, rules.machinePaths)).toEqual([]));

  test('SQL stands in repositories only', () => {
    const sql = "await this.database.query('SELECT 1')";
    expect(rules.sqlOutsideRepositories('libs/orders/orders.repository.ts', sql)).toEqual([]);
    expect(rules.sqlOutsideRepositories('libs/orders/orders.service.ts', sql)).toHaveLength(2);
    expect(onTexts(product, rules.sqlOutsideRepositories)).toEqual([]);
  });

  test('the checks read what they should', () => {
    expect(specs).toContain('test/architecture/boundaries.spec.ts');
    expect(code).toContain('libs/platform/index.ts');
    expect(written).toContain('package.json');
  });
});

describe('tidy: packages', () => {
  test('no address of a registry', () => {
    expect(rules.registryHosts('package-lock.json', '"resolved": "https://npm.example/a.tgz"')).toHaveLength(1);
    expect(rules.registryHosts('.npmrc', 'save-exact=true\nregistry=https://npm.example\n')).toHaveLength(1);
    expect(onTexts(['package-lock.json', '.npmrc'], rules.registryHosts)).toEqual([]);
  });

  test('the lock file has the packages of every platform', () => {
    const parser = { optionalDependencies: { 'parser-mac': '1.0.0' } };
    expect(rules.missingPlatforms({ packages: { 'node_modules/parser': parser } })).toHaveLength(1);
    expect(rules.missingPlatforms({ packages: { 'node_modules/a/node_modules/parser-mac': {}, '': parser } })).toEqual(
      [],
    );
    expect(
      rules.missingPlatforms(JSON.parse(read('package-lock.json')) as Parameters<typeof rules.missingPlatforms>[0]),
    ).toEqual([]);
  });

  test('every install script is decided on', () => {
    const lock = { packages: { 'node_modules/a': { hasInstallScript: true }, 'node_modules/a/node_modules/@b/c': {} } };
    expect(rules.undecidedInstallScripts(lock, { a: false })).toEqual([]);
    expect(rules.undecidedInstallScripts(lock, {})).toHaveLength(1);
    expect(rules.undecidedInstallScripts(lock, { a: true, '@b/c': true })).toHaveLength(1);
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
    const ours = JSON.parse(read('package-lock.json')) as typeof lock;
    expect(rules.undecidedInstallScripts(ours, allowScripts)).toEqual([]);
  });
});

describe('tidy: notifications hears events, and takes nothing else', () => {
  const events = ['OrderPaid'];

  test.each([
    "import { OrdersService } from '#orders';",
    "import { OrderPaid, type Order } from '#orders';",
    "import * as orders from '#orders';",
  ])('control: %s', (text) => {
    expect(rules.moreThanEvents('planted.ts', text, events)).toHaveLength(1);
  });

  test('control: events, a snapshot, and what the modules below offer', () => {
    const text = "import { OrderPaid as Paid, orderSnapshot } from '#orders';\nimport { Partners } from '#partners';\n";
    expect(rules.moreThanEvents('planted.ts', text, events)).toEqual([]);
    expect(rules.exportedNames('export class OrderPaid {}\nexport const other = 1;\nclass Hidden {}')).toEqual([
      'OrderPaid',
      'other',
    ]);
  });

  test('the tree', () => {
    const names = product
      .filter((path) => path.endsWith('.events.ts'))
      .flatMap((path) => rules.exportedNames(read(path)));
    expect(names.length).toBeGreaterThan(5);
    const ears = product.filter((path) => path.startsWith('libs/notifications/') && !path.endsWith('.spec.ts'));
    expect(onTexts(ears, (path, text) => rules.moreThanEvents(path, text, names))).toEqual([]);
  });
});
