/** Runs one statement on the database that is described. */
type Query = <Row extends object>(sql: string) => Promise<Row[]>;

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly expression: string | null;
  readonly identity: '' | 'a' | 'd';
  readonly generated: '' | 's' | 'v';
}

interface Definition {
  readonly table: string;
  readonly definition: string;
}

const HEADER = `-- The schema after all migrations, as PostgreSQL's catalogue describes it.
-- Written by \`npm run schema\`; compared with a migrated database by test/integration/schema.spec.ts. Do not edit.
-- A description to read and to review, not a script to run: \`npm run migrate\` makes the schema.`;

/** Sorted by bytes, so that no locale of a server or a machine changes the file. */
const BY_NAME = 'COLLATE "C"';
const LONGEST_LIST = 120;
const OUR_TABLES = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'`;

/**
 * The schema `public` as text: types, sequences, tables with their constraints, indexes and triggers, views, functions.
 * Of pg-boss's schema only its name and version: the package owns it, and migrates it by itself.
 */
export async function schemaAsText(query: Query): Promise<string> {
  const parts = [HEADER, await migrations(query), await enums(query), await sequences(query)];
  parts.push(...(await tables(query)), await views(query), await functions(query), await jobs(query));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

async function migrations(query: Query): Promise<string> {
  const rows = await query<{ name: string }>('SELECT name FROM migrations ORDER BY timestamp');
  return ['-- Migrations applied:', ...rows.map(({ name }) => `--   ${name}`)].join('\n');
}

async function enums(query: Query): Promise<string> {
  const rows = await query<{ definition: string }>(`
    SELECT format('CREATE TYPE %I AS ENUM (%s);', t.typname, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)) AS definition
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND n.nspname = 'public' JOIN pg_enum e ON e.enumtypid = t.oid
    GROUP BY t.typname ORDER BY t.typname ${BY_NAME}`);
  return lines(rows);
}

/** Those of identity columns belong to their column, and are shown there. */
async function sequences(query: Query): Promise<string> {
  const rows = await query<{ definition: string }>(`
    SELECT format('CREATE SEQUENCE %I AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s;', c.relname,
      format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
      CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS definition
    FROM ${OUR_TABLES} JOIN pg_sequence s ON s.seqrelid = c.oid
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
    ORDER BY c.relname ${BY_NAME}`);
  return lines(rows);
}

async function tables(query: Query): Promise<string[]> {
  const names = await query<{ table: string; options: string | null }>(`
    SELECT c.relname AS table, array_to_string(c.reloptions, ', ') AS options
    FROM ${OUR_TABLES} WHERE c.relkind IN ('r', 'p') ORDER BY c.relname ${BY_NAME}`);
  const columns = await columnsOf(query);
  const constraints = await constraintsOf(query);
  const indexes = await indexesOf(query);
  const triggers = await triggersOf(query);
  return names.map(({ table, options }) => {
    const within = [
      ...columns.filter((column) => column.table === table).map(columnAsText),
      ...constraints.filter((constraint) => constraint.table === table).map(({ definition }) => unfolded(definition)),
    ];
    const ending = options === null ? ');' : `) WITH (${options});`;
    const after = [...indexes, ...triggers].filter((one) => one.table === table).map(({ definition }) => definition);
    return [`CREATE TABLE ${table} (`, within.map((line) => `  ${line}`).join(',\n'), ending, ...after].join('\n');
  });
}

async function columnsOf(query: Query): Promise<Column[]> {
  return query<Column>(`
    SELECT c.relname AS table, quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
      a.attnotnull AS "notNull", pg_get_expr(d.adbin, d.adrelid) AS expression,
      a.attidentity AS identity, a.attgenerated AS generated
    FROM ${OUR_TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') ORDER BY c.relname ${BY_NAME}, a.attnum`);
}

function columnAsText({ name, type, notNull, expression, identity, generated }: Column): string {
  const words = [name, type];
  if (notNull) words.push('NOT NULL');
  if (identity !== '') words.push(`GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`);
  if (generated !== '') words.push(`GENERATED ALWAYS AS (${expression}) ${generated === 's' ? 'STORED' : 'VIRTUAL'}`);
  else if (expression !== null) words.push(`DEFAULT ${expression}`);
  return words.join(' ');
}

/** Without those that say NOT NULL: the columns say it. */
async function constraintsOf(query: Query): Promise<Definition[]> {
  return query<Definition>(`
    SELECT c.relname AS table, format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid, true)) AS definition
    FROM ${OUR_TABLES} JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype <> 'n'
    ORDER BY c.relname ${BY_NAME}, array_position('{p,u,f,c}', k.contype::text), k.conname ${BY_NAME}`);
}

/** A long list has a line for each value, so that a difference shows the value that was added. */
function unfolded(definition: string): string {
  return definition.replace(/ARRAY\[([^\]]+)\]/g, (array, values: string) =>
    array.length > LONGEST_LIST ? `ARRAY[\n    ${values.replaceAll(', ', ',\n    ')}\n  ]` : array,
  );
}

/** Without those that a constraint makes. */
async function indexesOf(query: Query): Promise<Definition[]> {
  return query<Definition>(`
    SELECT c.relname AS table, pg_get_indexdef(i.indexrelid) || ';' AS definition
    FROM ${OUR_TABLES} JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid)
    ORDER BY c.relname ${BY_NAME}, x.relname ${BY_NAME}`);
}

async function triggersOf(query: Query): Promise<Definition[]> {
  return query<Definition>(`
    SELECT c.relname AS table, pg_get_triggerdef(t.oid, true) || ';' AS definition
    FROM ${OUR_TABLES} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
    ORDER BY c.relname ${BY_NAME}, t.tgname ${BY_NAME}`);
}

async function views(query: Query): Promise<string> {
  const rows = await query<{ definition: string }>(`
    SELECT format(E'CREATE %sVIEW %I AS\\n%s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, c.relname,
      pg_get_viewdef(c.oid, true)) AS definition
    FROM ${OUR_TABLES} WHERE c.relkind IN ('v', 'm') ORDER BY c.relname ${BY_NAME}`);
  return lines(rows);
}

async function functions(query: Query): Promise<string> {
  const rows = await query<{ definition: string }>(`
    SELECT rtrim(pg_get_functiondef(p.oid), E'\\n') || ';' AS definition
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'public'
    ORDER BY p.proname ${BY_NAME}, pg_get_function_identity_arguments(p.oid) ${BY_NAME}`);
  return lines(rows);
}

async function jobs(query: Query): Promise<string> {
  const [row] = await query<{ version: number }>('SELECT version FROM pgboss.version');
  return `-- The schema pgboss is pg-boss's own, at its version ${row?.version}.`;
}

const lines = (rows: readonly { definition: string }[]): string => rows.map(({ definition }) => definition).join('\n');
