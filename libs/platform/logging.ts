import type { Params } from 'nestjs-pino';
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

/** One JSON line per event; request bodies and answers are never logged. */
export function loggerOptions(config: Config, program: string): Params {
  return {
    pinoHttp: {
      level: config.logLevel,
      base: { program },
      // A request is one line when it is answered; its parameters are in the address, its body is nobody's business.
      customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
      redact: { paths: SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[secret]' },
    },
  };
}
