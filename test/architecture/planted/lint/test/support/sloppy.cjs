const variable = 'a';
delete variable; // fires: no-delete-var
console.log(010); // fires: holdfast/no-octal
console.log('\8'); // fires: no-nonoctal-decimal-escape
function twice(a, a) { // fires: holdfast/no-dupe-args, no-redeclare
  return a;
}
with (console) twice(1, 2); // fires: no-with
module.exports = require(__filename);
