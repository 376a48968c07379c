/** The part of JSON Schema that Stripe's declarations need. `{}` takes anything. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';
  readonly pattern?: string;
  readonly enum?: readonly (string | number | boolean)[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** False: no member but those of `properties`. */
  readonly additionalProperties?: false | Schema;
  readonly anyOf?: readonly Schema[];
}

export interface Schemas {
  /** What `$ref` names. */
  readonly definitions: Readonly<Record<string, Schema>>;
  /** The interfaces that were asked for, by the name under which the package exports them. */
  readonly roots: Readonly<Record<string, Schema>>;
}

/** Where a value differs from its schema, and how. */
export interface Violation {
  /** `charge.payment_method_details.card.brand` */
  readonly path: string;
  readonly reason: string;
}

/** Compares a value with a schema. @param path what the value is called in the violations */
export function violationsOf(value: unknown, schema: Schema, definitions: Schemas['definitions'], path: string) {
  const violations: Violation[] = [];
  new Check(definitions, violations).value(value, schema, path);
  return violations;
}

type Names = readonly (readonly [name: string, literal: unknown])[];

/** An event is one of some hundred interfaces, each with some dozen members: what tells them apart is found once. */
const NAMES = new WeakMap<Schema, Names>();

class Check {
  constructor(
    private readonly definitions: Schemas['definitions'],
    private readonly violations: Violation[],
  ) {}

  value(value: unknown, given: Schema, path: string): void {
    const schema = this.resolved(given);
    if (schema.anyOf !== undefined) return this.union(value, schema.anyOf, path);
    if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
      return this.report(path, `is ${shown(value)}, not ${schema.enum.map(shown).join(' or ')}`);
    }
    if (schema.type !== undefined && schema.type !== kindOf(value)) {
      return this.report(path, `is ${shown(value)}, not of type ${schema.type}`);
    }
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value as string)) {
      return this.report(path, `is ${shown(value)}, which does not match ${schema.pattern}`);
    }
    if (schema.type === 'array') this.elements(value as unknown[], schema, path);
    if (schema.type === 'object') this.members(value as Record<string, unknown>, schema, path);
  }

  private elements(values: readonly unknown[], { items = {} }: Schema, path: string): void {
    for (const [index, element] of values.entries()) this.value(element, items, `${path}[${index}]`);
  }

  private members(value: Record<string, unknown>, schema: Schema, path: string): void {
    const { properties = {}, required = [], additionalProperties = {} } = schema;
    for (const name of required) if (!Object.hasOwn(value, name)) this.report(`${path}.${name}`, 'is missing');
    for (const [name, member] of Object.entries(value)) {
      const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (known === false || known === undefined) this.report(`${path}.${name}`, 'is not a member in the declaration');
      else this.value(member, known, `${path}.${name}`);
    }
  }

  /** One choice must fit. Of several that do not, the nearest is reported: the one whose literals are the value's. */
  private union(value: unknown, choices: readonly Schema[], path: string): void {
    const sameKind = choices.filter((choice) => this.mayBe(value, this.resolved(choice)));
    if (sameKind.length === 0) {
      const allowed = choices.map((choice) => choice.$ref ?? choice.type ?? choice.enum?.map(shown).join(' or '));
      return this.report(path, `is ${shown(value)}, not ${allowed.join(' or ')}`);
    }
    const attempts = sameKind.map((choice) => violationsOf(value, choice, this.definitions, path));
    const nearest = attempts.reduce((best, next) => (next.length < best.length ? next : best));
    this.violations.push(...nearest);
  }

  /** Whether type and literals agree, members aside: `deleted: true` tells a DeletedCustomer from a Customer. */
  private mayBe(value: unknown, schema: Schema): boolean {
    if (schema.anyOf !== undefined) return schema.anyOf.some((choice) => this.mayBe(value, this.resolved(choice)));
    if (schema.enum !== undefined) return schema.enum.includes(value as string);
    if (schema.type !== undefined && schema.type !== kindOf(value)) return false;
    if (schema.type !== 'object') return true;
    return this.namesOf(schema).every(([name, literal]) => (value as Record<string, unknown>)[name] === literal);
  }

  /** The members by whose one literal an object is told from others. */
  private namesOf(schema: Schema): Names {
    const known = NAMES.get(schema);
    if (known !== undefined) return known;
    const names: [string, unknown][] = [];
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      const literals = this.resolved(member).enum;
      if (literals?.length === 1 && schema.required?.includes(name) === true) names.push([name, literals[0]]);
    }
    NAMES.set(schema, names);
    return names;
  }

  private resolved(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const definition = this.definitions[schema.$ref];
    if (definition === undefined) throw new Error(`no definition of ${schema.$ref}`);
    return definition;
  }

  private report(path: string, reason: string): void {
    this.violations.push({ path, reason });
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
