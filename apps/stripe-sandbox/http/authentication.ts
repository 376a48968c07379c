import type { World } from '../world.js';
import { invalidRequest } from './errors.js';
import type { KeyKind, Route } from './route.js';

/** Reads the key of a request (Bearer, or Basic with the key as user name). @throws 401, or 403 for the wrong kind */
export function authenticate(world: World, header: string | undefined, route: Route): KeyKind {
  const key = keyFrom(header);
  if (key === undefined) throw invalidRequest(NO_KEY, {}, 401);
  if (key === world.keys.secret) return 'secret';
  if (key !== world.keys.publishable) throw invalidRequest(`Invalid API Key provided: ${masked(key)}`, {}, 401);
  if (route.publishable === true) return 'publishable';
  throw invalidRequest(NEEDS_SECRET, { code: 'secret_key_required' }, 403);
}

const NO_KEY =
  'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. ' +
  "'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at " +
  'https://support.stripe.com/.';
const NEEDS_SECRET =
  'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API ' +
  'keys at https://dashboard.stripe.com/account/apikeys.';

function keyFrom(header: string | undefined): string | undefined {
  const [scheme, credentials] = (header ?? '').split(' ');
  if (credentials === undefined || credentials === '') return undefined;
  if (/^bearer$/i.test(scheme ?? '')) return credentials;
  if (!/^basic$/i.test(scheme ?? '')) return undefined;
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0];
}

/** The kind and the last four characters stay readable, as at Stripe. */
function masked(key: string): string {
  const kind = /^(sk|pk|rk)_(test|live)_/.exec(key)?.[0] ?? '';
  const rest = key.slice(kind.length);
  return `${kind}${'*'.repeat(Math.max(rest.length - 4, 0))}${rest.slice(-4)}`;
}
