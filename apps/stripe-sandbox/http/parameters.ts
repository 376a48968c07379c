import type { FormHash, FormValue } from './form-encoding.js';
import { invalidRequest } from './errors.js';

/**
 * A parameter of an endpoint: how to read it from text. `path` is its name as Stripe writes it in `param`, `a[b]`.
 * Reading throws the error that Stripe answers with; what it returns is of type T.
 */
export interface Parameter<T> {
  read(value: FormValue, path: string): T;
  readonly required?: boolean;
}
export interface RequiredParameter<T> extends Parameter<T> {
  readonly required: true;
}

export type Schema = Readonly<Record<string, Parameter<unknown>>>;

/** What a schema reads: required parameters are there, the others may be undefined. */
export type Values<S extends Schema> = {
  readonly [Name in keyof S]: S[Name] extends RequiredParameter<infer T>
    ? T
    : S[Name] extends Parameter<infer T>
      ? T | undefined
      : never;
};

export function required<T>(parameter: Parameter<T>): RequiredParameter<T> {
  return { read: (value, path) => parameter.read(value, path), required: true };
}

/** `''` unsets (facts §1.11: null and '' both arrive as `name=`); `orUnset` hands the empty string on. */
export function orUnset<T>(parameter: Parameter<T>): Parameter<T | ''> {
  return { read: (value, path) => (value === '' ? '' : parameter.read(value, path)) };
}

/** Reads a whole request by its schema. Unknown names are refused before anything else is looked at. */
export function readParameters<S extends Schema>(schema: S, form: FormHash, path = ''): Values<S> {
  refuseUnknown(schema, form, path);
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(schema)) {
    const fullName = path === '' ? name : `${path}[${name}]`;
    const value = form[name];
    if (value !== undefined) values[name] = parameter.read(value, fullName);
    else if (parameter.required === true) throw missing(fullName);
  }
  return values as Values<S>;
}

export function missing(param: string): Error {
  return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

function refuseUnknown(schema: Schema, form: FormHash, path: string): void {
  const unknown = Object.keys(form).filter((name) => !Object.hasOwn(schema, name));
  const first = unknown[0];
  if (first === undefined) return;
  const named = unknown.map((name) => (path === '' ? name : `${path}[${name}]`));
  // API 2026-09-30.endive removed it, and says so with a code of its own (facts §0.1).
  if (path === '' && unknown.includes('payment_method_types') && 'allowed_payment_method_types' in schema) {
    const message =
      'The payment_method_types parameter is no longer supported. Use allowed_payment_method_types, ' +
      'excluded_payment_method_types or payment_method_configuration instead.';
    throw invalidRequest(message, { code: 'payment_method_types_no_longer_supported', param: 'payment_method_types' });
  }
  const label = named.length === 1 ? 'parameter' : 'parameters';
  throw invalidRequest(`Received unknown ${label}: ${named.join(', ')}`, {
    code: 'parameter_unknown',
    param: named[0],
  });
}

function text(value: FormValue, path: string): string {
  if (typeof value !== 'string') throw invalidRequest('Invalid string: ' + JSON.stringify(value), { param: path });
  return value;
}

function nonEmpty(value: FormValue, path: string): string {
  const read = text(value, path);
  if (read !== '') return read;
  const message =
    `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however ` +
    `'${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`;
  throw invalidRequest(message, { code: 'parameter_invalid_empty', param: path });
}

export function string(options: { max?: number } = {}): Parameter<string> {
  const max = options.max ?? 5000;
  return {
    read(value, path) {
      const read = nonEmpty(value, path);
      if (read.length > max) {
        const message = `Invalid string: ${read.slice(0, 24)}...; must be at most ${max} characters`;
        throw invalidRequest(message, { code: 'parameter_invalid_string_too_long', param: path });
      }
      return read;
    },
  };
}

export function integer(options: { min?: number; max?: number } = {}): Parameter<number> {
  return {
    read(value, path) {
      const read = nonEmpty(value, path);
      const parsed = Number(read);
      if (!/^-?\d+$/.test(read) || !Number.isSafeInteger(parsed)) {
        throw invalidRequest(`Invalid integer: ${read}`, { code: 'parameter_invalid_integer', param: path });
      }
      const { min, max } = options;
      if (min !== undefined && parsed < min) throw outOfRange(path, `greater than or equal to ${min}`);
      if (max !== undefined && parsed > max) throw outOfRange(path, `less than or equal to ${max}`);
      return parsed;
    },
  };
}

/** An amount in the currency's minor unit; at least 1 (facts §7.6: no call for free orders). */
export function positiveInteger(): Parameter<number> {
  const plain = integer();
  return {
    read(value, path) {
      const read = plain.read(value, path);
      if (read >= 1) return read;
      throw invalidRequest('This value must be greater than or equal to 1.', {
        code: 'parameter_invalid_integer',
        param: path,
      });
    },
  };
}

function outOfRange(param: string, bound: string): Error {
  return invalidRequest(`This value must be ${bound}.`, { code: 'parameter_invalid_integer', param });
}

/** Stripe's Python library writes booleans as Python does, and Stripe takes them. */
const BOOLEANS: ReadonlyMap<FormValue | undefined, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
]);

function booleanFrom(value: FormValue | undefined): boolean | undefined {
  return BOOLEANS.get(value);
}

export function boolean(): Parameter<boolean> {
  return {
    read(value, path) {
      const read = nonEmpty(value, path);
      const meant = booleanFrom(read);
      if (meant !== undefined) return meant;
      throw invalidRequest(`Invalid boolean: ${read}`, { param: path });
    },
  };
}

export function oneOf<const Choice extends string>(...choices: Choice[]): Parameter<Choice> {
  return {
    read(value, path) {
      const read = nonEmpty(value, path);
      const choice = choices.find((candidate) => candidate === read);
      if (choice === undefined)
        throw invalidRequest(`Invalid ${path}: must be ${enumerated(choices)}`, { param: path });
      return choice;
    },
  };
}

function enumerated(choices: readonly string[]): string {
  if (choices.length === 1) return String(choices[0]);
  if (choices.length === 2) return `either ${choices.join(' or ')}`;
  return `one of ${choices.slice(0, -1).join(', ')}, or ${String(choices.at(-1))}`;
}

/** An absolute http or https address. */
export function url(): Parameter<string> {
  return {
    read(value, path) {
      const read = nonEmpty(value, path);
      // A literal {CHECKOUT_SESSION_ID} is allowed in an address and would not parse as one in some places.
      const address = URL.parse(read.replaceAll(/[{}]/g, ''));
      if (address !== null && /^https?:$/.test(address.protocol)) return read;
      const explanation = 'Not a valid URL: must start with http:// or https://';
      throw invalidRequest(explanation, { code: 'url_invalid', param: path });
    },
  };
}

/** @throws email_invalid */
export function email(): Parameter<string> {
  const plain = string({ max: 800 });
  return {
    read(value, path) {
      const read = plain.read(value, path);
      if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(read)) return read;
      throw invalidRequest(`Invalid email address: ${read}`, { code: 'email_invalid', param: path });
    },
  };
}

export function hash<S extends Schema>(schema: S): Parameter<Values<S>> {
  return {
    read(value, path) {
      if (typeof value === 'string' || Array.isArray(value)) throw invalidRequest('Invalid object', { param: path });
      return readParameters(schema, value, path);
    },
  };
}

export function list<T>(item: Parameter<T>, options: { max?: number } = {}): Parameter<T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) throw invalidRequest('Invalid array', { param: path });
      if (options.max !== undefined && value.length > options.max) {
        throw invalidRequest(`Array ${path} exceeded maximum ${options.max} allowed elements.`, { param: path });
      }
      return value.map((element, index) => item.read(element, `${path}[${index}]`));
    },
  };
}

/** A time in whole seconds. */
export const timestamp = (): Parameter<number> => integer({ min: 0 });

/** `created=` an exact second, or any of gt, gte, lt, lte. */
export interface TimeRange {
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}
export function timeRange(): Parameter<TimeRange> {
  const bounds = hash({ gt: timestamp(), gte: timestamp(), lt: timestamp(), lte: timestamp() });
  return {
    read(value, path) {
      if (typeof value !== 'string') return bounds.read(value, path);
      const exact = timestamp().read(value, path);
      return { gte: exact, lte: exact };
    },
  };
}
