import { textsOf } from './sql-texts.js';

/**
 * Whose table is whose. Only the module that owns a table names it in SQL or has an entity of it; another module calls a
 * method of the owner. `pgboss` is the schema of pg-boss, which `platform` reads for dead jobs.
 */
export const TABLES: Readonly<Record<string, readonly string[]>> = {
  platform: ['schedules', 'pgboss'],
  http: ['idempotency_keys', 'idempotency_leases'],
  cases: ['operator_cases'],
  stripe: ['database_stamp'],
  partners: ['partners', 'partner_keys', 'fulfillment_secrets'],
  accounts: ['accounts'],
  orders: ['orders', 'order_items', 'order_timeline'],
  'payment-methods': ['stripe_customers', 'payment_methods'],
  payments: ['payments'],
  refunds: ['refunds', 'disputes'],
  fulfillment: ['fulfillment_circuits'],
  webhooks: ['stripe_events', 'stripe_event_feed'],
  notifications: ['notification_endpoints', 'notifications'],
};

/**
 * Statements that name another module's table, and why. `apps/audit` is not listed: it audits the records of all modules, and
 * shares no code with what it audits, so it reads every table and writes none.
 */
export const EXCEPTIONS: readonly { readonly owner: string; readonly table: string; readonly why: string }[] = [
  {
    owner: 'NotificationEndpointsRepository.wanting',
    table: 'orders',
    why: 'one statement is all that an order costs whose partner has no endpoint (decision 17)',
  },
];

const KEYWORD = /\b(?:SELECT|FROM|JOIN|INTO|UPDATE|DELETE|WHERE|EXISTS)\b/;
const ALL_TABLES = Object.values(TABLES).flat();

const moduleOf = (path: string): string => path.split('/')[1] ?? '';

/** Every table that a text of SQL names, wherever it names it: a join by comma is found as well as one by JOIN. */
function tablesIn(text: string): string[] {
  if (!KEYWORD.test(text)) return [];
  const words = new Set(text.replace(/--.*$/gm, '').match(/\b[a-z_]+\b/g));
  return ALL_TABLES.filter((table) => words.has(table));
}

/** The tables of other modules that the SQL of a file in `libs/MODULE/` names. */
export function foreignTables(path: string, code: string): { owner: string; table: string }[] {
  const own = TABLES[moduleOf(path)] ?? [];
  return textsOf(path, code).flatMap(({ owner, text }) =>
    tablesIn(text)
      .filter((table) => !own.includes(table))
      .map((table) => ({ owner, table })),
  );
}

/** Entities of tables that are not the module's own; and entities of other modules that a repository uses as values. */
export function foreignEntities(path: string, code: string): string[] {
  const own = TABLES[moduleOf(path)] ?? [];
  const declared = [...code.matchAll(/^@Entity\('(\w+)'\)/gm)].map(([, table]) => table ?? '');
  const faults = declared.filter((table) => !own.includes(table)).map((table) => `${path}: an entity of ${table}`);
  if (!path.endsWith('.repository.ts')) return faults;
  const imports = [...code.matchAll(/^import \{([^}]*)\} from '#[\w-]+';/gm)].flatMap(([, names = '']) =>
    names.split(','),
  );
  const used = imports.map((name) => name.trim()).filter((name) => /^(?!type )\w+Entity\b/.test(name));
  return [...faults, ...used.map((name) => `${path}: ${name} of another module`)];
}
