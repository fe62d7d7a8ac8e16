// What systemd is told of the service it runs: that it is open, that it is alive, that it stops. See sd_notify(3).
import { execFile } from 'node:child_process';
import type { Readiness } from '../main.ts';

const PROGRAM = 'systemd-notify';
/** A media process that is down longer than its supervisor needs to restart it: only a restart of all helps. */
const MEDIA_DOWN_MS_MAX = 60_000;
/** While nobody asks for signs of life, the status is told this often. */
const STATUS_MS = 10_000;

export interface ServiceManager {
  /** Told as `NAME=value`, all at once. */
  notify(...words: string[]): void;
  /** How often a sign of life is due, in milliseconds; null when none is asked for. */
  readonly watchdogMs: number | null;
}

/** The service manager that started this process; null when none did, or none that wants to hear. */
export function serviceManagerOf(environment: NodeJS.ProcessEnv): ServiceManager | null {
  if (!environment.NOTIFY_SOCKET) return null;
  const usec = Number(environment.WATCHDOG_USEC ?? 0);
  return {
    watchdogMs: usec > 0 ? usec / 1_000 : null,
    // Without it the start would run into its deadline, which systemd reports; nothing can be done here.
    notify: (...words) => void execFile(PROGRAM, words, () => {}),
  };
}

/** What time is it, and what is done again and again until the function that it gives is called. */
interface Time {
  now(): number;
  every(ms: number, act: () => void): () => void;
}

const REAL_TIME: Time = {
  now: () => performance.now(),
  every(ms, act) {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
};

/**
 * Tells that the appliance is open, and from then on how it is.
 * @param readiness how it is now
 * @returns what tells that it stops
 */
export function reportTo(
  manager: ServiceManager,
  readiness: () => Promise<Readiness>,
  { now, every }: Time = REAL_TIME,
): () => void {
  let mediaSeenMs = now();
  const report = async (...words: string[]) => {
    const found = await readiness();
    if (!found.faults.media) mediaSeenMs = now();
    // A database that is away comes back without us; a restart would only end what waits for it.
    const isAlive = now() - mediaSeenMs < MEDIA_DOWN_MS_MAX;
    const signOfLife = manager.watchdogMs !== null && isAlive ? ['WATCHDOG=1'] : [];
    manager.notify(...words, ...signOfLife, `STATUS=${statusOf(found)}`);
  };
  void report('READY=1');
  const end = every(manager.watchdogMs ? manager.watchdogMs / 3 : STATUS_MS, () => void report());
  return () => {
    end();
    manager.notify('STOPPING=1');
  };
}

function statusOf({ status, faults }: Readiness): string {
  const why = Object.values(faults).join(' ');
  return { ready: 'Open', degraded: `Open, but: ${why}`, not_ready: `No calls now: ${why}` }[status];
}
