/* What the tests' code may do, and what it may not. */
declare const service: { method(): number };
declare const maybe: { a: number } | undefined;
declare const promise: Promise<number>;
declare function use(...values: unknown[]): void;

use(service.method, maybe!.a, process.env.HOME);
const answer = JSON.parse('{}');
use(answer.member);
console.log(1);
promise.then(() => 1); // fires: typescript/no-floating-promises
export enum Status { // fires: holdfast/no-enum
  Open = 'open',
}
