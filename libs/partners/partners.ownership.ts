import { Injectable } from '@nestjs/common';
import { isStorable, Problem, type AccessRule, type ProblemKind } from '#http';
import type { Owner } from './partners.principal.js';

/** What a route can be about. */
type OwnedThing = NonNullable<AccessRule['owns']>;

interface Resolver {
  /** One query with the owner in its WHERE: what is someone else's and what does not exist look the same. */
  readonly find: (owner: Owner, id: string) => Promise<object | undefined>;
  readonly parameter: string;
  readonly notFound: ProblemKind;
}

/** Each room registers how its things are found; the guard asks here and nowhere else. */
@Injectable()
export class Ownership {
  private readonly resolvers = new Map<OwnedThing, Resolver>();

  register(thing: OwnedThing, resolver: Resolver): void {
    this.resolvers.set(thing, resolver);
  }

  /** @throws Problem 404, the same for unknown, malformed and foreign ids */
  async find(thing: OwnedThing, owner: Owner, parameters: Readonly<Record<string, string>>): Promise<object> {
    const resolver = this.resolvers.get(thing);
    if (!resolver) throw new Error(`no room registered how a ${thing} is found`);
    const id = parameters[resolver.parameter] ?? '';
    // PostgreSQL refuses to look for text that it cannot store; no id is empty, and the query takes as long.
    const found = await resolver.find(owner, isStorable(id) ? id : '');
    if (!found) throw new Problem(resolver.notFound);
    return found;
  }
}
