/**
 * Style as tests: pure checks on a path, a text, or a manifest. Each answers with what is wrong, in words; an empty list
 * is a pass. `tidy.spec.ts` runs them on the tree, and on a planted fault each.
 */

export const LONGEST_FILE = 350;

const DRAWERS = ['common', 'shared', 'utils', 'helpers', 'core', 'interfaces', 'types', 'constants'];

const ROLES = [
  'module',
  'controller',
  'filter',
  'pages',
  'guard',
  'service',
  'handlers',
  'jobs',
  'repository',
  'events',
  'errors',
  'entity',
  'state-machine',
  'decision',
];

/** A folder named after no thing collects everything. */
export function drawerFolders(path: string): string[] {
  return path
    .split('/')
    .slice(0, -1)
    .filter((folder) => DRAWERS.includes(folder))
    .map((folder) => `${path}: a folder named ${folder} says nothing about what is in it`);
}

export function tooLong(path: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines > LONGEST_FILE ? [`${path}: ${lines} lines; split it by verb at ${LONGEST_FILE}`] : [];
}

/** In `libs/MODULE/…` a file is named thing and role (`order.entity.ts`), or module and verb (`payments.capture.ts`). */
export function strangeFileName(path: string): string[] {
  const [, module, ...rest] = path.split('/');
  const name = rest.join('/');
  const word = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
  const allowed = [
    /^index\.ts$/,
    new RegExp(`^${word}(?:\\.${word})?\\.(?:${ROLES.join('|')})(?:\\.${word})?(?:\\.spec)?\\.ts$`),
    new RegExp(`^${module}\\.${word}(?:\\.spec)?\\.(?:ts|sql)$`),
    new RegExp(`^dto/${word}(?:\\.${word})*\\.ts$`),
  ];
  return allowed.some((pattern) => pattern.test(name)) ? [] : [`${path}: not a name the other modules have`];
}

function each(path: string, text: string, pattern: RegExp, complaint: string): string[] {
  return [...text.matchAll(pattern)].map((found) => {
    const line = text.slice(0, found.index).split('\n').length;
    return `${path}:${line}: ${complaint} (${found[0].trim()})`;
  });
}

export const leftovers = (path: string, text: string): string[] =>
  each(path, text, /\b(?:TODO|FIXME|XXX|HACK)\b/g, 'do it, or write a decision down');

/** Only a helper in test/support/ may choose to skip (no browser on this machine); a spec never does. */
export function sleepingTests(path: string, text: string): string[] {
  return [
    ...each(path, text, /\b(?:test|it|describe)(?:\.\w+)*\.(?:skip|only|todo|failing)\b/g, 'every test runs'),
    ...each(path, text, /\b(?:xit|xtest|xdescribe|fit|fdescribe)(?=[(.])/g, 'every test runs'),
  ];
}

export const silencedCompiler = (path: string, text: string): string[] =>
  each(path, text, /@ts-(?:ignore|nocheck)\b/g, 'the compiler is right, or the type is wrong');

export function emptyCatches(path: string, text: string): string[] {
  return [
    ...each(path, text, /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}/g, 'say why nothing is done'),
    ...each(path, text, /\.catch\(\s*(?:\([^)]*\)|\w+)\s*=>\s*\{\s*\}\s*,?\s*\)/g, 'say why nothing is done'),
  ];
}

export const machinePaths = (path: string, text: string): string[] =>
  each(path, text, /(?<![\w.:/-])\/(?:work|root|home\/\w+|Users\/\w+)\//g, 'a path of one machine');

/** Repositories, the platform's access to PostgreSQL, and the program that creates the database. */
const SPEAKS_SQL =
  /\.(?:repository|spec)\.ts$|^migrations\/|^libs\/platform\/database\.ts$|^apps\/start\/embedded-postgres\.ts$/;
const SQL_STATEMENT =
  /(?<=['"`]\s*)(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+(?:AS\s+\w+\s+)?SET\s|DELETE\s+FROM\s|WITH\s+\w+\s.*\bAS\s*\(|(?:CREATE|ALTER|DROP|LOCK|TRUNCATE)\s+TABLE\s)/g;

/** SQL, TypeORM's managers and its query builders stand in repositories, where a reviewer expects queries. */
export function sqlOutsideRepositories(path: string, text: string): string[] {
  if (SPEAKS_SQL.test(path)) return [];
  return [
    ...each(path, text, SQL_STATEMENT, 'an SQL statement belongs into a repository'),
    ...each(path, text, /\.manager\b/g, 'entities are read and written by a repository'),
    ...each(path, text, /\bcreateQueryBuilder\b/g, 'a query is built by a repository'),
    ...each(path, text, /\.(?:query|executeSql)(?:<[^()]*>)?\(/g, 'a statement is run by a repository'),
  ];
}

/** The lock file installs from whatever registry the machine has: an address in it would be one machine's. */
export function registryHosts(path: string, text: string): string[] {
  return [
    ...each(path, text, /"resolved":\s*"https?:[^"]*"/g, 'an address of a registry'),
    ...each(path, text, /^.*\bregistry\s*=.*$/gm, 'an address of a registry'),
  ];
}

interface Lock {
  packages: Record<string, { hasInstallScript?: boolean; optionalDependencies?: Record<string, string> }>;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/**
 * `npm ci` refuses a lock file that lacks the packages of other platforms. That is what npm writes when a registry does not
 * have them (yet); then the package above them is to stay at a version that is there for every platform.
 */
export function missingPlatforms(lock: Lock): string[] {
  const names = new Set(Object.keys(lock.packages).map(nameOf));
  return Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${name}, wanted by ${nameOf(path)}, is not in the lock file`),
  );
}

/** npm asks about each package with an install script that `allowScripts` does not name, and an entry too many is a trap. */
export function undecidedInstallScripts(lock: Lock, allowScripts: Record<string, boolean>): string[] {
  const scripted = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => nameOf(path));
  return [
    ...scripted
      .filter((name) => !(name in allowScripts))
      .map((name) => `${name}: has an install script nobody decided on`),
    ...Object.keys(allowScripts)
      .filter((name) => !scripted.includes(name))
      .map((name) => `${name}: is decided on and has no install script`),
  ];
}

/** The names a `*.events.ts` file exports. */
export function exportedNames(text: string): string[] {
  return [...text.matchAll(/^export (?:abstract )?(?:class|const|interface|type|function) (\w+)/gm)].map(
    ([, name]) => name ?? '',
  );
}

/**
 * What notifications may take of other modules beside their events: reads within the transaction that is told of, so that a
 * message holds what was so at that moment.
 */
export const READ_BY_NOTIFICATIONS = ['orderSnapshot'];

/** What notifications may call. Of every other module it takes events and a named read, nothing else. */
const CALLED_BY_NOTIFICATIONS = ['platform', 'http', 'outbound', 'cases', 'partners'];

export function moreThanEvents(path: string, text: string, events: readonly string[]): string[] {
  const faults: string[] = [];
  for (const [statement, clause = '', module] of text.matchAll(/^import\s+([^;]*?)\s+from\s+'#([\w-]+)'/gm)) {
    if (module === undefined || CALLED_BY_NOTIFICATIONS.includes(module)) continue;
    const names = /^(?:type\s+)?\{([^}]*)\}$/.exec(clause)?.[1];
    if (names === undefined) faults.push(`${path}: name what is imported (${statement})`);
    for (const name of names?.split(',') ?? []) {
      const imported =
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '';
      if (imported && !events.includes(imported) && !READ_BY_NOTIFICATIONS.includes(imported))
        faults.push(`${path}: ${imported} of #${module} is not an event`);
    }
  }
  return faults;
}
