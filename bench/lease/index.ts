// Paid ahead, and never beyond: whether a slow disk stops a picture, and when the last packet comes after what is paid
// is used up while main stands still, is killed, or has no database.
import { setTimeout as sleep } from 'node:timers/promises';
import { charging, type HostileCall, HostileStudio } from '../../test/hostile/support.ts';
import type { Bench } from '../bench.ts';

/** A charge waits for the commit that runs and for its own: with several calls at once for two. */
const SLOW = {
  quick: [
    { calls: 1, commitMs: 900 },
    { calls: 6, commitMs: 450 },
  ],
  full: [
    { calls: 6, commitMs: 0 },
    { calls: 6, commitMs: 200 },
    { calls: 6, commitMs: 450 },
    { calls: 1, commitMs: 450 },
    { calls: 1, commitMs: 900 },
  ],
};
const CALL_MS = { quick: 10_000, full: 30_000 };
const ROUNDS = { quick: 3, full: 20 };
/** From one unit to the next two: each round stops somewhere in between. */
const UNIT_MS = 1_000;
/** Longer than anything that is paid ahead. */
const HELD_MS = 4_000;

type Cut = 'main stopped' | 'main killed' | 'database stopped';

export const leaseBench: Bench = {
  says: 'slow commits against frozen pictures; the last packet against the end of what is paid, main and database cut off',
  async run({ isQuick, say }) {
    const ends: (() => unknown)[] = [];
    const studio = await HostileStudio.open(
      { teardown: (end) => void ends.push(end), passing: () => true, comment: say },
      { tariff: 'per_second', transport: 'webrtc' },
    );
    const t = { teardown: (end: () => unknown) => void ends.push(end) };
    try {
      const waits: { calls: number; commitMs: number; units: number; waits: number }[] = [];
      for (const { calls: count, commitMs } of isQuick ? SLOW.quick : SLOW.full) {
        const calls = await Promise.all(Array.from({ length: count }, () => studio.call(t)));
        await studio.delayCommits(commitMs);
        for (const call of calls) await charging(call);
        await sleep(isQuick ? CALL_MS.quick : CALL_MS.full);
        await Promise.all(calls.map((call) => call.hangUp()));
        const counts = await Promise.all(calls.map(({ callId }) => studio.linesOf(callId)));
        const sum = (of: 'charged' | 'ledgerWait') => counts.reduce((all, count) => all + count[of], 0);
        waits.push({ calls: count, commitMs, units: sum('charged'), waits: sum('ledgerWait') });
        say(
          `${count} calls, commits of ${commitMs} ms: ${sum('charged')} units, ${sum('ledgerWait')} times no answer in time`,
        );
        for (const call of calls) call.close();
      }
      await studio.delayCommits(0);

      const lateMs: Record<Cut, number[]> = { 'main stopped': [], 'main killed': [], 'database stopped': [] };
      for (const cut of Object.keys(lateMs) as Cut[]) {
        for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.full); round++) {
          const call = await studio.call(t);
          await charging(call);
          await sleep(UNIT_MS + Math.random() * UNIT_MS * 2);
          const late = await cutOff(studio, call, cut);
          if (late === null) say('  a round in which the meter stood at the cut: left out');
          else lateMs[cut].push(late);
          call.close();
        }
        const all = lateMs[cut];
        say(`${cut}: last packet ${Math.min(...all)} to ${Math.max(...all)} ms after the end of what was paid`);
      }
      const frozen = waits.reduce((all, one) => all + one.waits, 0);
      return {
        figures: { waits, lateMs },
        goals: [
          {
            says: 'pauses for want of an answer, commits of under a second (one call) or half of one (several)',
            measured: frozen,
            atMost: 0,
          },
          ...(Object.keys(lateMs) as Cut[]).map((cut) => ({
            says: `ms from the end of what is paid to the last packet, ${cut}`,
            measured: Math.max(...lateMs[cut]),
            atMost: 50,
          })),
        ],
      };
    } finally {
      for (const end of ends.reverse()) await end();
    }
  },
};

/**
 * @returns how long after the end of what was paid the client got the last packet, in ms; below zero: before it; null
 *   when the meter stood already
 */
async function cutOff(studio: HostileStudio, { client, callId }: HostileCall, cut: Cut): Promise<number | null> {
  const { appliance } = studio;
  const cutAt = new Date();
  if (cut === 'main stopped') {
    appliance.signal('SIGSTOP');
    await sleep(HELD_MS);
    appliance.signal('SIGCONT');
  } else if (cut === 'main killed') {
    await appliance.killMain();
    await sleep(HELD_MS);
  } else {
    await appliance.withDatabaseHeld(() => sleep(HELD_MS).then(() => {}));
  }
  const lastPacketMs = client.lastPacketMs;
  if (cut === 'main killed') await studio.startAgain();
  const paidUntilMs = await studio.paidUntilMs(callId, cutAt);
  return paidUntilMs === null ? null : Math.round(lastPacketMs - paidUntilMs);
}
