import type { Config } from '#platform';

/** Pages for people; everything else is an answer for programs, which shows and loads nothing. */
const PAGES = /^\/(docs|console)(?=[/?]|$)/;

/** Swagger UI's page has its styles in itself. */
const styles = (page: string): string => (page === 'docs' ? "'self' 'unsafe-inline'" : "'self'");

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ownThingsOnly = (page: string): string =>
  [
    "default-src 'none'",
    ...[
      "script-src 'self'",
      `style-src ${styles(page)}`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
    ],
    ...["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; ');

/** A year, for this host alone: others in its domain are not ours to decide for. */
const HTTPS_ONLY = 'max-age=31536000';

/** What every answer tells a browser, whoever gives the answer: a handler, Fastify, or the parser of HTTP. */
export function securityHeaders(config: Pick<Config, 'mode'>, url = ''): Record<string, string> {
  const page = PAGES.exec(url)?.[1];
  return {
    'Content-Security-Policy': page === undefined ? NOTHING : ownThingsOnly(page),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // Not `no-referrer`: under that a form of our own pages would be sent with the origin `null`.
    'Referrer-Policy': 'same-origin',
    // Keys, tokens, names and orders. What Swagger UI consists of is the same for everybody.
    ...(page !== 'docs' && { 'Cache-Control': 'no-store' }),
    // In sandbox mode there is no TLS in front; elsewhere browsers obey it only where there is.
    ...(config.mode !== 'sandbox' && { 'Strict-Transport-Security': HTTPS_ONLY }),
  };
}
