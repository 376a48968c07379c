import { isPrivateAddress } from '#outbound';
import type { Mode } from '#platform';

/** What an operator registers for a partner; a list replaces the one before. */
export interface PartnerSettings {
  readonly returnHosts?: readonly string[];
  readonly origins?: readonly string[];
  readonly fulfillmentUrl?: string;
  readonly fulfillmentAttempts?: number;
}

/** With back-off, the default is about a quarter of an hour, and the most about twenty minutes longer. */
export const DEFAULT_FULFILLMENT_ATTEMPTS = 20;
export const MAXIMUM_FULFILLMENT_ATTEMPTS = 40;

/**
 * What is wrong with settings, each fault by the option that it came from. An address that a name leads to is looked at when
 * it is called; here only what is written.
 */
export function faultsOfSettings(settings: PartnerSettings, mode: Mode): string[] {
  const { returnHosts = [], origins = [], fulfillmentUrl, fulfillmentAttempts } = settings;
  return [
    ...returnHosts
      .filter((host) => !isHost(host))
      .map((host) => `--return-host ${host}: must be a host, such as shop.example`),
    ...origins
      .filter((origin) => !isOrigin(origin))
      .map((origin) => `--origin ${origin}: must be an origin, such as https://shop.example`),
    ...(fulfillmentUrl === undefined ? [] : faultsOfAddress(fulfillmentUrl, mode)),
    ...(fulfillmentAttempts === undefined || isAttempts(fulfillmentAttempts)
      ? []
      : [`--fulfillment-attempts: must be a whole number from 1 to ${MAXIMUM_FULFILLMENT_ATTEMPTS}`]),
  ];
}

function isAttempts(attempts: number): boolean {
  return Number.isInteger(attempts) && attempts >= 1 && attempts <= MAXIMUM_FULFILLMENT_ATTEMPTS;
}

/** As an https address shows it, which is what customers' addresses are compared by: without its usual port. */
function isHost(host: string): boolean {
  return isNoPattern(host) && URL.canParse(`https://${host}`) && new URL(`https://${host}`).host === host;
}

function isOrigin(origin: string): boolean {
  return isNoPattern(origin) && /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

/** URL takes a star for a letter of a name; whoever writes one means many names, and would wait for them in vain. */
const isNoPattern = (text: string): boolean => !text.includes('*');

function faultsOfAddress(address: string, mode: Mode): string[] {
  const fault = (rule: string) => [`--fulfillment-url ${address}: ${rule}`];
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return fault('must be an absolute http address');
  const { protocol, username, password, hostname } = new URL(address);
  if (username !== '' || password !== '') return fault('must not hold credentials');
  if (mode === 'sandbox') return [];
  if (protocol !== 'https:') return fault('must be https outside sandbox mode');
  return isPrivateAddress(hostname) ? fault('must not be private or loopback outside sandbox mode') : [];
}
