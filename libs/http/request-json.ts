import { BODY_NOT_JSON, Problem } from './problem.js';
import { invalidRequest, requestFault } from './request-faults.js';

/** A double keeps this many significant digits, whatever they are. */
const SIGNIFICANT_DIGITS = 15;

type Reviver = (this: unknown, name: string, value: unknown, context: { source?: string }) => unknown;

/**
 * Parses UTF-8 JSON. A number that a double cannot hold exactly becomes NaN, which no rule accepts.
 * @throws Problem 400 `body-not-json`, or `name-collision` for a name that is sent twice in one object
 */
export function parseJson(bytes: Buffer): unknown {
  const { text, value } = readJson(bytes);
  const name = repeatedName(text);
  if (name !== undefined) {
    throw invalidRequest([requestFault('name-collision', `The name "${name}" is sent twice`, [name])]);
  }
  return value;
}

/** @throws Problem 400 `body-not-json` */
export function readJson(bytes: Buffer): { text: string; value: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const exact: Reviver = (_name, value, { source }) =>
      typeof value === 'number' && source !== undefined ? exactNumber(source) : value;
    return { text, value: JSON.parse(text, exact as (name: string, value: unknown) => unknown) as unknown };
  } catch (error) {
    // A RangeError is a nesting deeper than the stack: as unreadable as a missing bracket.
    throw new Problem(BODY_NOT_JSON, {
      detail: error instanceof SyntaxError ? error.message : 'The body cannot be read',
    });
  }
}

function exactNumber(source: string): number {
  const value = Number(source);
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  const isKept = digits.length <= SIGNIFICANT_DIGITS || /^-?\d+$/.test(source);
  const isTooSmall = value === 0 && digits !== '';
  const isTooLarge = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return isKept && !isTooSmall && !isTooLarge ? value : Number.NaN;
}

/** @param text valid JSON; JSON.parse would let the last of two equal names win without a word */
function repeatedName(text: string): string | undefined {
  const colon = /\s*:/y;
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const start = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      colon.lastIndex = i + 1;
      if (!colon.test(text)) continue;
      const name = JSON.parse(text.slice(start, i + 1)) as string;
      if (open.at(-1)?.has(name)) return name;
      open.at(-1)?.add(name);
    }
  }
  return undefined;
}
