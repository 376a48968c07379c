import { invalidRequest } from './errors.js';

/** A value as it comes off the wire: everything is text until a parameter's schema has read it. */
export type FormValue = string | FormValue[] | FormHash;
export interface FormHash {
  [name: string]: FormValue;
}

/** Deeper than any parameter of Stripe's; a limit so that a hostile body cannot exhaust the stack. */
const DEEPEST = 12;

/**
 * Reads Stripe's nested form encoding: `a[b][0][c]=1` is `{a: {b: [{c: '1'}]}}`, `a[]=1&a[]=2` is `{a: ['1', '2']}`.
 * Names that would reach an object's prototype are ordinary names here, because every hash has none.
 */
export function parseForm(text: string): FormHash {
  const root = newHash();
  if (text === '') return root;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const separator = pair.indexOf('=');
    const name = decode(separator < 0 ? pair : pair.slice(0, separator));
    const value = separator < 0 ? '' : decode(pair.slice(separator + 1));
    assign(root, pathOf(name), value);
  }
  return lists(root) as FormHash;
}

function newHash(): FormHash {
  return Object.create(null) as FormHash;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) throw invalidRequest('Invalid URL encoding in the request.');
    throw error;
  }
}

/** A name and its keys in brackets; a name that is anything else is taken whole, and no parameter is called so. */
const NESTED = /^[^[\]]+(\[[^[\]]*\])+$/;

function pathOf(name: string): string[] {
  if (!NESTED.test(name)) return [name];
  const open = name.indexOf('[');
  const path = [name.slice(0, open)];
  for (const match of name.slice(open).matchAll(/\[([^\]]*)\]/g)) path.push(match[1] ?? '');
  if (path.length > DEEPEST) throw invalidRequest(`Invalid nesting of parameters: ${name.slice(0, 80)}`);
  return path;
}

function assign(root: FormHash, path: string[], value: string): void {
  let hash = root;
  for (const [depth, part] of path.entries()) {
    const key = part === '' && depth > 0 ? String(Object.keys(hash).length) : part;
    const inner = hash[key];
    if (depth === path.length - 1) {
      if (typeof inner === 'object') throw oneOrTheOther(path[0]);
      hash[key] = value;
      return;
    }
    if (typeof inner === 'string') throw oneOrTheOther(path[0]);
    const next = inner === undefined || Array.isArray(inner) ? newHash() : inner;
    hash[key] = next;
    hash = next;
  }
}

function oneOrTheOther(param: string | undefined): Error {
  return invalidRequest(`Invalid request: ${param} cannot be a value and an object at once.`, { param });
}

/** Hashes whose names are 0, 1, 2 … become lists. */
function lists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name, index) => name === String(index))) {
    return names.map((name) => lists(value[name] ?? ''));
  }
  for (const name of names) value[name] = lists(value[name] ?? '');
  return value;
}
