/** Reads the JSON of a control and says clearly what is wrong with it. */
export class ControlError extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export type Input = Readonly<Record<string, unknown>>;

/** @throws ControlError when it is no object, or has a name that the control does not know */
export function readInput(body: unknown, known: readonly string[]): Input {
  const input = body ?? {};
  if (typeof input !== 'object' || Array.isArray(input)) throw new ControlError('The body must be a JSON object.');
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new ControlError(`Unknown: ${unknown.join(', ')}. Known: ${known.join(', ')}.`);
  return input as Input;
}

export function optionalString(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new ControlError(`${name} must be a string.`);
}

export function requiredString(input: Input, name: string): string {
  const value = optionalString(input, name);
  if (value === undefined || value === '') throw new ControlError(`${name} is required.`);
  return value;
}

export function optionalInteger(input: Input, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ControlError(`${name} must be an integer from ${min} to ${max}.`);
}

export function optionalBoolean(input: Input, name: string): boolean | undefined {
  const value = input[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw new ControlError(`${name} must be true or false.`);
}

export function optionalStrings(input: Input, name: string): string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw new ControlError(`${name} must be a list of strings.`);
}

export function choice<const Choice extends string>(
  input: Input,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  const chosen = choices.find((candidate) => candidate === value);
  if (chosen === undefined) throw new ControlError(`${name} must be one of ${choices.join(', ')}.`);
  return chosen;
}
