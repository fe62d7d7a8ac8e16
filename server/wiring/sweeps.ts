import type { Log } from '../telemetry/index.ts';

/** How often it is looked for what would stay as it is for ever. */
const SWEEP_MS = 60_000;

/** At the start and every minute: sets right what nothing would ever move on, and writes what was left out. */
export function startSweeps(sweeps: readonly (() => Promise<unknown>)[], log: Log): () => void {
  const run = async () => {
    for (const sweep of sweeps) await sweep();
  };
  const runGuarded = () => void run().catch((error: unknown) => log.warn({ err: error }, 'a sweep could not be made'));
  runGuarded();
  const timer = setInterval(runGuarded, SWEEP_MS);
  return () => clearInterval(timer);
}
