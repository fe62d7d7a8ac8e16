import dns from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import { UserError } from '../contract/index.ts';

// A subscription's address comes from a page, and the appliance sends requests to it: it must not lead into
// the studio's own network (server-side request forgery). Checked when it is given and, since a name can be
// pointed elsewhere later, for the very address that is connected to.

/** IANA's special-purpose registries: nothing in them is a push service on the internet. */
const SPECIAL: readonly [family: 'ipv4' | 'ipv6', network: string, prefix: number][] = [
  ['ipv4', '0.0.0.0', 8],
  ['ipv4', '10.0.0.0', 8],
  ['ipv4', '100.64.0.0', 10],
  ['ipv4', '127.0.0.0', 8],
  ['ipv4', '169.254.0.0', 16],
  ['ipv4', '172.16.0.0', 12],
  ['ipv4', '192.0.0.0', 24],
  ['ipv4', '192.0.2.0', 24],
  ['ipv4', '192.168.0.0', 16],
  ['ipv4', '198.18.0.0', 15],
  ['ipv4', '198.51.100.0', 24],
  ['ipv4', '203.0.113.0', 24],
  ['ipv4', '224.0.0.0', 3],
  // Translated and tunnelled IPv4 could hide any of the above.
  ['ipv6', '64:ff9b::', 96],
  ['ipv6', '64:ff9b:1::', 48],
  ['ipv6', '2001::', 23],
  ['ipv6', '2001:db8::', 32],
  ['ipv6', '2002::', 16],
];
/** What is routed on the internet at all (RFC 4291: global unicast). */
const GLOBAL_IPV6 = new net.BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
const special = new net.BlockList();
for (const [family, network, prefix] of SPECIAL) special.addSubnet(network, prefix, family);

/** Whether a host on the internet may have this address. @param address IPv4 or IPv6, without brackets */
export function isPublicAddress(address: string): boolean {
  if (net.isIPv4(address)) return !special.check(address, 'ipv4');
  return net.isIPv6(address) && GLOBAL_IPV6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** @throws UserError `bad_push_endpoint` for what is no https address on port 443 of the internet */
export function checkedEndpoint(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new UserError('bad_push_endpoint');
  if (allowPrivate) return url;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isName = net.isIP(host) === 0;
  // A name without a dot, or one of a local zone, is looked up in the studio's own network.
  const isLocal = isName && (!host.includes('.') || /\.(local|localhost|internal|lan|home\.arpa)\.?$/i.test(host));
  if (url.port !== '' || isLocal || (!isName && !isPublicAddress(host))) throw new UserError('bad_push_endpoint');
  return url;
}

/** Like `dns.lookup`, and an error for a name that leads to any address that is not public. */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (inside || !first) return done(new Error(`${hostname} leads to ${inside?.address ?? 'nowhere'}`), '', 0);
    if (options.all) return done(null, addresses);
    done(null, first.address, first.family);
  });
};
