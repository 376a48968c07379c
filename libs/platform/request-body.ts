import { applyDecorators } from '@nestjs/common';
import { plainToInstance, Type } from 'class-transformer';
import { getMetadataStorage, ValidateNested, validateSync, type ValidationError } from 'class-validator';
import { parse } from 'lossless-json';
import { BODY_NOT_JSON, Problem, REQUEST_NOT_VALID, type ValidationMessage } from './problem.js';

type Dto<T extends object> = new () => T;

const NESTED = Symbol('nested DTO');

/** Marks a property that is a list of DTOs: its members' names are matched and checked like the body's own. */
export function NestedList(dto: () => Dto<object>): PropertyDecorator {
  return applyDecorators(ValidateNested({ each: true }), Type(dto), ((target: object, property: string) => {
    Reflect.defineMetadata(NESTED, dto, target, property);
  }) as PropertyDecorator);
}

/**
 * A request's body before it was looked at. Ownership and state come first (an order in Payment answers whatever was
 * sent), so a handler validates when it is the body's turn.
 */
export class RequestBody<T extends object> {
  constructor(
    private readonly dto: Dto<T>,
    private readonly bytes: Buffer,
  ) {}

  /** @throws Problem 400 `body-not-json` */
  parsed(): unknown {
    return this.bytes.length === 0 ? {} : parseJson(this.bytes);
  }

  /** @throws Problem 400 that names every fault */
  validated(): T {
    return validate(this.dto, this.parsed());
  }
}

/** Parses UTF-8 JSON; a number that a double cannot hold exactly becomes NaN, which no rule accepts. */
function parseJson(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ key }) => refuseDuplicate(key) });
  } catch (error) {
    if (error instanceof Problem) throw error;
    // A RangeError is a nesting deeper than the stack: as unreadable as a missing bracket.
    throw new Problem(BODY_NOT_JSON, {
      detail: error instanceof SyntaxError ? error.message : 'The body cannot be read',
    });
  }
}

function exactNumber(text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? Number.NaN : value;
}

function refuseDuplicate(name: string): never {
  throw invalid([requestFault('name-collision', `The name "${name}" is sent twice`, [name])]);
}

function requestFault(code: string, message: string, memberNames: readonly string[]): ValidationMessage {
  return { code, level: 'Error', message, source: 'request', memberNames };
}

function invalid(validationMessages: readonly ValidationMessage[]): Problem {
  return new Problem(REQUEST_NOT_VALID, {
    detail: validationMessages.map(({ message }) => message).join('; '),
    validationMessages,
  });
}

/**
 * Matches names without regard to case, refuses unknown ones, and checks every value.
 * @throws Problem 400 that names every fault
 */
export function validate<T extends object>(dto: Dto<T>, value: unknown): T {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalid([requestFault('invalid-value', 'The body must be a JSON object', [])]);
  }
  const faults: ValidationMessage[] = [];
  const named = withDeclaredNames(dto, value as Record<string, unknown>, '', faults);
  const instance = plainToInstance(dto, named, { exposeUnsetFields: false });
  const errors = validateSync(instance, { forbidUnknownValues: false, skipMissingProperties: false });
  faults.push(...errors.flatMap((error) => faultsOf(error, '')));
  if (faults.length > 0) throw invalid(faults);
  return instance;
}

/** Copies what the DTO declares, under its declared spelling; nested DTOs too, `metadata` and other plain values as sent. */
function withDeclaredNames(
  dto: Dto<object>,
  value: Record<string, unknown>,
  path: string,
  faults: ValidationMessage[],
): Record<string, unknown> {
  const declared = declaredNames(dto);
  const named: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const property = declared.get(name.toLowerCase());
    const at = `${path}${name}`;
    if (property === undefined) {
      faults.push(requestFault('unknown-name', `The name "${at}" is not known here`, [at]));
    } else if (Object.hasOwn(named, property)) {
      faults.push(requestFault('name-collision', `The name "${at}" is sent twice, in different case`, [at]));
    } else {
      named[property] = nested(dto, property, member, `${path}${property}`, faults);
    }
  }
  return named;
}

function nested(
  dto: Dto<object>,
  property: string,
  value: unknown,
  path: string,
  faults: ValidationMessage[],
): unknown {
  const type = Reflect.getMetadata(NESTED, dto.prototype as object, property) as (() => Dto<object>) | undefined;
  if (type === undefined || !Array.isArray(value)) return value;
  return value.map((entry: unknown, index) =>
    isObject(entry) ? withDeclaredNames(type(), entry, `${path}[${index}].`, faults) : entry,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const namesByDto = new Map<Dto<object>, ReadonlyMap<string, string>>();

function declaredNames(dto: Dto<object>): ReadonlyMap<string, string> {
  const known = namesByDto.get(dto);
  if (known) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = new Map(rules.map(({ propertyName }) => [propertyName.toLowerCase(), propertyName]));
  namesByDto.set(dto, names);
  return names;
}

function faultsOf(error: ValidationError, path: string): ValidationMessage[] {
  const at = /^\d+$/.test(error.property)
    ? `${path.replace(/\.$/, '')}[${error.property}]`
    : `${path}${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((text) =>
    requestFault('invalid-value', `${at}: ${text.replace(`${error.property} `, '')}`, [at]),
  );
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, `${at}.`))];
}
