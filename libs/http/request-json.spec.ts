import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './request-json.js';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('strict JSON', () => {
  it('agrees with JSON.parse on what JSON.stringify wrote', () => {
    const withoutLongNumbers = fc.json({ noUnicodeString: false }).filter((text) => !/[\d.]{16}|[eE]/.test(text));
    fc.assert(
      fc.property(withoutLongNumbers, (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps a whole number exactly, or says that it is none', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (number) => {
        const isExact = number >= BigInt(Number.MIN_SAFE_INTEGER) && number <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(parse(String(number))).toBe(isExact ? Number(number) : Number.NaN);
      }),
    );
  });

  it('takes no fraction for a whole number', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), digits, (whole, fraction) => {
        const isWhole = fraction.every((digit) => digit === 0);
        const value = parse(`${whole}.${fraction.join('')}`);
        if (!isWhole) expect(Number.isInteger(value)).toBe(false);
        else if (fraction.length < 7) expect(value).toBe(whole);
      }),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":[]},"a":2}',
    '[{"x":{"a":1,"b":2,"\\u0061":3}}]',
    '{"__proto__":1,"__proto__":1}',
  ])('refuses %s, which names something twice', (text) => expect(() => parse(text)).toThrow(/is sent twice/));

  it.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"\\"a\\":1","b":"a"}',
    '{"a":"\\\\","b":":"}',
    '{"a":["a","a"]}',
  ])('takes %s, which does not', (text) => expect(parse(text)).toEqual(JSON.parse(text)));
});
