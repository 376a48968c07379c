import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENT = read('SECURITY.md');

/** Every row of a table: who tries what, what stops it, and the tests that show it, each as file and name. */
const ROWS = DOCUMENT.split('\n')
  .filter((line) => /^\| (?!tries|-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

function namedTests(cell: string): { file: string; title: string }[] {
  return cell.split(/(?=`test\/)/).flatMap((part) => {
    const file = /^`(test\/[\w./-]+)`: /.exec(part)?.[1];
    return file === undefined
      ? []
      : [...part.matchAll(/“([^”]+)”/g)].map(([, title]) => ({ file, title: title ?? '' }));
  });
}

/** The titles of a file's tests, as they are written. */
function titlesOf(file: string): string[] {
  const calls = /(?:^\s*(?:it|test)\(|^[^/\n]*\)\()\s*(['"`])(.*?)\1,/gm;
  return [...read(file).matchAll(calls)].map(([, , title]) => title ?? '');
}

describe('SECURITY.md', () => {
  it('names who might attack', () => {
    const attackers = [...DOCUMENT.matchAll(/^## ((?:A|Another|An|Somebody) .*)$/gm)].map(([, name]) => name);
    expect(attackers).toHaveLength(7);
  });

  it('says for every attempt what stops it, and shows it by a test that is there', () => {
    expect(ROWS.length).toBeGreaterThan(30);
    const missing = ROWS.flatMap(([attempt = '', stop = '', shown = '']) => {
      if (stop.length < 10) return [`${attempt}: nothing stops it`];
      const tests = namedTests(shown);
      if (tests.length === 0) return shown === 'the same' ? [] : [`${attempt}: no test`];
      return tests
        .filter(({ file, title }) => !existsSync(join(ROOT, file)) || !titlesOf(file).includes(title))
        .map(({ file, title }) => `${file}: “${title}”`);
    });
    expect(missing).toEqual([]);
  });

  it('would miss a test that is not there, or only in a comment (control)', () => {
    const [own = ''] = namedTests('`test/integration/docs.security.spec.ts`: “names who might attack”').map(
      ({ title }) => title,
    );
    const titles = titlesOf('test/integration/docs.security.spec.ts');
    expect(titles).toContain(own);
    expect(titles).toHaveLength(3);
    // it('is only a comment', …)
    expect(titles).not.toContain('is only a comment');
  });
});
