import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/** What stands between an npm script and code that is no longer the source (`built` in package.json). */
const ROOT = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-built-'));
  for (const file of ['package.json', '.swcrc']) cpSync(join(ROOT, file), join(folder, file));
  for (const name of ['apps', 'libs', 'migrations']) mkdirSync(join(folder, name));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  write('apps/said.ts', 'console.log("first");');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const builtAt = () => statSync(join(folder, 'dist/.built')).mtimeMs;
/** What the build of now says, after the script has looked whether it is one. */
function said(program = 'said'): string {
  // As npm runs it, without the half second that npm takes.
  execFileSync('sh', ['-c', scripts.built ?? ''], { cwd: folder, env: { ...process.env, PATH } });
  return execFileSync(process.execPath, [`dist/apps/${program}.js`], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

test('what has not changed is not built again', () => {
  expect(said()).toBe('first');
  const before = builtAt();
  expect(said()).toBe('first');
  expect(builtAt()).toBe(before);
});

test('what has changed is built before it runs, however it changed', () => {
  expect(said()).toBe('first');
  write('apps/said.ts', 'console.log("second");');
  expect(said()).toBe('second');
  write('apps/said.ts', 'console.log("third");');
  // As a copy that keeps times does.
  utimesSync(join(folder, 'apps/said.ts'), new Date(0), new Date(0));
  expect(said()).toBe('third');
  write('libs/told.ts', 'export const told = "fourth";');
  write('apps/said.ts', 'import { told } from "../libs/told.js"; console.log(told);');
  expect(said()).toBe('fourth');
});

test('a source that is gone leaves nothing behind', () => {
  write('apps/other.ts', 'console.log("other");');
  expect(said('other')).toBe('other');
  rmSync(join(folder, 'apps/other.ts'));
  expect(() => said('other')).toThrow();
});

test('a build that was broken off is not taken for one', () => {
  expect(said()).toBe('first');
  rmSync(join(folder, 'dist/.built'));
  write('dist/apps/said.js', 'console.log("half");');
  expect(said()).toBe('first');
});

test('every script that runs the build looks first', () => {
  const running = Object.entries(scripts).filter(([, script]) => script.includes('node --enable-source-maps dist/'));
  expect(running.map(([name]) => name)).toContain('sandbox');
  for (const [name, script] of running) {
    expect([name, /^npm run --silent (built|build) && /.test(script)]).toEqual([name, true]);
  }
});
