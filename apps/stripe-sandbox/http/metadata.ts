import { invalidRequest } from './errors.js';
import type { Parameter } from './parameters.js';

/** Stripe's limits on metadata (https://docs.stripe.com/api/metadata): 50 keys of 40 characters, values of 500. */
const MOST_KEYS = 50;
const LONGEST_KEY = 40;
const LONGEST_VALUE = 500;

export type Metadata = Record<string, string>;

/** `''` for the whole unsets everything; `''` for a key unsets that key. */
export function metadata(): Parameter<Metadata | ''> {
  return {
    read(value, path) {
      if (value === '') return '';
      if (typeof value === 'string' || Array.isArray(value)) throw invalidRequest('Invalid object', { param: path });
      const read: Metadata = {};
      for (const [key, entry] of Object.entries(value)) {
        const param = `${path}[${key}]`;
        if (typeof entry !== 'string') throw invalidRequest('Invalid string: metadata values are strings.', { param });
        if (key.length > LONGEST_KEY) throw tooLong('keys', LONGEST_KEY, key, param);
        if (entry.length > LONGEST_VALUE) throw tooLong('values', LONGEST_VALUE, entry, param);
        read[key] = entry;
      }
      return read;
    },
  };
}

function tooLong(what: 'keys' | 'values', limit: number, found: string, param: string): Error {
  const message = `Metadata ${what} can be up to ${limit} characters, but you passed in one that is ${found.length} characters.`;
  return invalidRequest(message, { param });
}

/** Merges what was sent into what is there; undefined changes nothing. */
export function mergeMetadata(current: Metadata, sent: Metadata | '' | undefined): Metadata {
  if (sent === undefined) return current;
  if (sent === '') return {};
  const merged: Metadata = { ...current };
  for (const [key, value] of Object.entries(sent)) {
    if (value === '') delete merged[key];
    else merged[key] = value;
  }
  if (Object.keys(merged).length > MOST_KEYS) {
    throw invalidRequest(`You can only have up to ${MOST_KEYS} metadata keys.`, { param: 'metadata' });
  }
  return merged;
}
