import net from 'node:net';
import os from 'node:os';

/** As many are offered at most: a machine may have dozens of virtual networks. */
const ADDRESSES_MAX = 6;
/** Bridges of container and virtual machine programs: nobody's phone is there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|lxc)/;

/** Whether a Host header names the machine to itself only. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || (net.isIPv4(name) && name.startsWith('127.'));
}

/** Addresses by which other devices reach the pages: the operator's own names first, then those of the network. */
export function networkUrls(names: readonly string[], port: number): string[] {
  const lan = Object.entries(os.networkInterfaces()).flatMap(([device, entries]) =>
    VIRTUAL.test(device) ? [] : (entries ?? []).filter((entry) => !entry.internal && entry.family === 'IPv4'),
  );
  const known = [...names.filter((name) => !name.includes('*')), ...lan.map((entry) => entry.address)];
  const shown = [...new Set(known)].filter((name) => !isLoopback(name)).slice(0, ADDRESSES_MAX);
  return shown.map((name) => `https://${net.isIPv6(name) ? `[${name}]` : name}:${port}`);
}

/**
 * The network that an address is in, as limits count it: an IPv4 address is its own, of an IPv6 address the first 64
 * bits, since every household has all the others.
 */
export function networkOf(address: string): string {
  if (!net.isIPv6(address)) return address;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  if (!isMapped) return `${groups.slice(0, 4).join(':')}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}

/** The eight groups of an IPv6 address, each in its shortest form. */
function groupsOf(address: string): string[] {
  const [text = ''] = address.split('%');
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
  const [a = 0, b = 0, c = 0, d = 0] = dotted?.split('.').map(Number) ?? [];
  const whole = dotted
    ? `${text.slice(0, -dotted.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
    : text;
  const [before = [], after = []] = whole.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16));
}
