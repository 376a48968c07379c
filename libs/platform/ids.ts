import { randomBytes } from 'node:crypto';

type IdPrefix = 'par' | 'key' | 'acc' | 'pay' | 'ref' | 'nep' | 'ntf' | 'req';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random text of letters and digits; 24 of them carry 142 bits. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte: dropping the rest keeps every letter equally likely.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

/** A public id such as `pay_…`: the prefix says what it names, the rest cannot be guessed. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomText(24)}`;
}
