import { isPrivateAddress, type Mode } from '#platform';

/** What an operator registers for a partner; a list replaces the one before. */
export interface PartnerSettings {
  readonly returnHosts?: readonly string[];
  readonly origins?: readonly string[];
  readonly fulfillmentUrl?: string;
}

/**
 * What is wrong with settings, each fault by the option that it came from. An address that a name leads to is looked at when
 * it is called; here only what is written.
 */
export function faultsOfSettings(settings: PartnerSettings, mode: Mode): string[] {
  const { returnHosts = [], origins = [], fulfillmentUrl } = settings;
  return [
    ...returnHosts
      .filter((host) => !isHost(host))
      .map((host) => `--return-host ${host}: must be a host, such as shop.example`),
    ...origins
      .filter((origin) => !isOrigin(origin))
      .map((origin) => `--origin ${origin}: must be an origin, such as https://shop.example`),
    ...(fulfillmentUrl === undefined ? [] : faultsOfAddress(fulfillmentUrl, mode)),
  ];
}

function isHost(host: string): boolean {
  return (
    URL.canParse(`https://${host}`) && [new URL(`https://${host}`).host, new URL(`http://${host}`).host].includes(host)
  );
}

function isOrigin(origin: string): boolean {
  return /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

function faultsOfAddress(address: string, mode: Mode): string[] {
  const fault = (rule: string) => [`--fulfillment-url ${address}: ${rule}`];
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return fault('must be an absolute http address');
  const { protocol, username, password, hostname } = new URL(address);
  if (username !== '' || password !== '') return fault('must not hold credentials');
  if (mode === 'sandbox') return [];
  if (protocol !== 'https:') return fault('must be https outside sandbox mode');
  return isPrivateAddress(hostname) ? fault('must not be private or loopback outside sandbox mode') : [];
}
