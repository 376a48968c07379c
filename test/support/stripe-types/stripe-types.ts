import type { ObservedAnswer } from '../../../apps/stripe-sandbox/observer.js';
import { violationsOf, type Schema, type Schemas, type Violation } from './schema.js';
import { stripeSchemas } from './schemas.js';

/** Compares what leaves a sandbox with what the pinned `stripe` package declares. */
export class StripeTypes {
  private constructor(private readonly schemas: Schemas) {}

  private static loaded: Promise<StripeTypes> | undefined;

  /** The same for every sandbox of this process. */
  static load(): Promise<StripeTypes> {
    return (this.loaded ??= stripeSchemas().then((schemas) => new StripeTypes(schemas)));
  }

  /** An answer of the API: an object, a list, or an error. */
  ofAnswer({ body, key, status, answers }: Omit<ObservedAnswer, 'method' | 'path'>): Violation[] {
    const value = JSON.parse(body) as Record<string, unknown>;
    const isPublic = key === 'publishable';
    if (status >= 400) return this.ofError(value['error'], isPublic);
    if (value['object'] !== 'list') return [...this.ofObject(value, isPublic), ...notOf(value, answers, answers)];
    const elements = Array.isArray(value['data']) ? (value['data'] as unknown[]) : [];
    return [
      ...this.compare(value, this.root('ApiList<unknown>'), 'list'),
      ...elements.flatMap((element, index) => this.ofObject(element, isPublic, `list.data[${index}]`)),
      ...elements.flatMap((element, index) => notOf(element, answers, `list.data[${index}]`)),
    ];
  }

  /** An object by its `object`; an event by its type too. */
  ofObject(value: unknown, isPublic = false, path?: string): Violation[] {
    const { object, deleted } = (value ?? {}) as { object?: unknown; deleted?: unknown };
    const name = Object.keys(this.schemas.roots).find((root) => this.names(root, object, deleted === true));
    if (name === undefined) return [{ path: path ?? 'object', reason: `is of no known kind: ${String(object)}` }];
    const at = path ?? String(object);
    return isPublic ? this.ofPublic(value, this.root(name), at) : this.compare(value, this.root(name), at);
  }

  private ofError(value: unknown, isPublic: boolean): Violation[] {
    const schema = { ...this.root('StripeRawError'), required: ['type', 'message'] };
    return isPublic ? this.ofPublic(value, schema, 'error', schema.required) : this.compare(value, schema, 'error');
  }

  /** With a publishable key an object shows a part of itself, and so do the objects that errors carry. */
  private ofPublic(value: unknown, schema: Schema, path: string, required = ['id', 'object']): Violation[] {
    const own = { ...(value as Record<string, unknown>) };
    const inner: Violation[] = [];
    for (const member of CARRIED) {
      if (!isObject(own[member])) continue;
      inner.push(...this.ofObject(own[member], true, `${path}.${member}`));
      delete own[member];
    }
    for (const member of FAILURES) {
      const failure = own[member];
      if (!isObject(failure) || !isObject(failure['payment_method'])) continue;
      const { payment_method, ...rest } = failure;
      inner.push(...this.ofObject(payment_method, true, `${path}.${member}.payment_method`));
      own[member] = rest;
    }
    return [...this.compare(own, { ...schema, required }, path), ...inner];
  }

  private names(root: string, object: unknown, deleted: boolean): boolean {
    const schema = root === 'Event' ? this.firstOf(this.schemas.roots[root]) : this.root(root);
    const literals = (member: string) => schema.properties?.[member]?.enum ?? [];
    return literals('object').includes(object as string) && literals('deleted').includes(true) === deleted;
  }

  /** All the events are one union, and share their `object`. */
  private firstOf(schema: Schema | undefined): Schema {
    return this.resolved(schema?.anyOf?.[0]);
  }

  private root(name: string): Schema {
    const schema = this.schemas.roots[name];
    return name === 'Event' && schema !== undefined ? schema : this.resolved(schema);
  }

  private resolved(schema: Schema | undefined): Schema {
    const definition = schema?.$ref === undefined ? schema : this.schemas.definitions[schema.$ref];
    if (definition === undefined) throw new Error(`no schema of ${JSON.stringify(schema)}`);
    return definition;
  }

  private compare(value: unknown, schema: Schema, path: string): Violation[] {
    return violationsOf(value, schema, this.schemas.definitions, path);
  }
}

/** Objects that an error carries whole, and the members of intents that hold an error. */
const CARRIED = ['payment_intent', 'setup_intent', 'payment_method'];
const FAILURES = ['last_payment_error', 'last_setup_error'];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function notOf(value: unknown, kind: string, path: string): Violation[] {
  const { object } = (value ?? {}) as { object?: unknown };
  return object === kind ? [] : [{ path: `${path}.object`, reason: `is ${String(object)}, not ${kind}` }];
}
