import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const FOLDER = join(resolve(import.meta.dirname, '../..'), 'docs/decisions');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

interface Row {
  readonly number: string;
  readonly title: string;
  readonly file: string;
  readonly enforcedBy: readonly string[];
}

const inCode = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

function indexed(index: string): (Row & { readonly line: string })[] {
  return [...index.matchAll(/^\| (\d+) +\| \[(.+?)\]\((.+?)\) +\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, number = '', title = '', file = '', line = '', enforcedBy = '']) => ({
      number,
      title,
      file,
      line,
      enforcedBy: inCode(enforcedBy),
    }),
  );
}

function decisionIn(file: string, text: string): Row {
  const [, number = '', title = ''] = /^# (\d+)\. (.+)$/m.exec(text) ?? [];
  return { number, title, file, enforcedBy: inCode(text.trim().split('\n\nEnforced by: ').at(-1) ?? '') };
}

describe('docs/decisions/README.md', () => {
  const rows = indexed(read('README.md'));

  it('lists every decision: its number, its title, and what enforces it, as its page says', () => {
    const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
    expect(rows.map(({ line: _line, ...row }) => row)).toEqual(
      pages.sort().map((name) => decisionIn(name, read(name))),
    );
    expect(rows.length).toBeGreaterThan(15);
  });

  it('says each in one line', () => {
    expect(rows.filter(({ line }) => line.length < 20 || line.length > 120)).toEqual([]);
  });

  it('control: a row of another title, or with another test, differs from its page', () => {
    const text = '# 7. Leases\n\nWhy.\n\nEnforced by: `a.spec.ts`, `b.spec.ts`.\n';
    const row = (cells: string) => indexed(`| 7      | ${cells} |`).map(({ line: _line, ...rest }) => rest);
    expect(row('[Leases](7.md) | in a line | `a.spec.ts`, `b.spec.ts`')).toEqual([decisionIn('7.md', text)]);
    expect(row('[Locks](7.md) | in a line | `a.spec.ts`, `b.spec.ts`')).not.toEqual([decisionIn('7.md', text)]);
    expect(row('[Leases](7.md) | in a line | `a.spec.ts`')).not.toEqual([decisionIn('7.md', text)]);
  });
});
