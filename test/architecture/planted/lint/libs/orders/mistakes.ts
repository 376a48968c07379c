/* Each line that says so is a fault, and the linter names it by that rule. */
declare const n: number;
declare const text: string;
declare const list: number[];
declare const maybe: { method(): number } | undefined;
declare function use(...values: unknown[]): void;

for (let i = 0; i < 10; i--) use(i); // fires: for-direction
use(new Promise(async (resolve) => resolve(await Promise.resolve(1)))); // fires: no-async-promise-executor, typescript/no-misused-promises
switch (n) {
  case 1: // fires: no-duplicate-case
    let inCase = 1; // fires: no-case-declarations, prefer-const
    use(inCase);
    break;
  case 1:
    break;
  case 2:
    use(2);
  case 3: // fires: no-fallthrough
    break;
  default:
}
use(n === -0); // fires: no-compare-neg-zero
let assigned;
if ((assigned = n)) use(assigned);
if (assigned = n) use(assigned); // fires: no-cond-assign
use({} === n); // fires: no-constant-binary-expression
if (true) use(1); // fires: no-constant-condition
use(/\x1f/); // fires: no-control-regex
debugger; // fires: no-debugger
if (n > 1) use(1); // fires: no-dupe-else-if
else if (n > 1) use(2);
if (n > 1) {} // fires: no-empty
try {
  use(1);
} catch {} // fires: no-empty
use(/a[]/.test(text)); // fires: no-empty-character-class
const {} = maybe ?? {}; // fires: no-empty-pattern
export class EmptyBlock {
  static {} // fires: no-empty-static-block
}
try {
  use(1);
} catch (error) {
  error = new Error('x'); // fires: no-ex-assign
  use(error);
}
if (!!n) use(n); // fires: no-extra-boolean-cast
undefined = 1; // fires: no-global-assign
use(new RegExp('[')); // fires: no-invalid-regexp
use(/*   */ n); // fires: no-irregular-whitespace
use(9007199254740993); // fires: no-loss-of-precision
use(/[👍]/.test(text)); // fires: no-misleading-character-class
use({}.hasOwnProperty('a')); // fires: no-prototype-builtins
use(/a  b/.test(text)); // fires: no-regex-spaces
assigned = assigned; // fires: no-self-assign
use(assigned);
export function shadow(NaN: number) { // fires: no-shadow-restricted-names
  return NaN;
}
use([1, , 2]); // fires: no-sparse-arrays
let never: number | undefined; // fires: no-unassigned-vars
use(never);
const one = use
(n); // fires: no-unexpected-multiline
use(one);
export function unsafeFinally() {
  try {
    use(1);
  } finally {
    return 1; // fires: no-unsafe-finally
  }
}
use((maybe?.method)()); // fires: no-unsafe-optional-chaining
label: use(1); // fires: no-unused-labels
export class Private {
  #unused = 1; // fires: no-unused-private-class-members
}
export function uselessAssignment() {
  let value = 1; // fires: no-useless-assignment
  value = n;
  return value;
}
use(/(?:\1)(a)/.test(text)); // fires: no-useless-backreference
try {
  use(1);
} catch (error) { throw error; } // fires: no-useless-catch
use('\d'); // fires: no-useless-escape
try {
  use(1);
} catch (error) {
  if (error) throw new Error('x'); // fires: preserve-caught-error
}
export function* noYield() { // fires: require-yield
  use(1);
}
use(n === NaN); // fires: use-isnan
use(typeof n === 'nunber'); // fires: valid-typeof
use(n == 1); // fires: eqeqeq
use(maybe != null);
console.log(1); // fires: no-console
var old = 1; // fires: no-var
use(old);
export function rest() {
  use(arguments); // fires: prefer-rest-params
}
use.apply(undefined, list); // fires: prefer-spread
use(new Array(1, 2)); // fires: no-array-constructor
n + 1; // fires: no-unused-expressions
import { join } from 'node:path'; // fires: no-unused-vars
const unused = 1; // fires: no-unused-vars
const _unused = 1;
export const withUnused = (unusedParameter: number) => 1; // fires: no-unused-vars
try {
  use(1);
} catch (unusedError) { // fires: no-unused-vars
  use(2);
}
// the next line fires: unused-directive
// oxlint-disable-next-line no-console
use(1);
// the next line fires: unused-directive
// eslint-disable-next-line @typescript-eslint/no-floating-promises
use(1);
// oxlint-disable-next-line no-console
console.log(2);
