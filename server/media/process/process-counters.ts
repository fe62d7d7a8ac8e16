import fs from 'node:fs';
import type { LegCounters, ProcessCounters } from '../../contract/index.ts';

const MICROSECONDS = 1e6;

/** What this process holds; a leak of the native library shows here and nowhere else. */
export function processCounters(legs: readonly LegCounters[], legsOpened: number, closed: Carried): ProcessCounters {
  const { user, system } = process.cpuUsage();
  return {
    rssBytes: process.memoryUsage.rss(),
    cpuS: (user + system) / MICROSECONDS,
    fds: countOf('/proc/self/fd'),
    threads: countOf('/proc/self/task'),
    legsOpen: legs.length,
    legsOpened,
    packets: legs.reduce((sum, leg) => sum + leg.packets, closed.packets),
    bytes: legs.reduce((sum, leg) => sum + leg.bytes, closed.bytes),
    held: legs.reduce((sum, leg) => sum + leg.held, closed.held),
  };
}

/** What legs that are closed by now have carried. */
export interface Carried {
  packets: number;
  bytes: number;
  held: number;
}

/** Only Linux tells. */
function countOf(folder: string): number | null {
  try {
    return fs.readdirSync(folder).length;
  } catch {
    return null;
  }
}
