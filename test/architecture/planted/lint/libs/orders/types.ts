/// <reference path="./mistakes.ts" /> // fires: typescript/triple-slash-reference
declare const promise: Promise<number>;
declare const anything: any; // fires: typescript/no-explicit-any
declare const n: number;
declare const list: number[];
declare const maybe: { a?: number } | undefined;
declare function use(...values: unknown[]): void;
declare function wantsNumber(value: number): void;

export async function awaits() {
  await n; // fires: typescript/await-thenable
}
// the next line fires: typescript/ban-ts-comment
// @ts-ignore
use(1);
// the next line fires: typescript/ban-ts-comment
// @ts-expect-error
use(nowhere);
// @ts-expect-error it has a description
use(nowhere);
delete list[0]; // fires: typescript/no-array-delete
use(`${{ a: 1 }}`); // fires: typescript/no-base-to-string, typescript/restrict-template-expressions
enum Twice { // fires: holdfast/no-enum
  A = 1, // fires: typescript/no-duplicate-enum-values
  B = 1,
}
enum Other { // fires: holdfast/no-enum
  A = 'a',
}
export type Duplicate = 'a' | 'a'; // fires: typescript/no-duplicate-type-constituents
export type Empty = {}; // fires: typescript/no-empty-object-type
use(maybe!!.a); // fires: typescript/no-extra-non-null-assertion, typescript/no-non-null-assertion, typescript/no-non-null-assertion, typescript/no-unnecessary-type-assertion
promise; // fires: no-unused-expressions, typescript/no-floating-promises
promise.then(() => 1); // fires: typescript/no-floating-promises
for (const key in list) use(key); // fires: typescript/no-for-in-array
setTimeout('use(1)', 1); // fires: typescript/no-implied-eval
import { type Stats } from 'node:fs'; // fires: typescript/no-import-type-side-effects
export type Used = Stats;
export interface Misused {
  new (): Misused; // fires: typescript/no-misused-new
}
if (promise) use(1); // fires: typescript/no-misused-promises
list.forEach(async () => { // fires: typescript/no-misused-promises
  await promise;
});
export namespace Space { // fires: typescript/no-namespace
  export const a = 1;
}
use(maybe?.a!); // fires: typescript/no-non-null-asserted-optional-chain, typescript/no-non-null-assertion
use(maybe!.a); // fires: typescript/no-non-null-assertion
export type Redundant = unknown | string; // fires: typescript/no-redundant-type-constituents
use(require('node:fs')); // fires: typescript/no-require-imports
export class Alias {
  method() {
    const self = this; // fires: typescript/no-this-alias
    return self;
  }
}
use(n as number); // fires: typescript/no-unnecessary-type-assertion
export function constrained<T extends unknown>(value: T) { // fires: typescript/no-unnecessary-type-constraint
  return value;
}
wantsNumber(anything); // fires: typescript/no-unsafe-argument
const taken: number = anything; // fires: typescript/no-unsafe-assignment
use(taken);
anything(); // fires: typescript/no-unsafe-call
export interface Merged { // fires: typescript/no-unsafe-declaration-merging
  a: number;
}
export class Merged {}
use(Other.A === 'a', Twice.A === n); // fires: typescript/no-unsafe-enum-comparison, typescript/no-unsafe-enum-comparison
export type Fn = Function; // fires: typescript/no-unsafe-function-type
use(anything.member); // fires: typescript/no-unsafe-member-access
export function returnsAny(): number {
  return anything; // fires: typescript/no-unsafe-return
}
use(-list); // fires: typescript/no-unsafe-unary-minus
export type Wrapper = Number; // fires: typescript/no-wrapper-object-types
export function throwsText() {
  throw 'text'; // fires: typescript/only-throw-error
}
export const asConst = 'a' as 'a'; // fires: typescript/prefer-as-const, typescript/no-unnecessary-type-assertion
module Old { // fires: typescript/no-namespace, typescript/prefer-namespace-keyword
  export const a = 1;
}
use(Old.a);
use(Promise.reject('text')); // fires: typescript/prefer-promise-reject-errors
use(list + 'text'); // fires: typescript/restrict-plus-operands
use(`${n} ${true}`);
use(`${list}`); // fires: typescript/restrict-template-expressions
export async function returned() {
  try {
    return promise; // fires: typescript/return-await
  } catch {
    return promise;
  }
}
export function exhaustive(status: 'open' | 'paid' | 'void') {
  switch (status) { // fires: typescript/switch-exhaustiveness-check
    case 'open':
      return 1;
    default:
      return 2;
  }
}
export function withoutDefault(value: number) {
  switch (value) { // fires: typescript/switch-exhaustiveness-check
    case 1:
      use(1);
  }
}
export class Unbound {
  method() {
    return this;
  }
}
use(new Unbound().method); // fires: typescript/unbound-method
export function waits(): Promise<number> {
  return promise;
}
export const env = process.env; // fires: holdfast/no-environment
use(process.env.HOME); // fires: holdfast/no-environment
import { env as imported } from 'node:process'; // fires: holdfast/no-environment
use(imported);
