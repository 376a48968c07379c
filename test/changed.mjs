/**
 * What `npm test -- --changed` runs: for each changed file the specs that are about its module, by their place and name. Following
 * imports would not do, since nearly every integration test starts the whole service: by imports all of them depend on everything.
 * So it is a quick first answer, and what it leaves out is printed; the whole run decides.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Specs whose names do not say which module they are about; the first entry that a changed path begins with counts. */
const SPECS_BY_PATH = [
  ['apps/stripe-sandbox/stripe-js/', ['test/e2e/stripe-js']],
  ['apps/stripe-sandbox/pages/', ['test/e2e/sandbox-pages']],
  ['apps/stripe-sandbox/', ['test/sandbox/']],
  ['apps/sample-shop/', ['test/e2e/shop']],
  ['apps/api/', ['test/integration/http.', 'test/integration/openapi.']],
  ['apps/worker/', ['test/integration/worker.', 'test/integration/schedules.']],
  ['apps/partners/', ['test/integration/accounts.keys.']],
  ['apps/orders/', ['test/integration/operators.command.']],
  ['apps/stripe/', ['test/integration/register-webhook.']],
  ['docs/', ['test/integration/docs.']],
  ['openapi.json', ['test/integration/openapi.', 'test/e2e/shop.client.']],
  ['test/support/', ['test/integration/journey.']],
  ['test/simulation/', ['test/simulation/']],
];
/** One order through every module: for code that no other spec is named after. */
const JOURNEY = 'test/integration/journey.spec.ts';
/** They read the whole tree, and take seconds. */
const ALWAYS = 'test/architecture/';

const CODE = /\.(?:ts|js|mjs|cjs)$/;

/**
 * @param changed paths from the root of the repository, of files that were changed, added or deleted
 * @param specs the paths of all test files
 * @returns those to run, sorted
 */
export function specsFor(changed, specs) {
  const chosen = new Set(specs.filter((spec) => spec.startsWith(ALWAYS)));
  for (const path of changed) for (const spec of specsOf(path, specs)) chosen.add(spec);
  return [...chosen].sort();
}

function specsOf(path, specs) {
  if (specs.includes(path)) return [path];
  const [top, module = ''] = path.split('/');
  const prefixes = SPECS_BY_PATH.find(([prefix]) => path.startsWith(prefix))?.[1] ?? [];
  const isAbout = (spec) => prefixes.some((prefix) => spec.startsWith(prefix));
  if (top === 'libs' || top === 'apps') {
    const found = specs.filter(
      (spec) => spec.startsWith(`${top}/${module}/`) || isNamedAfter(spec, module) || isAbout(spec),
    );
    return found.some((spec) => spec.startsWith('test/')) ? found : [...found, JOURNEY];
  }
  if (top === 'migrations') return [JOURNEY];
  if (path.endsWith('.md')) return specs.filter((spec) => spec.startsWith('test/integration/docs.'));
  const found = specs.filter(isAbout);
  return found.length > 0 || top !== 'test' ? found : specsOfHelper(path, specs);
}

/**
 * `payments.refunds-elsewhere.spec.ts` is named after payments and after refunds. Tests in a browser are slow: their names have to
 * begin with the module. Those of the sandbox have names of their own.
 */
function isNamedAfter(spec, module) {
  const [, kind, name] = /^test\/(integration|e2e)\/(.+)\.spec\.ts$/.exec(spec) ?? [];
  if (kind === undefined) return false;
  const parts = kind === 'e2e' ? name.split('.').slice(0, 1) : name.split('.');
  return parts.some((part) => part === module || part.startsWith(`${module}-`));
}

const folderOf = (path) => path.slice(0, path.lastIndexOf('/') + 1);

/** `test/e2e/shop.fixture.ts` serves the specs that begin with `shop`, or else those of its folder. */
function specsOfHelper(path, specs) {
  const folder = folderOf(path);
  const [word] = path.slice(folder.length).split('.');
  const beside = specs.filter((spec) => spec.startsWith(folder));
  const alike = beside.filter((spec) => spec.startsWith(`${folder}${word}.`));
  return folder === 'test/' ? [] : alike.length > 0 ? alike : beside;
}

/**
 * @param existing the changed files that are there
 * @returns the checks to run, by the name of their npm script, and their commands
 */
export function checksFor(existing, scripts) {
  const quoted = (paths) => paths.map((path) => `'${path.replaceAll("'", `'\\''`)}'`).join(' ');
  const code = existing.filter((path) => CODE.test(path));
  return {
    ...(code.length > 0 ? { lint: `${scripts.lint} --no-error-on-unmatched-pattern ${quoted(code)}` } : {}),
    typecheck: scripts.typecheck,
    ...(existing.length > 0
      ? { formatted: `${scripts.formatted} --no-error-on-unmatched-pattern ${quoted(existing)}` }
      : {}),
  };
}

/** What differs from the main branch, committed or not, and files that git does not know yet. */
function changedFiles(root) {
  const git = (...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const mainBranch = ['main', 'origin/main'].find((name) => {
    try {
      return git('rev-parse', '--verify', '--quiet', name);
    } catch {
      return false;
    }
  });
  const base = mainBranch === undefined ? 'HEAD' : git('merge-base', 'HEAD', mainBranch).trim();
  const listed =
    git('diff', '--name-only', '--no-renames', '-z', base) + git('ls-files', '--others', '--exclude-standard', '-z');
  return [...new Set(listed.split('\0').filter(Boolean))].sort();
}

/** Every test file, as Jest finds them. */
function allSpecs(root) {
  return ['apps', 'libs', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.spec.ts') && !path.includes('/planted/')),
  );
}

/** @returns the checks and the specs for what is changed in the working tree; says what they leave out */
export function planChanged(root, scripts) {
  const changed = changedFiles(root);
  const specs = allSpecs(root);
  const chosen = specsFor(changed, specs);
  const checks = checksFor(
    changed.filter((path) => existsSync(join(root, path))),
    scripts,
  );
  const left = specs.filter((spec) => !chosen.includes(spec)).sort();
  console.log(`${changed.length} changed files, ${chosen.length} test files:\n  ${chosen.join('\n  ')}`);
  console.log(`left to the whole run, ${left.length} test files, the search for dead code and the build:`);
  for (const folder of new Set(left.map(folderOf))) {
    const names = left.filter((spec) => folderOf(spec) === folder).map((spec) => spec.slice(folder.length));
    console.log(`  ${folder}: ${names.map((name) => name.replace('.spec.ts', '')).join(', ')}`);
  }
  return { checks, specs: chosen };
}
