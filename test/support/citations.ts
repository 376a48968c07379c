/**
 * What the repository cites, and whether it exists. Pure functions over texts, for docs.citations.spec.ts: each returns
 * its complaints, and an empty list is a pass.
 */

const FACT = String.raw`§\d+(?:\.\d+)?`;
/** The one form of a citation, several sections at a time: `facts §3.2, §4`. */
const FACT_CITATION = new RegExp(String.raw`\bfacts ${FACT}(?:(?:, | and )${FACT})*`, 'gi');
const LONGEST_NUMBER = 3;

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** @returns section numbers of docs/stripe-facts.md: headings (`## 3.`, `### 3.2`) and numbered facts (`- **0.1**`) */
export function factSections(page: string): Set<string> {
  return new Set(
    [...page.matchAll(/^(?:#{2,3} (\d+(?:\.\d+)?)\.? |- \*\*(\d+\.\d+)\*\* )/gm)].map(([, a, b]) => a ?? b!),
  );
}

/** Every `§n` is a citation of the facts in the one form, and its section exists. */
export function unresolvedFacts(path: string, text: string, sections: ReadonlySet<string>): string[] {
  const cited = [...text.matchAll(FACT_CITATION)].flatMap(({ 0: citation, index }) =>
    [...citation.matchAll(/§([\d.]+)/g)].map((found) => ({ number: found[1]!, index: index + found.index })),
  );
  const inForm = new Set(cited.map(({ index }) => index));
  const others = [...text.matchAll(/§(?=\d)/g)].filter(({ index }) => !inForm.has(index));
  return [
    ...cited
      .filter(({ number }) => !sections.has(number.replace(/\.$/, '')))
      .map(({ number, index }) => `${path}:${lineOf(text, index)}: facts §${number} does not exist`),
    ...others.map(({ index }) => `${path}:${lineOf(text, index)}: write \`facts §…\`, so that the citation is checked`),
  ];
}

/** The facts page may refer to its own sections without the word. */
export function unresolvedOwnSections(page: string, sections: ReadonlySet<string>): string[] {
  return [...page.matchAll(/§(\d+(?:\.\d+)?)/g)]
    .filter(([, number]) => !sections.has(number!))
    .map(({ 0: section, index }) => `line ${lineOf(page, index)}: ${section} does not exist`);
}

const GRADES = ['types', 'source', 'probe', 'docs', 'public', 'unlinked', 'memory'];

/** List items of a page, each on one line. */
export function listItems(page: string): string[] {
  return [...page.matchAll(/^- .*(?:\n {2,}\S.*)*/gm)].map(([item]) => item.replace(/\s+/g, ' '));
}

/**
 * Every fact has a grade; [docs] and [public] have an address; [types] and [source] name a file of the `stripe` package.
 * @param linesIn lines of a file of the package, undefined when there is no such file
 */
export function factsWithoutSource(page: string, linesIn: (file: string) => number | undefined): string[] {
  return listItems(page).flatMap((item) => {
    const named = item.slice(0, 60);
    const grades = GRADES.filter((grade) => item.includes(`[${grade}]`));
    if (grades.length === 0) return [`${named}…: no source`];
    const files = [...item.matchAll(/`([\w./]+?)(?::(\d+))?`/g)].filter(([, file]) =>
      /\.(?:js|d\.ts|md|json)$|^OPENAPI_VERSION$/.test(file!),
    );
    const wanting = [
      ...(grades.some((grade) => ['docs', 'public'].includes(grade)) && !item.includes('https://')
        ? ['no address']
        : []),
      ...(grades.some((grade) => ['types', 'source'].includes(grade)) && files.length === 0 ? ['no file'] : []),
      ...files
        .filter(([, file, line]) => Number(line ?? 1) > (linesIn(file!) ?? 0))
        .map(([name]) => `${name} is not there`),
    ];
    return wanting.map((complaint) => `${named}…: ${complaint}`);
  });
}

/** Without comments: a scenario is carried by a test's title, not by a remark. */
const withoutComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .join('\n');

/** @returns scenario numbers that a text names, such as S21 */
export const scenariosIn = (text: string): string[] => [...new Set(text.match(/\bS\d{2}\b/g))].sort();

export const scenariosCarriedBy = (spec: string): string[] => scenariosIn(withoutComments(spec));

/** @returns of each scenario of docs/scenarios.md the spec files that its line `Tests:` names */
export function scenarioList(page: string): Map<string, string[]> {
  const items = listItems(page).map((item) => [/^- \*\*(S\d{2})\*\*/.exec(item)?.[1], item] as const);
  return new Map(
    items.flatMap(([number, item]) => {
      if (number === undefined) return [];
      const tests = / - Tests: (.*?) - Sources: /.exec(item)?.[1] ?? '';
      return [[number, [...tests.matchAll(/`([^`]+)`/g)].map(([, file]) => file!).sort()] as const];
    }),
  );
}

/** @returns numbers after a word: `invariants 4 and 5`, `invariant: 5`, `decision 17` */
export function numbersAfter(word: string, text: string): number[] {
  const citation = new RegExp(
    String.raw`\b${word}s?:? (\d{1,${LONGEST_NUMBER}})((?:(?:, | and )\d{1,${LONGEST_NUMBER}}\b)*)`,
    'gi',
  );
  return [...text.matchAll(citation)]
    .flatMap(([, first, others]) => [first!, ...(others!.match(/\d+/g) ?? [])])
    .map(Number);
}

/** @returns anchors of a Markdown page: its headings, by GitHub's rule */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of page.replace(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Targets of relative links, each as the path from the root and the anchor, if any. */
export function relativeLinks(path: string, text: string): { target: string; anchor: string; line: number }[] {
  const folder = path.split('/').slice(0, -1);
  return [...text.matchAll(/\]\((?![a-z]+:|\/)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ({ 1: link = '', 2: anchor = '', index }) => {
      const steps = link === '' ? path.split('/') : [...folder, ...link.split('/')];
      const target = steps.reduce<string[]>((parts, step) => {
        if (step === '..') return parts.slice(0, -1);
        return step === '.' || step === '' ? parts : [...parts, step];
      }, []);
      return { target: target.join('/'), anchor, line: lineOf(text, index) };
    },
  );
}

/** @param read text of a file or folder by its path; a folder is an empty text, and undefined what does not exist */
export function brokenLinks(path: string, text: string, read: (path: string) => string | undefined): string[] {
  return relativeLinks(path, text).flatMap(({ target, anchor, line }) => {
    const page = read(target);
    if (page === undefined) return [`${path}:${line}: ${target} does not exist`];
    if (anchor === '' || anchorsOf(page).has(anchor)) return [];
    return [`${path}:${line}: ${target} has no heading #${anchor}`];
  });
}
