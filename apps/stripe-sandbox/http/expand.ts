import { invalidRequest } from './errors.js';

/** Facts: up to four levels (https://docs.stripe.com/api/expanding_objects). */
const DEEPEST = 4;

export type ObjectKind =
  | 'payment_intent'
  | 'charge'
  | 'customer'
  | 'payment_method'
  | 'refund'
  | 'dispute'
  | 'setup_intent'
  | 'checkout.session'
  | 'event'
  | 'webhook_endpoint'
  | 'account'
  | 'item';

/** Which fields hold an id that can be expanded, and to what. `list:` marks a list that is only included when asked for. */
const EXPANDABLE: Readonly<Record<ObjectKind, Readonly<Record<string, ObjectKind | `list:${ObjectKind}`>>>> = {
  payment_intent: { customer: 'customer', latest_charge: 'charge', payment_method: 'payment_method' },
  charge: { customer: 'customer', payment_intent: 'payment_intent', refunds: 'list:refund' },
  customer: {},
  payment_method: { customer: 'customer' },
  refund: {
    charge: 'charge',
    customer: 'customer',
    payment_intent: 'payment_intent',
    payment_method: 'payment_method',
  },
  dispute: { charge: 'charge', payment_intent: 'payment_intent' },
  setup_intent: { customer: 'customer', payment_method: 'payment_method' },
  'checkout.session': { customer: 'customer', payment_intent: 'payment_intent', line_items: 'list:item' },
  event: {},
  webhook_endpoint: {},
  account: {},
  item: {},
};

/** Finds what an id stands for, and makes the lists that are only included on demand. */
export interface Lookup {
  object(kind: ObjectKind, id: string): object | null;
  list(kind: ObjectKind, ownerId: string, field: string): object;
}

/**
 * Checks `expand[]` before anything runs, so that a wrong path has no effect.
 * @param root the kind of object that the endpoint answers with; for lists paths begin with `data.`
 */
export function checkExpand(paths: readonly string[], root: ObjectKind, isList: boolean): void {
  for (const path of paths) {
    const parts = path.split('.');
    if (parts.length > DEEPEST) {
      throw invalidRequest(`You cannot expand more than ${DEEPEST} levels of a property. Property: ${path}`, {
        param: 'expand',
      });
    }
    if (isList && parts.shift() !== 'data') throw cannotExpand(path);
    let kind = root;
    while (parts.length > 0) {
      const target = EXPANDABLE[kind][parts.shift() ?? ''];
      if (target === undefined) throw cannotExpand(path);
      if (!target.startsWith('list:')) {
        kind = target as ObjectKind;
        continue;
      }
      kind = target.slice('list:'.length) as ObjectKind;
      if (parts.length > 0 && parts.shift() !== 'data') throw cannotExpand(path);
    }
  }
}

function cannotExpand(path: string): Error {
  return invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
}

/** Replaces the ids at the given paths by the objects that they stand for. The input is not changed. */
export function expand(value: object, kind: ObjectKind, paths: readonly string[], lookup: Lookup): object {
  let expanded = value as Record<string, unknown>;
  for (const path of paths) expanded = expandPath(expanded, kind, path.split('.'), lookup);
  return expanded;
}

function expandPath(
  object: Record<string, unknown>,
  kind: ObjectKind,
  path: readonly string[],
  lookup: Lookup,
): Record<string, unknown> {
  const [field = '', ...rest] = path;
  if (Array.isArray(object['data']) && field === 'data') {
    const data = object['data'].map((entry) => expandPath(entry as Record<string, unknown>, kind, rest, lookup));
    return { ...object, data };
  }
  const target = EXPANDABLE[kind][field];
  if (target === undefined) return object;
  const isList = target.startsWith('list:');
  const targetKind = (isList ? target.slice('list:'.length) : target) as ObjectKind;
  const current = isList
    ? (object[field] ?? lookup.list(targetKind, String(object['id']), field))
    : resolve(object[field], targetKind, lookup);
  if (current === null || typeof current !== 'object') return object;
  const inner = rest.length > 0 ? expandPath(current as Record<string, unknown>, targetKind, rest, lookup) : current;
  return { ...object, [field]: inner };
}

function resolve(value: unknown, kind: ObjectKind, lookup: Lookup): unknown {
  return typeof value === 'string' ? lookup.object(kind, value) : value;
}
