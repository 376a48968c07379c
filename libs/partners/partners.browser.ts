import { Problem, type HttpRequest } from '#http';
import { REQUEST_FROM_ANOTHER_SITE } from './partners.errors.js';

/** The password of a Basic credential (RFC 7617), whatever the name before it. */
export function basicPassword(request: HttpRequest): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  return /^[^:]*:([\x21-\x7e]+)$/.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

/**
 * A browser sends a Basic credential by itself, also for a form on somebody else's page. It tells whose page that was in
 * `Sec-Fetch-Site`, and where that is not sent (an address without TLS) in `Origin`; no page can write either. What tells
 * neither is no browser of today, and has /v1/operator.
 * @throws Problem 403
 */
export function refuseOtherSites(request: HttpRequest): void {
  const { 'sec-fetch-site': site, origin } = request.headers;
  const isOurs = site === undefined ? isOriginOf(request, origin) : site === 'same-origin';
  if (!isOurs) throw new Problem(REQUEST_FROM_ANOTHER_SITE);
}

/** By host: a proxy in front may speak https where we are spoken to in http. */
function isOriginOf(request: HttpRequest, origin: string | undefined): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host;
}
