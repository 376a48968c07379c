/**
 * Runs the linter as `npm run lint` does, on files with a fault per rule (planted/lint), laid out like the tree, so that each
 * is judged by the settings of its folder. A line with a fault says so: `fires: RULE, RULE`, or `the next line fires: RULE`.
 * A rule that no longer fires, fires elsewhere, or has no planted fault fails here.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

interface Report {
  diagnostics: { code?: string; message: string; filename: string; labels: { span: { line: number } }[] }[];
}

const ROOT = resolve(import.meta.dirname, '../..');
const PLANTED = join(import.meta.dirname, 'planted/lint');
const STRIPE_JS = 'apps/stripe-sandbox/stripe-js/browser';
const SETTINGS = [
  '.oxlintrc.json',
  'package.json',
  'tsconfig.json',
  `${STRIPE_JS}/tsconfig.json`,
  'test/architecture/lint-plugin.mjs',
  '.oxfmtrc.json',
];

/** What `module/bin` prints in a folder; it exits with 1 when there are faults. */
async function output(folder: string, bin: string, ...args: string[]): Promise<string> {
  const program = [join(ROOT, 'node_modules', bin), ...args];
  return promisify(execFile)(process.execPath, program, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

/** `eslint(no-var)` is configured as `no-var`, `typescript(unbound-method)` as `typescript/unbound-method`. */
function ruleOf({ code, message }: Report['diagnostics'][number]): string {
  if (code !== undefined) return code.replace(/^(.+)\((.+)\)$/, '$1/$2').replace(/^eslint\//, '');
  return message.startsWith('Unused ') ? 'unused-directive' : message;
}

/**
 * `PATH:LINE RULE` of each fault that is reported: by the linter, and by tsc, which finds unused variables in Stripe.js. With
 * it, the files that the formatter would change.
 */
async function reported(): Promise<{ faults: string[]; unformatted: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-lint-'));
  try {
    await cp(PLANTED, folder, { recursive: true });
    await writeLongFiles(folder);
    for (const path of SETTINGS) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await cp(join(ROOT, path), join(folder, path));
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const [lint, types, unformatted] = await Promise.all([
      output(folder, 'oxlint/bin/oxlint', '--format=json', 'apps', 'libs', 'test'),
      output(folder, 'native-typescript/bin/tsc', '--pretty', 'false', '--project', STRIPE_JS),
      output(folder, 'oxfmt/bin/oxfmt', '--list-different', 'libs/orders'),
    ]);
    const unused = types.matchAll(/^(.+)\((\d+),\d+\): error (TS6133): '(?!unusedParameter')/gm);
    const faults = [
      ...(JSON.parse(lint) as Report).diagnostics.map(
        (found) => `${found.filename}:${found.labels[0]?.span.line} ${ruleOf(found)}`,
      ),
      ...[...unused].map(([, path, line, code]) => `${path}:${line} ${code}`),
    ];
    return { faults: faults.sort(), unformatted };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files and functions that are as long as they may be, and by a line longer. */
async function writeLongFiles(folder: string): Promise<void> {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, n) => `export const a${n} = 1;\n`).join('');
  const fn = (count: number): string =>
    `export function long() {\n${'  // comment\n\n  String(1);\n'.repeat(count - 2)}}\n`;
  const files = { 'longest-file': lines(350), 'too-long-file': lines(351), longest: fn(60), 'too-long': fn(61) };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, 'libs/orders', `${name}.ts`), text);
    await writeFile(join(folder, 'libs/orders', `${name}.spec.ts`), text);
  }
}

const LONG = ['libs/orders/too-long-file.ts:351 max-lines', 'libs/orders/too-long.ts:1 max-lines-per-function'];

/** `PATH:LINE RULE` of each fault that a planted file marks. */
async function marked(): Promise<string[]> {
  const entries = await readdir(PLANTED, { recursive: true, withFileTypes: true });
  const faults = LONG.slice();
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name);
    for (const [n, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
      const [, next, rules = ''] = /(the next line )?fires: (.+)$/.exec(line) ?? [];
      const number = next === undefined ? n + 1 : n + 2;
      for (const rule of rules.split(', ').filter(Boolean))
        faults.push(`${path.slice(PLANTED.length + 1)}:${number} ${rule}`);
    }
  }
  return faults.sort();
}

/** The rules that are on in some folder. */
async function configured(): Promise<string[]> {
  const text = (await readFile(join(ROOT, '.oxlintrc.json'), 'utf8')).replace(/^\s*\/\/.*$/gm, '');
  const { rules, overrides } = JSON.parse(text) as Record<'rules', object> & { overrides: { rules?: object }[] };
  const all = [rules, ...overrides.map((override) => override.rules ?? {})].flatMap((part) => Object.entries(part));
  return [...new Set(all.filter(([, setting]) => setting !== 'off').map(([rule]) => rule))].sort();
}

// Before the tests and not in a hook: when it fails, the file fails once instead of every test with the same text.
const [{ faults, unformatted }, expected] = await Promise.all([reported(), marked()]);

describe('lint', () => {
  test('fires exactly where a planted fault is marked', () => {
    expect(faults).toEqual(expected);
  });

  test('has a planted fault for every rule', async () => {
    const planted = new Set(expected.map((fault) => fault.split(' ')[1]));
    expect((await configured()).filter((rule) => !planted.has(rule))).toEqual([]);
    expect((await configured()).length).toBeGreaterThan(100);
  });

  test('is about mistakes; a file that is not formatted is named by the formatter', () => {
    expect(unformatted.split('\n')).toContain('libs/orders/mistakes.ts');
    expect(unformatted.split('\n')).not.toContain('libs/orders/longest-file.ts');
  });
});
