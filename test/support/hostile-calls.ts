import fc from 'fast-check';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example?: unknown;
}

interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema?: Schema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema; examples?: object }>> };
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One call as it is sent; printed when it fails, and sent again by its seed and path. */
export interface HostileCall {
  readonly who: 'partner' | 'account' | 'another partner' | 'nobody' | 'nonsense';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\r\nX-Injected: yes',
    '\u2028',
    '\ud800',
    '\udfff\ud800',
    '\uffff',
    '🦁',
    'ÅÅ',
    'ı',
    'K',
    '\u202e',
  ],
  ...[
    "'; DROP TABLE orders; --",
    '" OR 1=1',
    '%00',
    '../../etc/passwd',
    '..\\..',
    '${7*7}',
    '{{7*7}}',
    '<script>',
    '%s%n',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', '-0', '1e308', 'true'],
  ...[
    'javascript:alert(1)',
    '//evil.example',
    'https://user@evil.example',
    'http://[::1',
    'data:text/html,x',
    'x'.repeat(5000),
  ],
];
const NUMBERS = [
  '-1',
  '0',
  '-0',
  '0.1',
  '1e308',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '99999999',
  '100000000',
  '1E2',
];
/** JSON as it is written, since not everything that is sent can be held by a value. */
const LITERALS = [
  ...NUMBERS,
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"":""}',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{}}}',
  ],
  ...[`${'['.repeat(100)}${']'.repeat(100)}`, `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`, '"\\ud800"', '"\\u0000"'],
];
const NO_JSON = [
  '{',
  '',
  'nul',
  '{"a":}',
  '[',
  '\u0000',
  '{"a":1}{"b":2}',
  '\ufeff{}',
  '['.repeat(100_000),
  '{"a":'.repeat(100_000),
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
/** What a header may hold at all; whatever else is no HTTP. */
const headerText = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  })
  .map((value) => value.trim());
const hostile = fc.oneof(
  fc.constantFrom(...LITERALS),
  text.map((value) => JSON.stringify(value)),
);

/** Calls of every operation of a document: some that could be meant, most that could not. */
export class HostileCalls {
  /** @param known ids that exist, by the name of the parameter that takes them; the caller's own and others' */
  constructor(
    private readonly document: ApiDocument,
    private readonly known: Readonly<Record<string, readonly string[]>>,
  ) {}

  any(): fc.Arbitrary<HostileCall> {
    const operations = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );
    return fc.constantFrom(...operations).chain((one) => this.of(one));
  }

  private of(one: { path: string; method: string; operation: Operation }): fc.Arbitrary<HostileCall> {
    const who = fc.oneof(
      { weight: 12, arbitrary: fc.constant('partner' as const) },
      { weight: 6, arbitrary: fc.constant('account' as const) },
      { weight: 3, arbitrary: fc.constantFrom('another partner' as const, 'nobody' as const) },
      // Guessing is limited; see FailedAuthentications.
      { weight: 1, arbitrary: fc.constant('nonsense' as const) },
    );
    const takesBody = one.method === 'POST' || one.method === 'PUT' || one.method === 'DELETE';
    const body = takesBody ? this.body(one.operation) : fc.constant(undefined);
    return fc
      .record({ who, address: this.address(one.path), query: this.query(one.operation), headers: headers(), body })
      .map(({ address, query, ...call }) => ({ ...call, method: one.method, path: `${address}${query}` }));
  }

  private address(template: string): fc.Arbitrary<string> {
    const parts = template.split('/').map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return fc.constant(part);
      const ids = this.known[name] ?? [];
      const strange = text
        .map((value) => encodeURIComponent(value.toWellFormed()))
        .filter((id) => id !== '' && id !== '.' && id !== '..');
      return fc.oneof(
        { weight: 12, arbitrary: ids.length > 0 ? fc.constantFrom(...ids) : strange },
        { weight: 1, arbitrary: strange },
      );
    });
    return fc.tuple(...parts).map((filled) => filled.join('/'));
  }

  private query(operation: Operation): fc.Arbitrary<string> {
    const names = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    const name = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...names, 'limit', 'cursor') },
      { weight: 1, arbitrary: text },
    );
    const value = fc.oneof(
      fc.constantFrom('1', '100', 'Placed', ...NUMBERS, ...Object.values(this.known).flat()),
      text,
    );
    const pair = fc
      .tuple(name, value)
      .map((both) => both.map((part) => encodeURIComponent(part.toWellFormed())).join('='));
    const pairs = fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(pair, { maxLength: 4 }) },
    );
    return pairs.map((list) => (list.length === 0 ? '' : `?${list.join('&')}`));
  }

  private body(operation: Operation): fc.Arbitrary<string | undefined> {
    const media = operation.requestBody?.content['application/json'];
    const examples = Object.values(media?.examples ?? {}).map((example: { value: unknown }) =>
      this.withKnown(example.value),
    );
    const meant = media ? this.json(media.schema, 0) : hostile;
    return fc.oneof(
      { weight: 6, arbitrary: meant },
      { weight: 2, arbitrary: examples.length > 0 ? fc.constantFrom(...examples) : meant },
      { weight: 1, arbitrary: fc.constantFrom(undefined, ...NO_JSON) },
      { weight: 1, arbitrary: hostile },
    );
  }

  /** JSON of a schema, in which any part may be something else, missing, repeated, or spelt otherwise. */
  private json(schema: Schema, depth: number): fc.Arbitrary<string> {
    const meant = this.meant(schema, depth);
    return fc.oneof({ weight: depth === 0 ? 40 : 12, arbitrary: meant }, { weight: 1, arbitrary: hostile });
  }

  private meant(schema: Schema, depth: number): fc.Arbitrary<string> {
    const { $ref, allOf, enum: choices, type, properties, items, example } = schema;
    if ($ref !== undefined)
      return this.meant(this.document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, depth);
    if (allOf?.[0]) return this.meant(allOf[0], depth);
    if (choices) return fc.constantFrom(...choices.map((choice) => JSON.stringify(choice)));
    if (properties) return this.object(properties, schema.required ?? [], depth);
    switch (type) {
      case 'array':
        return fc.array(this.json(items ?? {}, depth + 1), { maxLength: 3 }).map((list) => `[${list.join()}]`);
      case 'object':
        return fc
          .array(fc.tuple(text, text), { maxLength: 3 })
          .map((pairs) => members(pairs.map((pair) => pair.map((part) => JSON.stringify(part)))));
      case 'boolean':
        return fc.constantFrom('true', 'false');
      case 'integer':
      case 'number':
        return fc.oneof(
          fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 5000) }).map(String),
          fc.constantFrom(...NUMBERS),
        );
      case 'string':
      case undefined:
      default:
        return fc.oneof(
          { weight: 4, arbitrary: fc.constant(JSON.stringify(example ?? 'text')) },
          { weight: 1, arbitrary: text.map((value) => JSON.stringify(value)) },
        );
    }
  }

  private object(
    properties: Readonly<Record<string, Schema>>,
    required: readonly string[],
    depth: number,
  ): fc.Arbitrary<string> {
    const pairs = Object.entries(properties).map(([name, schema]) => {
      const ids = this.known[name];
      const value = ids
        ? fc.oneof(
            { weight: 6, arbitrary: fc.constantFrom(...ids.map((id) => JSON.stringify(id))) },
            { weight: 1, arbitrary: hostile },
          )
        : this.json(schema, depth + 1);
      const spelt = fc.oneof(
        { weight: 8, arbitrary: fc.constant(name) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            name.toUpperCase(),
            `${name} `,
            name.replace(/^./, (letter) => letter.toUpperCase()),
          ),
        },
      );
      const isThere = required.includes(name) ? fc.integer({ min: 0, max: 15 }) : fc.integer({ min: 0, max: 2 });
      return fc
        .tuple(isThere, spelt, value)
        .map(([dice, spelling, json]) => (dice === 0 ? [] : [[JSON.stringify(spelling), json]]));
    });
    const others = fc.oneof(
      { weight: 8, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.tuple(
            text.map((name) => JSON.stringify(name)),
            hostile,
          ),
          { maxLength: 2 },
        ),
      },
    );
    return fc.tuple(fc.tuple(...pairs), others).map(([own, further]) => members([...own.flat(), ...further]));
  }

  private withKnown(example: unknown): string {
    return JSON.stringify(example, (name, value: unknown) => this.known[name]?.[0] ?? value);
  }
}

function members(pairs: readonly (readonly string[])[]): string {
  return `{${pairs.map(([name, value]) => `${name}:${value}`).join()}}`;
}

/** Mostly none; those that are understood here, and some that must not be. */
function headers(): fc.Arbitrary<Record<string, string>> {
  const one = fc.oneof(
    fc.tuple(
      fc.constant('Idempotency-Key'),
      fc.oneof(fc.constantFrom('one', 'two', 'x'.repeat(255), 'x'.repeat(256)), headerText),
    ),
    fc.tuple(fc.constant('X-Request-Id'), headerText),
    fc.tuple(
      fc.constant('Content-Type'),
      fc.oneof(
        fc.constantFrom('application/json; charset=utf-16', 'text/plain', 'multipart/form-data', '*/*'),
        headerText,
      ),
    ),
    fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom('gzip', 'br', 'identity', 'deflate, gzip', 'nonsense')),
    fc.tuple(fc.constant('Accept'), fc.constantFrom('text/html', 'application/xml', 'nonsense')),
    fc.tuple(
      fc.constantFrom(
        'X-Forwarded-For',
        'X-Forwarded-Host',
        'Origin',
        'Cookie',
        'X-HTTP-Method-Override',
        'Range',
        'If-Match',
      ),
      headerText,
    ),
  );
  const some = fc.array(one, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs));
  return fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some });
}
