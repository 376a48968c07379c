import 'reflect-metadata';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { NOTIFICATION_MOVES } from '#notifications';
import { ORDER_MOVES } from '#orders';
import { DISPUTE_MOVES, REFUND_MOVES } from '#refunds';
import { PAYMENT_MOVES } from '#payments';
import { movesAsText, readConfig, type Moves } from '#platform';
import type { ProblemKind } from '#http';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DECISIONS = readdirSync(join(ROOT, 'docs/decisions'))
  .filter((name) => name !== 'README.md')
  .sort();
const DOCUMENTS = [
  ...['SECURITY.md', 'docs/dependencies.md', 'docs/fulfillers.md'],
  ...[
    'README.md',
    'ARCHITECTURE.md',
    'docs/errors.md',
    'docs/operating.md',
    'docs/notifications.md',
    'docs/lifecycles.md',
    'docs/testing.md',
    'docs/what-happens-when.md',
  ],
  ...['CHANGELOG.md', 'docs/stripe-facts.md', 'docs/scenarios.md', 'docs/versioning.md', 'docs/decisions/README.md'],
  ...['apps/sample-shop/README.md', 'apps/stripe-sandbox/README.md'],
  ...DECISIONS.map((name) => `docs/decisions/${name}`),
];
/** A page of a decision, in lines of text. */
const PAGE_LINES = 45;

/** The part of a document below a heading, up to the next one of any level. */
function section(path: string, heading: string): string {
  const [, after] = read(path).split(new RegExp(`^#+ ${heading}$`, 'm'));
  if (after === undefined) throw new Error(`${path} has no section "${heading}"`);
  return after.split(/^#+ /m)[0] ?? '';
}

/** The rows of the first table in a text, without its heading, each as its cells without code marks. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
}

describe('the lifecycles', () => {
  const arrows = (path: string, heading: string) =>
    [...section(path, heading).matchAll(/^ {2}(\S+) --> (\S+)$/gm)].map(([, from, to]) => ({ from, to }));

  const cases: [string, string, Moves<string>, string[]][] = [
    ['docs/lifecycles.md', "An order's life", ORDER_MOVES, ['New']],
    ['docs/lifecycles.md', "A payment's life", PAYMENT_MOVES, ['Initializing', 'NotRequired']],
    ['docs/lifecycles.md', "A notification's life", NOTIFICATION_MOVES, ['Pending']],
    ['docs/lifecycles.md', "A refund's life", REFUND_MOVES, ['Pending', 'Succeeded', 'Failed']],
    ['docs/lifecycles.md', "A dispute's life", DISPUTE_MOVES, ['Inquiry', 'Open', 'Won', 'Lost', 'Closed']],
  ];

  it.each(cases)('%s, %s: its arrows are the table’s', (path, heading, moves, first) => {
    const drawn = arrows(path, heading);
    const inner = drawn.filter(({ from, to }) => from !== '[*]' && to !== '[*]');
    expect(inner.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(movesAsText(moves));
    expect(drawn.filter(({ from }) => from === '[*]').map(({ to }) => to)).toEqual(first);
    const ends = Object.entries(moves).filter(([, to]) => to.length === 0);
    expect(drawn.filter(({ to }) => to === '[*]').map(({ from }) => from)).toEqual(ends.map(([from]) => from));
  });
});

describe('ARCHITECTURE.md', () => {
  it('gives the modules the dependencies that are checked', async () => {
    const address = pathToFileURL(join(ROOT, '.dependency-cruiser.js')).href;
    const { default: rulebook } = (await import(address)) as {
      default: { forbidden: { name: string; to: { pathNot?: string } }[] };
    };
    const checked = rulebook.forbidden
      .filter(({ name }) => name.startsWith('dependencies-of-'))
      .map(({ name, to }) => [
        name.slice('dependencies-of-'.length),
        /\((?:\?:)?(.*)\)/.exec(to.pathNot ?? '')?.[1] ?? '',
      ]);
    const written = rows(section('ARCHITECTURE.md', 'Modules and dependencies')).map(([module = '', , calls = '']) => [
      module,
      [module, ...(calls === 'nothing' ? [] : calls.split(', '))].join('|'),
    ]);
    expect(written).toEqual(checked);
    expect(written.length).toBeGreaterThan(5);
  });
});

/** Tests that a text names as evidence: the file in code marks, a colon, and the title up to the cell's end. */
const namedTests = (text: string) =>
  [...text.matchAll(/`(test\/[\w./-]+\.spec\.ts)`: (.+?) *\|/g)].map(([, file = '', title = '']) => ({ file, title }));
const missingTests = (text: string) =>
  namedTests(text).filter(({ file, title }) => !existsSync(join(ROOT, file)) || !read(file).includes(title));

describe('evidence', () => {
  it.each([
    ['ARCHITECTURE.md', 'The promises', 7],
    ['docs/what-happens-when.md', 'What happens when…', 25],
  ])('%s names tests that are there', (path, heading, least) => {
    const text = section(path, heading);
    expect(missingTests(text)).toEqual([]);
    expect(namedTests(text).length).toBeGreaterThanOrEqual(least);
    for (const row of rows(text)) expect(row.at(-1)).toMatch(/^`test\/|spec\.ts`: /);
  });

  it('a test that is not there is found (control)', () => {
    expect(missingTests('| a | `test/integration/journey.spec.ts`: no such title |')).toHaveLength(1);
    expect(missingTests('| a | `test/integration/none.spec.ts`: reserves the total |')).toHaveLength(1);
  });
});

describe('docs/errors.md', () => {
  it('lists every kind of problem with its status, and no other', async () => {
    const listed = rows(read('docs/errors.md')).map(([code, status]) => `${status} ${code}`);
    const kinds = (await problemKinds()).map(({ code, status }) => `${status} ${code}`);

    expect(kinds.length).toBeGreaterThan(30);
    expect(listed.toSorted()).toEqual([...new Set(kinds)].sort());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('says for each when it comes and what to do', () => {
    for (const row of rows(read('docs/errors.md'))) expect(row.filter((cell) => cell.length > 3)).toHaveLength(3);
  });

  async function problemKinds(): Promise<ProblemKind[]> {
    const files = readdirSync(join(ROOT, 'libs'), { recursive: true, encoding: 'utf8' });
    const catalogues = files.filter((name) => name.endsWith('.errors.ts') || name === 'http/problem.ts');
    const kinds: ProblemKind[] = [];
    for (const name of catalogues) {
      const exported = (await import(pathToFileURL(join(ROOT, 'libs', name)).href)) as Record<string, unknown>;
      kinds.push(...Object.values(exported).filter(isKind));
    }
    return kinds;
  }

  function isKind(value: unknown): value is ProblemKind {
    return typeof value === 'object' && value !== null && 'code' in value && 'status' in value && 'title' in value;
  }
});

describe('docs/operating.md', () => {
  it('documents every variable that is read, and no other', () => {
    const documented = rows(section('docs/operating.md', 'Environment')).map(([name]) => name!);
    expect(documented.toSorted()).toEqual([...variablesRead()].sort());
  });

  it('the kinds of case on the operator’s list are those that the code adds, and for each it says what to do', () => {
    const documented = rows(section('docs/operating.md', "The operator's list"));
    const kinds = documented.map(([kind]) => kind!);
    const sources = readdirSync(join(ROOT, 'libs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((name) => read(join('libs', name)));
    expect(kinds.filter((kind) => !sources.some((text) => text.includes(`'${kind}'`)))).toEqual([]);
    // Some are named elsewhere than where they are added; most are not.
    const added = sources.flatMap((text) => [
      ...text.matchAll(/operatorList\.add\(tx, \{\s*(?:\.\.\.\{ )?kind: '([a-z-]+)'/g),
    ]);
    expect(added.map(([, kind]) => kind!).filter((kind) => !kinds.includes(kind))).toEqual([]);
    expect(added.length).toBeGreaterThan(5);
    for (const row of documented) expect(row.filter((cell) => cell.length > 3)).toHaveLength(3);
  });

  it('says of every metric of ours when to worry, and of no other', () => {
    const documented = rows(section('docs/operating.md', 'Health, metrics, logs'));
    const sources = ['libs/platform/metrics.ts', 'libs/operators/operators.metrics.ts'].map(read).join('\n');
    const made = [...sources.matchAll(/'(holdfast_\w+)'/g)].map(([, name]) => name!);
    expect(documented.map(([metric = '']) => metric.replace(/\{.*/, '')).toSorted()).toEqual(made.sort());
    for (const row of documented) expect(row.filter((cell) => cell.length > 3)).toHaveLength(3);
  });

  it('lists every schedule, and no other', () => {
    const documented = rows(section('docs/operating.md', 'Reconciliation')).map(([name]) => name!);
    const said = readdirSync(join(ROOT, 'libs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) =>
        [...read(join('libs', name)).matchAll(/schedules\.every\(\s*'([\w.-]+)'/g)].map(([, one]) => one!),
      );
    expect(said.length).toBeGreaterThan(5);
    expect(documented.toSorted()).toEqual(said.sort());
  });

  /** Every name that is asked for, in sandbox mode and outside it. */
  function variablesRead(): Set<string> {
    const asked = new Set<string>();
    const given = { HOLDFAST_SECRETS: `docs:${Buffer.alloc(32, 7).toString('base64')}` };
    for (const environment of [given, { ...given, STRIPE_SECRET_KEY: 'sk_test_docs' }]) {
      const watched = new Proxy<Record<string, string>>(environment, {
        get(target, name) {
          asked.add(String(name));
          return target[String(name)];
        },
      });
      try {
        readConfig(watched);
      } catch {
        // Outside sandbox mode more is required than is given here; what was asked for is all that matters.
        continue;
      }
    }
    return asked;
  }
});

describe('docs/decisions', () => {
  it('are numbered without a gap, and each is a page that says what enforces it', () => {
    expect(DECISIONS.map((name) => Number(name.slice(0, 4)))).toEqual(DECISIONS.map((_, index) => index + 1));
    for (const name of DECISIONS) {
      const text = read(`docs/decisions/${name}`);
      expect([name, text.split('\n')[0]]).toEqual([name, expect.stringMatching(`^# ${Number(name.slice(0, 4))}\\. `)]);
      expect([name, text.trim().split('\n\n').at(-1)]).toEqual([name, expect.stringMatching(/^Enforced by: /)]);
      expect([name, text.split('\n').length <= PAGE_LINES]).toEqual([name, true]);
    }
  });

  it('say why of every dependency', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const texts = DECISIONS.map((name) => read(`docs/decisions/${name}`)).join('\n');
    expect(Object.keys(dependencies).filter((name) => !texts.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('all documents', () => {
  it.each(DOCUMENTS)('%s: what it links to and the files it names are there', (path) => {
    const text = read(path);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => join(dirname(path), target!));
    const named = [...text.matchAll(/`((?:libs|apps|test|migrations|docs)\/[\w./-]+)`/g)].map(([, file]) => file!);
    expect([...links, ...named].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = DOCUMENTS.flatMap((path) => [...read(path).matchAll(/npm run (?:--silent )?([a-z:]+)/g)]);
    expect(named.map(([, name]) => name!).filter((name) => !(name in scripts))).toEqual([]);
    expect(named.length).toBeGreaterThan(5);
  });

  it('name only rules of dependency-cruiser that exist', () => {
    const rulebook = read('.dependency-cruiser.js');
    const named = DOCUMENTS.flatMap((path) => [...read(path).matchAll(/`(no-[a-z-]+)`/g)].map(([, rule]) => rule!));
    const known = `${rulebook}\n${read('.oxlintrc.json')}`;
    expect(named.filter((rule) => !known.includes(`'${rule}'`) && !known.includes(`"${rule}"`))).toEqual([]);
  });
});
