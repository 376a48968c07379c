import { BlockList, isIP } from 'node:net';
import type { Mode } from '#platform';

/** An own machine or network: where a developer's supplier runs. Loopback, RFC 1918, RFC 4193. */
const OWN_4 = listed('ipv4', ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']);
/** A list of IPv6 alone, because Node's takes `::ffff:10.0.0.1` for the IPv4 within; here that is never an address. */
const OWN_6 = listed('ipv6', ['::1/128', 'fc00::/7']);

/** RFC 6890: this network, carriers (100.64), clouds' metadata (169.254), protocols, documentation, 6to4 relays, multicast. */
const NOT_PUBLIC_4 = listed('ipv4', [
  ...['0.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
]);

/** IPv6 is public in this block only: NAT64, mapped IPv4, link-local and multicast are outside it. */
const PUBLIC_6 = listed('ipv6', ['2000::/3']);
/** Inside that block: protocols' own with Teredo, documentation, and 6to4, which carries any IPv4 address within. */
const NOT_PUBLIC_6 = listed('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function listed(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}

function isOwn(address: string): boolean {
  return isIP(address) === 4 ? OWN_4.check(address, 'ipv4') : OWN_6.check(address, 'ipv6');
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !OWN_4.check(address, 'ipv4') && !NOT_PUBLIC_4.check(address, 'ipv4');
  return PUBLIC_6.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6');
}

/** @param hostname as a URL shows it: a name, an IPv4 address, or an IPv6 address in brackets */
export function isPrivateAddress(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? /(?:^|\.)localhost\.?$/i.test(address) : !isPublic(address);
}

/**
 * Whether an address may be connected to that a partner gave, or that its name leads to: a public one, and in sandbox mode
 * also one of an own network. What is neither (link-local with the clouds' metadata, multicast, mapped IPv4) never may.
 * @param address an IPv4 or IPv6 address, without brackets
 */
export function mayConnect(address: string, mode: Mode): boolean {
  return isIP(address) !== 0 && (isPublic(address) || (mode === 'sandbox' && isOwn(address)));
}
