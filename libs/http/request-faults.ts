import { Problem, REQUEST_NOT_VALID, type ValidationMessage } from './problem.js';

/** What a caller sent is named in the answer, and cut where it would be longer than its use. */
const SHOWN_NAME = 120;
/** A body of 1 MiB has room for a hundred thousand faults; nobody reads more than these. */
const SHOWN_FAULTS = 200;

/** A fault of a request; `memberNames` say where it is. */
export function requestFault(code: string, message: string, memberNames: readonly string[]): ValidationMessage {
  return { code, level: 'Error', message, source: 'request', memberNames };
}

/** A value that breaks a rule, at a path such as `items[0].quantity`. */
export function invalidValue(path: string, rule: string): ValidationMessage {
  return requestFault('invalid-value', `${path}: ${rule}`, [path]);
}

export function shownName(name: string): string {
  return name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name;
}

/** The 400 that names every fault. */
export function invalidRequest(faults: readonly ValidationMessage[]): Problem {
  const shown = faults.slice(0, SHOWN_FAULTS);
  const rest = faults.length - shown.length;
  if (rest > 0) shown.push(requestFault('more-faults', `There are ${rest} more faults`, []));
  return new Problem(REQUEST_NOT_VALID, {
    detail: shown.map(({ message }) => message).join('; '),
    validationMessages: shown,
  });
}
