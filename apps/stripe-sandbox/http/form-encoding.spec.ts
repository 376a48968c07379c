import { describe, expect, test } from '@jest/globals';
import { parseForm } from './form-encoding.js';

describe('parseForm', () => {
  test.each([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a[b][c]=1', { a: { b: { c: '1' } } }],
    ['a[0]=x&a[1]=y', { a: ['x', 'y'] }],
    ['a[]=x&a[]=y', { a: ['x', 'y'] }],
    ['items[0][name]=A&items[0][qty]=2&items[1][name]=B', { items: [{ name: 'A', qty: '2' }, { name: 'B' }] }],
    ['a%5Bb%5D=c+d%20e', { a: { b: 'c d e' } }],
    ['a=', { a: '' }],
    ['metadata[x]=', { metadata: { x: '' } }],
    ['a[b]c=1', { 'a[b]c': '1' }],
    ['a[b[c]]=1', { 'a[b[c]]': '1' }],
    ['a[=1', { 'a[': '1' }],
    ['[a]=1', { '[a]': '1' }],
    ['=1', { '': '1' }],
    ['city=K%C3%B6ln', { city: 'Köln' }],
  ])('%s', (text, expected) => {
    expect(JSON.parse(JSON.stringify(parseForm(text)))).toEqual(expected);
  });

  test('a name that would reach the prototype is an ordinary name', () => {
    const form = parseForm('__proto__[polluted]=yes&metadata[constructor]=x');
    expect(Object.keys(form)).toEqual(['__proto__', 'metadata']);
    expect('polluted' in {}).toBe(false);
  });

  test.each(['a=1&a[b]=2', 'a[b]=2&a=1', 'a[]=2&a=1', 'a=1&a[]=2'])('%s is refused', (text) => {
    expect(() => parseForm(text)).toThrow('a cannot be a value and an object at once');
  });

  test('bad escapes and bottomless nesting are refused', () => {
    expect(() => parseForm('a=%')).toThrow('Invalid URL encoding');
    expect(() => parseForm(`a${'[b]'.repeat(50)}=1`)).toThrow('Invalid nesting');
  });
});
