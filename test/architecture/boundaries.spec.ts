import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

interface Violation {
  rule: string;
  from: string;
  to: string;
}
interface Cruise {
  directory: string;
  modules: number;
  violations: Violation[];
}

const ROOT = resolve(import.meta.dirname, '../..');
const PLANTED = join(import.meta.dirname, 'planted');

/** The table of ARCHITECTURE.md, repeated by hand so that a slip in the configuration is seen. */
const DEPENDENCIES: Record<string, string> = {
  platform: '',
  http: 'platform',
  outbound: 'platform',
  cases: 'platform',
  stripe: 'platform http',
  partners: 'platform http outbound',
  accounts: 'platform http partners',
  orders: 'platform http partners accounts',
  'payment-methods': 'platform http stripe partners accounts',
  payments: 'platform http cases stripe partners orders payment-methods',
  refunds: 'platform http cases stripe partners orders payments',
  fulfillment: 'platform http outbound cases partners orders payments',
  webhooks: 'platform http cases stripe payment-methods payments refunds',
  notifications: 'platform http outbound cases partners orders payments refunds',
  operators: 'platform http cases stripe partners orders payments refunds fulfillment webhooks notifications',
  console: 'platform http cases orders payments refunds notifications operators',
};
const MODULES = Object.keys(DEPENDENCIES);

/** A small project of empty modules, with our package.json and packages. */
async function emptyProject(directory: string): Promise<void> {
  for (const module of MODULES) {
    await mkdir(join(directory, 'libs', module), { recursive: true });
    await writeFile(join(directory, 'libs', module, 'index.ts'), `export const module = '${module}';\n`);
  }
  await cp(join(ROOT, 'package.json'), join(directory, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

/** Every module imports every other one: what is not reported is allowed. */
async function everyDependency(directory: string): Promise<void> {
  await emptyProject(directory);
  for (const module of MODULES) {
    const others = MODULES.filter((other) => other !== module);
    const imports = others.map((other, n) => `import { module as r${n} } from '#${other}';\n`);
    await writeFile(join(directory, 'libs', module, `${module}.everything.ts`), imports.join(''));
  }
}

async function plant(name: string, directory: string): Promise<void> {
  await emptyProject(directory);
  await cp(join(PLANTED, name), directory, { recursive: true });
}

/** Builds the small projects, and checks them and the tree in one process. */
async function cruiseAll(): Promise<{ rules: string[]; results: Cruise[] }> {
  const scratch = await mkdtemp(join(tmpdir(), 'holdfast-planted-'));
  try {
    await emptyProject(join(scratch, 'an empty project'));
    await everyDependency(join(scratch, 'every dependency'));
    for (const name of planted) await plant(name, join(scratch, name));
    const directories = (await readdir(scratch)).map((name) => join(scratch, name));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, 'cruise.mjs'), ROOT, ...directories],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    return JSON.parse(stdout) as { rules: string[]; results: Cruise[] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Those in `lint` are for the linter (lint.spec.ts). */
const planted = (await readdir(PLANTED)).filter((name) => name !== 'lint');
// Before the tests and not in a hook: when it fails, the file fails once instead of every test with the same text.
const { rules, results } = await cruiseAll();

function cruiseOf(name: string): Cruise {
  const found = results.find(({ directory }) =>
    directory === ROOT ? name === 'the tree' : basename(directory) === name,
  );
  if (!found) throw new Error(`nothing was cruised under the name ${name}`);
  return found;
}

describe('boundaries', () => {
  test('the tree has no violation', () => {
    expect(cruiseOf('the tree').violations).toEqual([]);
    expect(cruiseOf('the tree').modules).toBeGreaterThan(10);
  });

  test('an empty project has no violation', () => {
    expect(cruiseOf('an empty project').violations).toEqual([]);
    expect(cruiseOf('an empty project').modules).toBe(MODULES.length);
  });

  test('every rule has a planted violation, and every plant a rule', () => {
    expect([...planted].sort()).toEqual([...rules].sort());
  });

  test.each(planted)('%s bites, and nothing else does', (name) => {
    expect(cruiseOf(name).violations.map(({ rule }) => rule)).toEqual([name]);
  });

  test('of all dependencies between modules, the allowed ones are those of the table', () => {
    const isDependency = ({ rule }: Violation): boolean => rule.startsWith('dependencies-of-');
    const forbidden = cruiseOf('every dependency')
      .violations.filter(isDependency)
      .map(({ from, to }) => `${dirname(from).slice(5)} → ${dirname(to).slice(5)}`);
    const expected = MODULES.flatMap((module) =>
      MODULES.filter((other) => other !== module && !DEPENDENCIES[module]?.split(' ').includes(other)).map(
        (other) => `${module} → ${other}`,
      ),
    );
    expect(forbidden.sort()).toEqual(expected.sort());
  });

  test('every folder of libs/ is a module with dependencies and a name of its own', async () => {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      imports: Record<string, unknown>;
    };
    const folders = await readdir(join(ROOT, 'libs'));
    expect(folders.filter((folder) => !MODULES.includes(folder))).toEqual([]);
    // The platform has a second public API, which loads no NestJS.
    const setup = '#platform/setup';
    expect(Object.keys(manifest.imports).sort()).toEqual([setup, ...MODULES.map((module) => `#${module}`)].sort());
    expect(manifest.imports[setup]).toEqual({
      'holdfast-source': './libs/platform/setup.ts',
      default: './dist/libs/platform/setup.js',
    });
    for (const module of MODULES) {
      expect(manifest.imports[`#${module}`]).toEqual({
        'holdfast-source': `./libs/${module}/index.ts`,
        default: `./dist/libs/${module}/index.js`,
      });
    }
  });
});
