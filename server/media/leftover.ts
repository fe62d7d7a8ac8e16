import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A killed process is gone, and its port with it, long before that. */
const GONE_MS_MAX = 2_000;

/**
 * Ends a media process that an earlier, killed appliance has left behind: it would hold the UDP port
 * until its last lease is over. It is known by a pid file and by the program that the pid runs.
 */
export async function endLeftover(pidFile: string, program: string): Promise<void> {
  let pid: number;
  try {
    pid = Number(fs.readFileSync(pidFile, 'utf8'));
  } catch {
    return;
  }
  fs.rmSync(pidFile, { force: true });
  if (!Number.isSafeInteger(pid) || pid < 2 || pid === process.pid || !runsProgram(pid, program)) return;
  process.kill(pid, 'SIGKILL');
  for (const giveUpAt = performance.now() + GONE_MS_MAX; runsProgram(pid, program); ) {
    if (performance.now() > giveUpAt) return;
    await sleep(5);
  }
}

export function writePidFile(pidFile: string, pid: number): void {
  fs.mkdirSync(path.dirname(pidFile), { recursive: true });
  fs.writeFileSync(pidFile, String(pid));
}

/** Only Linux tells; elsewhere the leftover ends by itself when its leases do. */
function runsProgram(pid: number, program: string): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(program);
  } catch {
    return false;
  }
}
