import type { Params } from 'nestjs-pino';
import { pino } from 'pino';
import type { Config } from './config.js';

/** Names whose values are secrets wherever they stand. */
const SECRET_NAMES = [
  'authorization',
  'stripe-signature',
  'client_secret',
  'clientSecret',
  'token',
  'key',
  'secret',
  'cookie',
];

/**
 * What secrets look like, wherever somebody put them: partner keys, account tokens, client secrets, Stripe's keys, signing
 * secrets, signatures, card numbers.
 */
const SECRET_FORMS = new RegExp(
  [
    /\bhf_(?:live|test)_\w+/,
    /\beyJ[\w-]+\.[\w-]+\.[\w-]+/,
    /_secret_\w+/,
    /\b[srp]k_(?:live|test)_\w+/,
    /\bwhsec_[\w+/=-]+/,
    /\bv1[=,][\w+/=-]{40,}/,
    // In text only: before a number of JSON stands one of these.
    /(?<![\d:,[.-])\d{13,19}(?!\d)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** The last net, under rules that keep secrets out by their place: a line of the log without what looks like one. */
export function withoutSecrets(line: string): string {
  return line.replace(SECRET_FORMS, '[secret]');
}

/** A line that cannot be written is kept, up to so many bytes, in case that it is only for the moment. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Every line is written at once. What pino holds back for later it writes while the process exits, and tries again without
 * end where nobody reads any more: an API whose starter was killed would stay, and keep its port.
 */
function standardOutput() {
  const output = pino.destination({ dest: 1, sync: true, maxLength: KEPT_BYTES });
  // A terminal that is closed takes its log with it, not the work.
  output.on('error', () => undefined);
  return output;
}

/** One JSON line per event; request bodies and answers are never logged. */
export function loggerOptions(config: Pick<Config, 'logLevel'>, program: string) {
  const options = {
    level: config.logLevel,
    base: { program },
    // The line of a request is written where it is measured, by the server itself.
    autoLogging: false,
    hooks: { streamWrite: withoutSecrets },
    serializers: { err: errorFields },
    redact: { paths: SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[secret]' },
  };
  return { pinoHttp: [options, standardOutput()] } satisfies Params;
}

/** A database's error holds the values of the statement, and a library's whatever it was given: what happened is enough. */
function errorFields({ type, message, stack, code }: Record<string, unknown>): Record<string, unknown> {
  return { type, message, stack, code };
}

/** A request's address for the log: what its parameters were is nobody's business, only which they were. */
export function loggedAddress(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return path;
  return `${path}?${query.replaceAll(/=[^&]*/g, '')}`;
}
