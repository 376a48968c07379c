import type { ObservedAnswer } from '../../../apps/stripe-sandbox/observer.js';
import { violationsOf, type Schema, type Schemas, type Violation } from './schema.js';
import { stripeSchemas } from './schemas.js';

/** Compares what leaves a sandbox with what the pinned `stripe` package declares. */
export class StripeTypes {
  private constructor(private readonly schemas: Schemas) {}

  static async load(): Promise<StripeTypes> {
    return new StripeTypes(await stripeSchemas());
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
    const schema = this.root(name);
    return this.compare(value, isPublic ? publicView(schema) : schema, path ?? String(object));
  }

  private ofError(value: unknown, isPublic: boolean): Violation[] {
    const error = { ...(value as Record<string, unknown>) };
    // With a publishable key the intent in an error is the public view too.
    const intent = isPublic ? error['payment_intent'] : undefined;
    if (isPublic) delete error['payment_intent'];
    const schema = { ...this.root('StripeRawError'), required: ['type', 'message'] };
    return [
      ...this.compare(error, schema, 'error'),
      ...(intent === undefined ? [] : this.ofObject(intent, true, 'error.payment_intent')),
    ];
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

/** A publishable key sees a part of an object, and that part as declared. */
function publicView(schema: Schema): Schema {
  return { ...schema, required: ['id', 'object'] };
}

function notOf(value: unknown, kind: string, path: string): Violation[] {
  const { object } = (value ?? {}) as { object?: unknown };
  return object === kind ? [] : [{ path: `${path}.object`, reason: `is ${String(object)}, not ${kind}` }];
}
