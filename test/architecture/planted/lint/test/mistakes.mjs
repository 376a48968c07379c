class Parent {}
export class Child extends Parent {
  constructor() {} // fires: constructor-super
  get value() {} // fires: getter-return
  set value(value) {
    return value; // fires: no-setter-return
  }
  twice() {} // fires: no-dupe-class-members
  twice() {}
}
export class Early extends Parent {
  constructor() { // fires: no-this-before-super
    this.a = 1;
    super();
  }
}
class Assigned {} // fires: no-class-assign
console.log(Assigned);
Assigned = 1;
const constant = 1; // fires: no-const-assign
console.log(constant);
constant = 2;
console.log({ a: 1, a: 2 }); // fires: no-dupe-keys
function assigned() {}
console.log(assigned);
assigned = 1; // fires: no-func-assign
import * as path from 'node:path';
path.join = 1; // fires: no-import-assign
console.log(new Symbol('a')); // fires: no-new-native-nonconstructor
console.log(Math()); // fires: no-obj-calls
var again = 1; // fires: no-redeclare
var again = 2;
console.log(again, performance.now(), process.argv);
console.log(nowhere); // fires: no-undef
export function unreachable() {
  return 1;
  console.log(1); // fires: no-unreachable
}
console.log(!again in {}); // fires: no-unsafe-negation
const unused = 1; // fires: no-unused-vars
console.log(again === NaN); // fires: use-isnan
// the next line fires: holdfast/no-inline-config
/* eslint no-undef: "off" */
console.log(require); // fires: no-undef
