import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  ACCESS_RULE,
  CREDENTIAL_NOT_VALID,
  Idempotency,
  Problem,
  type AccessRule,
  type HttpReply,
  type HttpRequest,
} from '#http';
import { CONFIG, type Config } from '#platform';
import { CREDENTIAL_KIND_REFUSED } from './partners.errors.js';
import { basicPassword, refuseOtherSites } from './partners.browser.js';
import { FailedAuthentications } from './partners.failures.js';
import { Credentials, isPartnerKey } from './partners.credentials.js';
import { Ownership } from './partners.ownership.js';
import { ownerOf, setCaller, setOwned, type Principal } from './partners.principal.js';
import { RateLimits } from './partners.rate-limits.js';

/** What a read-only key may do; every other method changes something. */
const READING = ['GET', 'HEAD'];

/** What an Idempotency-Key of the operator belongs to: there is one. */
const OPERATOR_CREDENTIAL = 'operator';

const BASIC_CHALLENGE = 'Basic realm="Holdfast"';

/**
 * The order of checks of every call, in one place: 401, then the first answer of an Idempotency-Key, which may be a
 * 403 or 404 itself, then 403 by kind, then 404 by ownership. State (409) and body (400) are the handler's.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: Credentials,
    private readonly idempotency: Idempotency,
    private readonly ownership: Ownership,
    private readonly failures: FailedAuthentications,
    private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!rule) throw new Error(`${context.getClass().name}.${context.getHandler().name} does not say who may call it`);
    const request = context.switchToHttp().getRequest<HttpRequest>();
    if (rule.who === 'public') return true;
    if (rule.who === 'operator') return this.admitOperator(request);
    if (rule.who === 'operator-in-browser') {
      return this.admitBrowser(request, context.switchToHttp().getResponse<HttpReply>());
    }
    await this.admitPrincipal(request, rule);
    return true;
  }

  private async admitPrincipal(request: HttpRequest, rule: AccessRule): Promise<void> {
    this.limits.countAddress(request.ip);
    const principal = await this.authenticated(request);
    setCaller(request, principal);
    request.credentialId = principal.credentialId;
    this.limits.countCredential(principal.credentialId);
    await this.idempotency.replay(request);
    refuseKind(principal, rule, request.method);
    if (!rule.owns) return;
    const parameters = request.params as Record<string, string>;
    setOwned(request, await this.ownership.find(rule.owns, ownerOf(principal), parameters));
  }

  private async authenticated(request: HttpRequest): Promise<Principal> {
    const credential = bearer(request);
    const key = credential !== undefined && isPartnerKey(credential) ? credential : undefined;
    this.failures.refuseGuess(request.ip, key);
    const principal = await this.credentials.authenticate(credential);
    if (!principal) throw this.refusal(request, key);
    this.failures.accepted(request.ip, key);
    return principal;
  }

  private async admitOperator(request: HttpRequest): Promise<boolean> {
    this.authenticateOperator(request, bearer(request));
    request.credentialId = OPERATOR_CREDENTIAL;
    await this.idempotency.replay(request);
    return true;
  }

  /** Whoever is not the operator is asked by the browser, with any name and the key as password. */
  private admitBrowser(request: HttpRequest, reply: HttpReply): boolean {
    // Only on a refusal is it sent; the header has no meaning beside other answers.
    void reply.header('WWW-Authenticate', BASIC_CHALLENGE);
    this.authenticateOperator(request, bearer(request) ?? basicPassword(request));
    void reply.removeHeader('WWW-Authenticate');
    if (!READING.includes(request.method)) refuseOtherSites(request);
    return true;
  }

  /** In sandbox mode without an OPERATOR_KEY everyone is the operator. */
  private authenticateOperator(request: HttpRequest, key: string | undefined): void {
    const { operatorKey } = this.config;
    if (operatorKey === undefined) return;
    this.failures.refuseGuess(request.ip, key);
    const digest = (text: string) => createHash('sha256').update(text).digest();
    if (!timingSafeEqual(digest(key ?? ''), digest(operatorKey))) throw this.refusal(request, key);
    this.failures.accepted(request.ip, key);
  }

  /** Whoever sends no credential at all guesses nothing, and is not counted. */
  private refusal(request: HttpRequest, key: string | undefined): Problem {
    const isGuess = request.headers.authorization !== undefined;
    return isGuess ? this.failures.refusal(request.ip, key) : new Problem(CREDENTIAL_NOT_VALID);
  }
}

/** @throws Problem 403, before anything is looked up */
function refuseKind(principal: Principal, rule: AccessRule, method: string): void {
  if (rule.who === 'partner' && principal.kind !== 'partner') throw new Problem(CREDENTIAL_KIND_REFUSED);
  if (principal.kind === 'partner' && principal.scope === 'read-only' && !READING.includes(method))
    throw new Problem(CREDENTIAL_KIND_REFUSED, { detail: 'This key may only read' });
}

function bearer(request: HttpRequest): string | undefined {
  return /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
