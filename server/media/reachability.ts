import { createHmac } from 'node:crypto';
import dns from 'node:dns/promises';
import { isIP } from 'node:net';
import type { IceServers, PersonId } from '../contract/index.ts';
import { askStun } from './stun.ts';

// How pages outside find the media port: the address that is told to them, and TURN servers that carry
// media for those who cannot reach it.

export interface ReachabilitySettings {
  /** An address or a name; empty: none, or what the STUN server says. */
  readonly publicAddress: string;
  readonly stunServer: string;
  readonly turnUrls: readonly string[];
  /** Shared with the TURN server (coturn: static-auth-secret). */
  readonly turnSecret: string;
  readonly turnMinutes: number;
}

/** The addresses under which pages outside reach us; none when nothing is set, or nothing answers. */
export async function publicAddresses(settings: ReachabilitySettings): Promise<string[]> {
  const { publicAddress, stunServer } = settings;
  if (publicAddress !== '') {
    if (isIP(publicAddress) !== 0) return [publicAddress];
    // A name with a changing address behind it.
    const found = await dns.lookup(publicAddress, { family: 4 }).catch(() => null);
    return found ? [found.address] : [];
  }
  const seen = stunServer === '' ? null : await askStun(stunServer);
  return seen ? [seen.address] : [];
}

/**
 * TURN servers with credentials that work for some time, for one person: the REST scheme of coturn
 * (draft-uberti-behave-turn-rest-00). The user name is when they end, the password its HMAC-SHA1.
 */
export function iceServersFor(settings: ReachabilitySettings, personId: PersonId, nowMs = Date.now()): IceServers {
  const { turnUrls, turnSecret, turnMinutes } = settings;
  if (turnUrls.length === 0) return [];
  if (turnSecret === '') return [{ urls: [...turnUrls] }];
  const username = `${Math.floor(nowMs / 1_000) + turnMinutes * 60}:${personId}`;
  const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
  return [{ urls: [...turnUrls], username, credential }];
}
