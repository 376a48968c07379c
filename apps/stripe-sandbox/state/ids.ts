import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` characters of base 62. Slightly uneven (256 is no multiple of 62), which does not matter for test identifiers. */
export function randomToken(length: number): string {
  let token = '';
  for (const byte of randomBytes(length)) token += ALPHABET[byte % ALPHABET.length];
  return token;
}

/** An identifier as Stripe makes them: a prefix that names the kind, then random characters. */
export function newId(prefix: string): string {
  return `${prefix}_${randomToken(24)}`;
}
