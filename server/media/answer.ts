import { isIP } from 'node:net';
import { CANDIDATE_LENGTH_MAX, SDP_LENGTH_MAX, type TransportDescription } from '../contract/index.ts';

// Checks what pages say of their transport (RFC 8839, RFC 8866). Of an answer only ICE user,
// password, fingerprint and usable candidates are read; a text that is not what a browser's answer to
// our offer looks like is refused with a reason.

/** Lines of a browser's answer to our offer number about 120. */
const LINES_MAX = 1_000;
const CANDIDATES_MAX = 64;
const SECTIONS = ['audio', 'video', 'application'];

// RFC 8839: ice-char is ALPHA / DIGIT / "+" / "/".
const UFRAG = /^a=ice-ufrag:([A-Za-z0-9+/]{4,256})$/;
const PWD = /^a=ice-pwd:([A-Za-z0-9+/]{22,256})$/;
const FINGERPRINT = /^a=fingerprint:(sha-256) ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i;
const CANDIDATE_LINE = /^a=(candidate:.+)$/;
// Every line of SDP is a letter, "=", and text without control characters (RFC 8866 section 5).
const LINE = /^[a-z]=[^\p{Cc}]*$/u;

const linesOf = (sdp: string): string[] => sdp.split(/\r?\n/).filter((line) => line !== '');

/** The one value that every line of a kind agrees on; null when there is none, or two. */
function onlyOne(lines: readonly string[], prefix: string, pattern: RegExp, group = 1): string | null {
  const values = new Set(
    lines.filter((line) => line.startsWith(prefix)).map((line) => pattern.exec(line)?.[group] ?? ''),
  );
  const [value] = values;
  return values.size === 1 && value ? value : null;
}

/** Reads the transport part of an SDP text; null when a part of it is missing, not well-formed or told twice. */
export function readTransport(sdp: string): TransportDescription | null {
  const lines = linesOf(sdp);
  const ufrag = onlyOne(lines, 'a=ice-ufrag:', UFRAG);
  const pwd = onlyOne(lines, 'a=ice-pwd:', PWD);
  const digest = onlyOne(lines, 'a=fingerprint:', FINGERPRINT, 2);
  if (!ufrag || !pwd || !digest) return null;
  const candidates = lines.flatMap((line) => {
    const candidate = CANDIDATE_LINE.exec(line)?.[1];
    return candidate && candidate.length <= CANDIDATE_LENGTH_MAX ? [candidate] : [];
  });
  return {
    ufrag,
    pwd,
    fingerprint: `sha-256 ${digest}`,
    candidates: [...new Set(candidates)].slice(0, CANDIDATES_MAX),
  };
}

/** A page's answer to our offer, or a sentence that says what is wrong with it. */
export function readAnswer(sdp: string): TransportDescription | string {
  if (sdp.length > SDP_LENGTH_MAX) return 'The answer is too long.';
  const lines = linesOf(sdp);
  if (lines.length > LINES_MAX) return 'The answer has too many lines.';
  if (lines[0] !== 'v=0' || !lines.every((line) => LINE.test(line))) return 'The answer is not SDP.';
  const sections = lines.filter((line) => line.startsWith('m=')).map((line) => line.slice(2).split(' ')[0] as string);
  if (sections.join() !== SECTIONS.join()) return `The answer has other sections than ${SECTIONS.join(', ')}.`;
  const setups = lines.filter((line) => line.startsWith('a=setup:'));
  if (setups.length === 0 || setups.some((line) => line !== 'a=setup:active'))
    return 'The answer is not the active side.';
  const transport = readTransport(sdp);
  if (!transport) return 'The answer lacks ICE user, password or a SHA-256 fingerprint, or has two of them.';
  return transport;
}

// RFC 8839 section 5.1, UDP only.
const CANDIDATE =
  /^candidate:[A-Za-z0-9+/]{1,32} 1 udp \d{1,10} ([0-9a-fA-F.:]{2,45}) (\d{1,5}) typ (?:host|srflx|prflx|relay)(?: [^\p{Cc}]*)?$/iu;

interface Target {
  readonly address: string;
  readonly port: number;
}

function targetOf(candidate: string): Target | null {
  const match = candidate.length <= CANDIDATE_LENGTH_MAX ? CANDIDATE.exec(candidate) : null;
  if (!match) return null;
  const [, address, portText] = match as unknown as [string, string, string];
  const port = Number(portText);
  return isIP(address) !== 0 && port >= 1 && port <= 65_535 ? { address, port } : null;
}

/** Whether a candidate may reach the ICE agent: UDP, component 1, an address that names one machine, no host name. */
export function isUsableCandidate(candidate: string): boolean {
  const target = targetOf(candidate);
  return target !== null && kindOf(target.address) !== 'senseless';
}

/**
 * Whether a candidate makes sense for a page that speaks to us from `from`. Each one taken makes the
 * appliance send packets to its address, so a page may name only where it can be: the address that it
 * comes from, or one of a private network when it comes from such a one itself. Any other way to it is
 * known from its own checks, which reach our one port.
 */
export function isOwnCandidate(candidate: string, from: string): boolean {
  const target = targetOf(candidate);
  if (!target) return false;
  const own = plain(from);
  if (plain(target.address) === own) return kindOf(own) !== 'senseless';
  const fromKind = kindOf(own);
  const kind = kindOf(target.address);
  if (kind === 'loopback') return fromKind === 'loopback';
  return kind === 'private' && (fromKind === 'private' || fromKind === 'loopback');
}

/** One spelling for each address; an IPv4 one written as IPv6 (RFC 4291 section 2.5.5.2) as what it is. */
function plain(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = mapped.slice(1).map((word) => Number.parseInt(word, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export type AddressKind = 'public' | 'private' | 'loopback' | 'senseless';

/** What an address stands for (IANA's special-purpose registries, RFC 6890). */
export function kindOf(literal: string): AddressKind {
  const address = plain(literal);
  if (isIP(address) === 4) {
    const [a, b] = address.split('.').map(Number) as [number, number, number, number];
    if (a === 127) return 'loopback';
    if (a === 0 || a >= 224 || (a === 169 && b === 254)) return 'senseless';
    const isPrivate =
      a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128);
    return isPrivate ? 'private' : 'public';
  }
  if (isIP(address) !== 6) return 'senseless';
  if (address === '::1') return 'loopback';
  if (address === '::' || /^(?:ff|fe[89ab])/.test(address)) return 'senseless';
  return /^f[cd]/.test(address) ? 'private' : 'public';
}
