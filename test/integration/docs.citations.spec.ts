import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as citations from '../support/citations.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Contains planted citations that must not resolve. */
const SELF = 'test/integration/docs.citations.spec.ts';
const FACTS = 'docs/stripe-facts.md';
const SCENARIOS = 'docs/scenarios.md';
const FOLDERS = ['apps', 'docs', 'libs', 'migrations', 'test'];
const TEXT = /\.(?:ts|js|mjs|sql|html|css|md|py)$/;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function textFiles(): string[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const beside = readdirSync(ROOT).filter((name) => /\.(?:md|js)$/.test(name));
  return [...below, ...beside].filter(
    (path) => TEXT.test(path) && path !== SELF && statSync(join(ROOT, path)).isFile(),
  );
}

const TEXTS = new Map(textFiles().map((path) => [path, read(path)]));
const page = (path: string): string => TEXTS.get(path) ?? '';
const each = (complaints: (path: string, text: string) => string[]): string[] =>
  [...TEXTS].flatMap(([path, text]) => complaints(path, text));

it('reads the code, the tests, the migrations and the documents', () => {
  for (const path of ['libs/platform/index.ts', 'test/run.mjs', 'migrations/schema.sql', FACTS, 'README.md'])
    expect([...TEXTS.keys()]).toContain(path);
});

describe('docs/stripe-facts.md', () => {
  const sections = citations.factSections(page(FACTS));

  it('has every section that is cited', () => {
    expect(each((path, text) => (path === FACTS ? [] : citations.unresolvedFacts(path, text, sections)))).toEqual([]);
    expect(citations.unresolvedOwnSections(page(FACTS), sections)).toEqual([]);
    expect(sections.size).toBeGreaterThan(80);
  });

  it('names of each fact its grade and its source; the files of the package are there, with that many lines', () => {
    const linesIn = (file: string): number | undefined => {
      const places = ['esm/resources', 'esm', '.'].map((folder) => join(ROOT, 'node_modules/stripe', folder, file));
      const lines = places
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, 'utf8').split('\n').length);
      return lines.length === 0 ? undefined : Math.max(...lines);
    };
    expect(citations.factsWithoutSource(page(FACTS), linesIn)).toEqual([]);
  });

  it('is of the version of the package that is installed', () => {
    const { version } = JSON.parse(read('node_modules/stripe/package.json')) as { version: string };
    expect(page(FACTS)).toContain(`Valid for \`stripe\` ${version} `);
  });

  it.each([
    ['facts §9.9', 1],
    ['facts §3.2, §99', 1],
    ['as §3.2 says', 1],
    ['Facts §3.2, §4: both are there', 0],
    ['facts §3.2. A sentence that ends', 0],
  ])('control: “%s” gives %i complaints', (text, count) => {
    expect(citations.unresolvedFacts('planted.ts', text, new Set(['3.2', '4']))).toHaveLength(count);
  });

  it.each([
    ['- **1.1** A fact.', 1],
    ['- **1.1** A fact. [docs] the pages of Stripe', 1],
    ['- **1.1** A fact. [types] some file', 1],
    ['- **1.1** A fact. [types] `Here.d.ts:11`', 1],
    ['- **1.1** A fact. [types] `Elsewhere.d.ts:1`', 1],
    ['- **1.1** A fact. [types] `Here.d.ts:10`\n  [docs] https://docs.stripe.com', 0],
    ['- **1.1** A fact that was not verified. [memory]', 0],
  ])('control: “%s” gives %i complaints', (text, count) => {
    const linesIn = (file: string): number | undefined => (file === 'Here.d.ts' ? 10 : undefined);
    expect(citations.factsWithoutSource(text, linesIn)).toHaveLength(count);
  });
});

describe('docs/scenarios.md', () => {
  const listed = citations.scenarioList(page(SCENARIOS));
  const carried = new Map<string, string[]>();
  for (const [path, text] of TEXTS) {
    if (!path.endsWith('.spec.ts')) continue;
    for (const number of citations.scenariosCarriedBy(text))
      carried.set(number, [...(carried.get(number) ?? []), path].sort());
  }

  it('names of each scenario the test files that carry its number, and there is at least one', () => {
    const expected = [...listed.keys()].map((number) => [number, carried.get(number) ?? 'no test']);
    expect([...listed]).toEqual(expected);
    expect(listed.size).toBeGreaterThan(35);
  });

  it('lists every scenario that a test, a comment or a document names', () => {
    expect(
      each((path, text) => {
        const unknown = citations.scenariosIn(text).filter((number) => !listed.has(number));
        return unknown.map((number) => `${path}: ${number}`);
      }),
    ).toEqual([]);
  });

  it('says of each scenario what must happen, and where it was seen', () => {
    const scenarios = citations.listItems(page(SCENARIOS)).filter((item) => item.startsWith('- **S'));
    expect(scenarios.filter((item) => !/ → .+ - Tests: .+ - Sources: (?:https:|no public page)/.test(item))).toEqual(
      [],
    );
  });

  it('control: a number in a comment carries no scenario, and one in a title does', () => {
    expect(citations.scenariosCarriedBy("// S91\n/** S92 */\nit('does it (S93, S94)', () => {});")).toEqual([
      'S93',
      'S94',
    ]);
    expect(citations.scenariosIn('HS256, S3 and S99')).toEqual(['S99']);
    const item = '- **S01** Something. → Else.\n  - Tests: `b.spec.ts`,\n    `a.spec.ts`\n  - Sources: https://x';
    expect([...citations.scenarioList(item)]).toEqual([['S01', ['a.spec.ts', 'b.spec.ts']]]);
  });
});

describe('the invariants', () => {
  const rows = [...page(SCENARIOS).matchAll(/^\| (\d+) +\|(.*)\|$/gm)].map(([, number, cells]) => ({
    number: Number(number),
    audit: cells!.split('|')[1]!.trim(),
    tests: [...cells!.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!),
  }));
  const numbers = rows.map(({ number }) => number);

  it('are twelve, numbered, and each names tests that exist', () => {
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(rows.filter(({ tests }) => tests.length === 0).map(({ number }) => number)).toEqual([]);
    expect(rows.flatMap(({ tests }) => tests).filter((file) => !TEXTS.has(file))).toEqual([]);
  });

  it('are each named by a test’s title, by no number that is not there, and by the audit where the table says so', () => {
    const inTitles = [...TEXTS]
      .filter(([path]) => path.endsWith('.spec.ts'))
      .flatMap(([, text]) => citations.numbersAfter('invariant', text));
    expect([...new Set(inTitles)].sort((one, other) => one - other)).toEqual(numbers);
    const everywhere = each((path, text) =>
      citations
        .numbersAfter('invariant', text)
        .filter((number) => !numbers.includes(number))
        .map((number) => `${path}: invariant ${number}`),
    );
    expect(everywhere).toEqual([]);
    const audited = [...TEXTS]
      .filter(([path]) => path.startsWith('apps/audit/'))
      .flatMap(([, text]) => [
        ...citations.numbersAfter('invariant', text),
        ...[...text.matchAll(/\bnote\((\d+),/g)].map(([, number]) => Number(number)),
      ]);
    expect(rows.filter(({ audit }) => audit === 'yes').map(({ number }) => number)).toEqual(
      numbers.filter((number) => audited.includes(number)),
    );
  });

  it('control: numbers are found after the word, several at a time', () => {
    expect(citations.numbersAfter('invariant', 'invariants 4 and 5; invariant: 13; (S39, invariant 8)')).toEqual([
      4, 5, 13, 8,
    ]);
    expect(citations.numbersAfter('decision', 'Decision 17, and decisions 3, 4 and 99. 2 decisions')).toEqual([
      17, 3, 4, 99,
    ]);
  });
});

describe('citations of documents', () => {
  it('name decisions that exist', () => {
    const decisions = readdirSync(join(ROOT, 'docs/decisions')).map((name) => Number(name.slice(0, 4)));
    expect(
      each((path, text) => {
        const linked = [...text.matchAll(/\[decision (\d+)\]\([^)]*\/?(\d{4})-[^)]*\)/g)];
        return [
          ...citations.numbersAfter('decision', text).filter((number) => !decisions.includes(number)),
          ...linked.filter(([, number, file]) => Number(number) !== Number(file)).map(([link]) => link),
        ].map((citation) => `${path}: decision ${citation}`);
      }),
    ).toEqual([]);
  });

  it('name pages that exist, in comments too', () => {
    expect(
      each((path, text) =>
        [...text.matchAll(/(?<![\w/.-])docs\/[\w/.-]+\.md\b/g)]
          .filter(([name]) => !TEXTS.has(name))
          .map(([name]) => `${path}: ${name}`),
      ),
    ).toEqual([]);
  });

  it('link to files and headings that exist', () => {
    const target = (path: string): string | undefined =>
      TEXTS.get(path) ?? (existsSync(join(ROOT, path)) ? '' : undefined);
    const pages = [...TEXTS].filter(([path]) => path.endsWith('.md'));
    expect(pages.flatMap(([path, text]) => citations.brokenLinks(path, text, target))).toEqual([]);
    expect(pages.flatMap(([path, text]) => citations.relativeLinks(path, text)).length).toBeGreaterThan(50);
  });

  it.each([
    ['[x](gone.md)', 1],
    ['[x](there.md#no-such-heading)', 1],
    ['[x](#no-such-heading)', 1],
    ['[x](../docs/there.md#what-it-is-for-and-23-payment_status)', 0],
    ['[x](there.md#twice-1), [y](https://example.com/gone.md), [z](#own)\n\n# Own', 0],
    ['[x](there.md#not-a-heading)', 1],
  ])('control: “%s” gives %i complaints', (text, count) => {
    const files: Record<string, string> = {
      'docs/here.md': text,
      'docs/there.md': '# Twice\n## Twice\n### What it is for, and 2.3 `payment_status`\n```\n# Not a heading\n```\n',
    };
    expect(citations.brokenLinks('docs/here.md', text, (path) => files[path])).toHaveLength(count);
  });
});
