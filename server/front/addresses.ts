import net from 'node:net';
import os from 'node:os';
import ipaddr from 'ipaddr.js';

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
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}
