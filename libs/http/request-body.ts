import { applyDecorators } from '@nestjs/common';
import { getMetadataStorage, ValidateNested, validateSync, type ValidationError } from 'class-validator';
import type { ValidationMessage } from './problem.js';
import { invalidRequest, invalidValue, requestFault, shownName } from './request-faults.js';
import { parseJson, readJson } from './request-json.js';

/** Text for people, on one line: no control characters, and none of the separators that Unicode has for lines. */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

type Dto<T extends object> = new () => T;
type Members = Readonly<Record<string, unknown>>;

/** Rules that need more than one value; called with values of any type, since it reports beside the DTO's own rules. */
export type FurtherFaults<T> = (value: { readonly [Name in keyof T]?: unknown }) => readonly ValidationMessage[];

const NESTED = Symbol('nested DTO');
const FROM_TEXT = Symbol('number from text');

/** For a route that takes nothing: every name in its body is one that is not known. */
export class NothingDto {}

/** Marks a property that is a list of DTOs: its members' names are matched and checked like the body's own. */
export function NestedList(dto: () => Dto<object>): PropertyDecorator {
  return applyDecorators(ValidateNested({ each: true }), Reflect.metadata(NESTED, dto));
}

/** Marks a whole number of a query string, where every value comes as text. */
export function NumberFromText(): PropertyDecorator {
  return Reflect.metadata(FROM_TEXT, true);
}

/**
 * A request's body before it was looked at. Ownership and state come first (an order in Payment answers whatever was
 * sent), so a handler validates when it is the body's turn.
 */
export class RequestBody<T extends object> {
  /** @param query of the same request: a call that has a body takes nothing there */
  constructor(
    private readonly dto: Dto<T>,
    private readonly bytes: Buffer,
    private readonly query: object = {},
  ) {}

  /** For an answer that is the same whatever was sent. @throws Problem 400 `body-not-json` for what is nothing at all */
  read(): void {
    if (this.bytes.length > 0) readJson(this.bytes);
  }

  /**
   * One text of a body that may be wrong everywhere else: the id whose owner is asked for before the rest is looked at.
   * @throws Problem 400 `body-not-json`
   */
  text(name: keyof T & string): string | undefined {
    const value = this.parsed();
    const found = isObject(value) && Object.entries(value).find(([sent]) => folded(sent) === folded(name));
    return found && typeof found[1] === 'string' && isStorable(found[1]) ? found[1] : undefined;
  }

  /** @throws Problem 400 that names every fault */
  validated(further: FurtherFaults<T> = () => []): T {
    return validate(this.dto, this.parsed(), (value) => [...faultsOfQuery(this.query), ...further(value)]);
  }

  private parsed(): unknown {
    return this.bytes.length === 0 ? {} : parseJson(this.bytes);
  }
}

/**
 * Matches names without regard to case, refuses unknown ones, and checks every value.
 * @throws Problem 400 that names every fault
 */
export function validate<T extends object>(dto: Dto<T>, value: unknown, further: FurtherFaults<T> = () => []): T {
  if (!isObject(value)) throw invalidRequest([requestFault('invalid-value', 'The body must be a JSON object', [])]);
  const faults = faultsOfText(value);
  const instance = instanceOf(dto, value, '', faults);
  const errors = validateSync(instance, { forbidUnknownValues: false });
  faults.push(...errors.flatMap((error) => faultsOf(error, '')), ...further(instance));
  if (faults.length > 0) throw invalidRequest(faults);
  return instance;
}

/** What a query string says to a call that takes none: every name in it is one that is not known. */
export function faultsOfQuery(query: object): ValidationMessage[] {
  return Object.keys(query).map((name) => unknownName(shownName(name)));
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Names and values at any depth; without recursion, which a caller could drive deeper than the stack. */
function faultsOfText(body: Members): ValidationMessage[] {
  const faults: ValidationMessage[] = [];
  const waiting: [path: string, value: unknown][] = [['', body]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, value] = next;
    if (typeof value === 'string' && !isStorable(value))
      faults.push(invalidValue(path, 'must not hold NUL or half a character'));
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${name}]` : `${path}${path && '.'}${shownName(name)}`;
      if (!isStorable(name)) faults.push(invalidValue(at, 'the name must not hold NUL or half a character'));
      waiting.push([shownName(at), member]);
    }
  }
  return faults;
}

/**
 * Copies what the DTO declares, under its declared spelling; nested DTOs too, `metadata` and other plain values as sent. What
 * is null was not sent: the rules of what is required refuse it, and nobody has to tell it from what is absent.
 */
function instanceOf<T extends object>(dto: Dto<T>, value: Members, path: string, faults: ValidationMessage[]): T {
  const declared = declaredNames(dto);
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const property = declared.get(folded(name));
    const at = `${path}${shownName(name)}`;
    if (property === undefined) {
      faults.push(unknownName(at));
    } else if (members.has(property)) {
      faults.push(requestFault('name-collision', `The name "${at}" is sent twice, in different case`, [at]));
    } else {
      members.set(property, memberOf(dto, property, member, `${path}${property}`, faults));
    }
  }
  return Object.assign(new dto(), Object.fromEntries([...members].filter(([, member]) => member !== null)));
}

function unknownName(at: string): ValidationMessage {
  return requestFault('unknown-name', `The name "${at}" is not known here`, [at]);
}

function memberOf(
  dto: Dto<object>,
  property: string,
  value: unknown,
  path: string,
  faults: ValidationMessage[],
): unknown {
  const prototype = dto.prototype as object;
  const type = Reflect.getMetadata(NESTED, prototype, property) as (() => Dto<object>) | undefined;
  if (type !== undefined && Array.isArray(value)) {
    return value.map((entry: unknown, index) => {
      const at = `${path}[${index}]`;
      // class-validator takes a list for a list of nested objects, and an empty one for good.
      if (Array.isArray(entry)) faults.push(invalidValue(at, 'must be an object'));
      return isObject(entry) ? instanceOf(type(), entry, `${at}.`, faults) : entry;
    });
  }
  // Named a fault already; some rules of class-validator throw at it.
  if (typeof value === 'string' && !isStorable(value)) return '';
  const isDigits = typeof value === 'string' && /^\d{1,15}$/.test(value);
  return isDigits && Reflect.hasMetadata(FROM_TEXT, prototype, property) ? Number(value) : value;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Declared names are ASCII: letters that only fold into it elsewhere (the Kelvin sign into k) are other names. */
function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const namesByDto = new Map<Dto<object>, ReadonlyMap<string, string>>();

function declaredNames(dto: Dto<object>): ReadonlyMap<string, string> {
  const known = namesByDto.get(dto);
  if (known) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = new Map(rules.map(({ propertyName }) => [folded(propertyName), propertyName]));
  namesByDto.set(dto, names);
  return names;
}

function faultsOf(error: ValidationError, path: string): ValidationMessage[] {
  const at = /^\d+$/.test(error.property)
    ? `${path.replace(/\.$/, '')}[${error.property}]`
    : `${path}${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((text) =>
    invalidValue(at, text.replace(`${error.property} `, '')),
  );
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, `${at}.`))];
}
