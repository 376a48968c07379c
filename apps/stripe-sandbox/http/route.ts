import type { World } from '../world.js';
import type { ObjectKind } from './expand.js';
import type { Schema, Values } from './parameters.js';

export type KeyKind = 'secret' | 'publishable';

/** One call of one endpoint, its parameters read. */
export interface Call<S extends Schema = Schema> {
  readonly world: World;
  readonly params: Values<S>;
  /** The `:name` parts of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly key: KeyKind;
  /** The path that was called, for the `url` of a list. */
  readonly url: string;
}

/**
 * An endpoint of Stripe's API, as data. `run` is synchronous, so that requests never interleave: each is carried out
 * wholly before the next, and what it changed is written down before it is answered.
 */
export interface Route<S extends Schema = Schema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly parameters: S;
  /** What it answers with, so that `expand` can be checked; a list's `expand` begins with `data.` */
  readonly answers: ObjectKind;
  readonly list?: boolean;
  /** Whether a publishable key may call it; otherwise only the secret key. */
  readonly publishable?: boolean;
  run(call: Call<S>): object;
}

/** Keeps the schema's type for `run`, and forgets it for the router. */
export function route<const S extends Schema>(definition: Route<S>): Route {
  return definition;
}
