import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from '#http';
import type { KeyScope } from './partner-key.entity.js';

/** Who is calling, as authentication found it. */
export type Principal =
  | { readonly kind: 'partner'; readonly partnerId: string; readonly scope: KeyScope; readonly credentialId: string }
  | { readonly kind: 'account'; readonly partnerId: string; readonly accountId: string; readonly credentialId: string };

/** The accounts a caller may see: all of its partner's, or one. For a query's WHERE. */
export interface Owner {
  readonly partnerId: string;
  /** `null` for a partner, which owns every account of its own. */
  readonly accountId: string | null;
}

/** What the guard found out about a request, for the handler's parameters. */
const callers = new WeakMap<HttpRequest, Principal>();
const ownedThings = new WeakMap<HttpRequest, object>();

export function setCaller(request: HttpRequest, principal: Principal): void {
  callers.set(request, principal);
}

/** Who is calling; nobody before authentication, and where nobody is asked. */
export function callerOf(request: HttpRequest): Principal | undefined {
  return callers.get(request);
}

/** @param thing the row that the ownership check found, under the owner in its WHERE */
export function setOwned(request: HttpRequest, thing: object): void {
  ownedThings.set(request, thing);
}

export function ownerOf(principal: Principal): Owner {
  return { partnerId: principal.partnerId, accountId: principal.kind === 'account' ? principal.accountId : null };
}

/** A handler's parameter with the caller. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = callerOf(context.switchToHttp().getRequest<HttpRequest>());
  if (!principal) throw new Error('a public route asked for its caller');
  return principal;
});

/** A handler's parameter with what the route's ownership check found. */
export const Owned = createParamDecorator((_: unknown, context: ExecutionContext): object => {
  const owned = ownedThings.get(context.switchToHttp().getRequest<HttpRequest>());
  if (!owned) throw new Error('a route without an owned thing asked for it');
  return owned;
});
