export const environment = process.env;
console.log(1); // fires: no-console
export enum Status { // fires: holdfast/no-enum
  Open = 'open',
}
