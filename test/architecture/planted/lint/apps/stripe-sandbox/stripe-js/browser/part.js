/* A part of a program whose parts share one scope: another part may use what nothing here does. */
const shared = document.title;
function sharedFunction(unusedParameter) { // fires: no-unused-vars
  let unused = 1; // fires: TS6133
  try {
    return elsewhere;
  } catch (error) { // fires: no-unused-vars
    return null;
  }
}
function twice(a, a) { // fires: holdfast/no-dupe-args, no-redeclare
  return a;
}
class Shared {}
