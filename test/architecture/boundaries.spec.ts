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

/** The table of ARCHITECTURE.md once more, by hand, so that a slip in the configuration is seen. */
const ARROWS: Record<string, string> = {
  platform: '',
  stripe: 'platform',
  accounts: 'platform',
  orders: 'platform accounts',
  'payment-methods': 'platform accounts stripe',
  payments: 'platform stripe accounts orders payment-methods',
  fulfillment: 'platform accounts orders payments',
  webhooks: 'platform stripe payments payment-methods',
  notifications: 'platform accounts orders payments',
  operators: 'platform stripe accounts orders payments fulfillment webhooks notifications',
};
const ROOMS = Object.keys(ARROWS);

/** A small house of empty rooms, with our package.json and packages. */
async function emptyHouse(directory: string): Promise<void> {
  for (const room of ROOMS) {
    await mkdir(join(directory, 'libs', room), { recursive: true });
    await writeFile(join(directory, 'libs', room, 'index.ts'), `export const room = '${room}';\n`);
  }
  await cp(join(ROOT, 'package.json'), join(directory, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

/** Every room imports every other one: what is not reported is allowed. */
async function everyArrow(directory: string): Promise<void> {
  await emptyHouse(directory);
  for (const room of ROOMS) {
    const others = ROOMS.filter((other) => other !== room);
    const imports = others.map((other, n) => `import { room as r${n} } from '#${other}';\n`);
    await writeFile(join(directory, 'libs', room, `${room}.everything.ts`), imports.join(''));
  }
}

async function plant(name: string, directory: string): Promise<void> {
  await emptyHouse(directory);
  await cp(join(PLANTED, name), directory, { recursive: true });
}

/** Builds the small houses, and has one process cruise them all and the tree. */
async function cruiseAll(): Promise<{ rules: string[]; results: Cruise[] }> {
  const scratch = await mkdtemp(join(tmpdir(), 'holdfast-planted-'));
  try {
    await emptyHouse(join(scratch, 'an empty house'));
    await everyArrow(join(scratch, 'every arrow'));
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

  test('an empty house has no violation', () => {
    expect(cruiseOf('an empty house').violations).toEqual([]);
    expect(cruiseOf('an empty house').modules).toBe(ROOMS.length);
  });

  test('every rule has a planted violation, and every plant a rule', () => {
    expect([...planted].sort()).toEqual([...rules].sort());
  });

  test.each(planted)('%s bites, and nothing else does', (name) => {
    expect(cruiseOf(name).violations.map(({ rule }) => rule)).toEqual([name]);
  });

  test('of all arrows between rooms, the allowed ones are those of the table', () => {
    const isArrow = ({ rule }: Violation): boolean => rule.startsWith('arrows-of-');
    const forbidden = cruiseOf('every arrow')
      .violations.filter(isArrow)
      .map(({ from, to }) => `${dirname(from).slice(5)} → ${dirname(to).slice(5)}`);
    const expected = ROOMS.flatMap((room) =>
      ROOMS.filter((other) => other !== room && !ARROWS[room]?.split(' ').includes(other)).map(
        (other) => `${room} → ${other}`,
      ),
    );
    expect(forbidden.sort()).toEqual(expected.sort());
  });

  test('every folder of libs/ is a room with arrows and a name of its own', async () => {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      imports: Record<string, unknown>;
    };
    const folders = await readdir(join(ROOT, 'libs'));
    expect(folders.filter((folder) => !ROOMS.includes(folder))).toEqual([]);
    expect(Object.keys(manifest.imports).sort()).toEqual(ROOMS.map((room) => `#${room}`).sort());
    for (const room of ROOMS) {
      expect(manifest.imports[`#${room}`]).toEqual({
        'holdfast-source': `./libs/${room}/index.ts`,
        default: `./dist/libs/${room}/index.js`,
      });
    }
  });
});
