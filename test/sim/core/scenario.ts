// A scenario: calls and what happens to them, as plain data. It is made from a seed, and it can be
// shortened step by step and played again, because no step depends on how the others were made.
import type { EndedBy, HostPauseReason, Tariff } from '../../../core-wasm/index.ts';
import { Random, seedOf } from './random.ts';

/** When a step happens: some time after the one before, or close to something that matters. */
export type When =
  | { gapMs: number }
  /** When billable time reaches the end of paid time plus `units`, plus `offsetMs`. */
  | { paidEnd: number; offsetMs: number }
  /** When the warning goes on, or the grace ends, plus `offsetMs`. */
  | { lowFrom: true; offsetMs: number }
  | { graceEnd: true; offsetMs: number };

export type Deed =
  | { do: 'start' }
  | { do: 'pause'; reason: HostPauseReason; noticedAfterMs: number }
  | { do: 'resume'; reason: HostPauseReason }
  | { do: 'probe'; kbps: number; conclusive: boolean; tookMs: number }
  | { do: 'waive' }
  | { do: 'credit'; amountMinor: number }
  /** The client's money goes elsewhere, and the core is told or not. */
  | { do: 'spend'; amountMinor: number; isSent: boolean }
  | { do: 'restart' }
  /** `isHangUp`: pressed, and not merely gone. */
  | { do: 'end'; by: EndedBy; isHangUp?: boolean }
  /** The ledger's answer to a unit that was not asked for. */
  | { do: 'wrong_answer'; unitsOff: number }
  /** The host asks for the figures, which must change nothing. */
  | { do: 'look' };

/** `lateMs`: the input reaches the core with a time that far in the past. */
export type Step = When & Deed & { lateMs: number };

export interface CallScenario {
  openAfterMs: number;
  tariff: Tariff;
  rateMinor: number;
  minimumMin: number;
  balanceMinor: number;
  /** Decides, with unit and attempt, how the ledger behaves for this call. */
  ledgerSeed: number;
  /** How the ledger behaves: at once, as a rule in time, often late, or with answers lost. */
  ledger: 'at_once' | 'quick' | 'late' | 'lossy';
  steps: Step[];
}

export interface Scenario {
  baseMs: number;
  /** Milliseconds between ticks; 0 ticks exactly at deadlines, -1 at random. */
  tickMs: number;
  capacity: number;
  slowLinkKbps: number;
  graceMs: number;
  lowMs: number;
  /** The appliance dies after this long, and comes back after `downMs`. */
  crashes: { afterMs: number; downMs: number }[];
  /** The host stalls: no tick and no input for this long. */
  stalls: { afterMs: number; forMs: number }[];
  calls: CallScenario[];
}

/** After this a scenario is over; what lives is ended by the appliance. */
export const SCENARIO_MS_MAX = 1_200_000;

export function scenarioOf(seed: number, callCount: number): Scenario {
  const random = new Random(seedOf(seed, 1));
  const calls: CallScenario[] = [];
  for (let i = 0; i < callCount; i++) calls.push(callScenario(new Random(seedOf(seed, 2, i)), callCount));
  const crashes = random.chance(0.5)
    ? [{ afterMs: random.whole(1, SCENARIO_MS_MAX / 4), downMs: random.spread(60_000) }]
    : [];
  const stalls = random.chance(0.3)
    ? [
        {
          afterMs: random.whole(1, SCENARIO_MS_MAX / 4),
          forMs: random.chance(0.1) ? 2 ** 30 + random.spread(2 ** 29) : random.spread(100_000),
        },
      ]
    : [];
  return {
    baseMs: random.pick(0, 1_000, random.whole(0, 1e9), 1e12, 9e15 - 2 ** 40),
    tickMs: random.pick(0, -1, 10, 100, 100, 1_000),
    // Fewer slots than calls: slots are used again and again within a scenario.
    capacity: Math.max(1, random.whole(callCount >> 2, callCount)),
    slowLinkKbps: 12_000,
    graceMs: random.pick(300_000, 300_000, 10_000, 500, 0),
    lowMs: random.pick(120_000, 120_000, 5_000, 1),
    crashes,
    stalls,
    calls,
  };
}

function callScenario(random: Random, callCount: number): CallScenario {
  const tariff = random.pick<Tariff>('per_minute', 'per_second');
  const rateMinor = random.chance(0.05)
    ? random.pick(1, 59, 60, 61, 1_000_000_000)
    : random.pick(random.whole(1, 70), random.whole(1, 2_000));
  const units = random.pick(0, 1, 2, random.whole(0, 6));
  return {
    openAfterMs: random.spread(callCount * 10_000),
    tariff,
    rateMinor,
    minimumMin: random.pick(0, 0, 1, random.whole(0, 5)),
    balanceMinor: random.chance(0.03) ? Number.MAX_SAFE_INTEGER : rateMinor * units + random.whole(0, rateMinor),
    ledgerSeed: random.whole(0, 2 ** 31),
    ledger: random.pick('at_once', 'quick', 'quick', 'late', 'lossy'),
    steps: steps(random, rateMinor),
  };
}

function steps(random: Random, rateMinor: number): Step[] {
  const start: Step = { do: 'start', gapMs: random.spread(10_000), lateMs: 0 };
  const list: Step[] = random.chance(0.97) ? [start] : [];
  const count = random.whole(0, random.pick(16, 16, 80));
  /** Some calls are hectic, some calm. */
  const gapMax = random.pick(100, 2_000, 20_000, 90_000);
  for (let i = 0; i < count; i++) {
    const lateMs = random.chance(0.1) ? random.spread(300) : 0;
    list.push({ ...when(random, gapMax), ...deed(random, rateMinor), lateMs });
  }
  if (random.chance(0.8)) {
    list.push({
      ...when(random, gapMax),
      do: 'end',
      by: random.pick('client', 'client', 'model', 'appliance'),
      isHangUp: random.chance(0.7),
      lateMs: 0,
    });
    if (random.chance(0.3))
      list.push({ gapMs: random.pick(0, 1, 999, 1_000, 1_001), do: 'end', by: 'model', lateMs: 0 });
  }
  return list;
}

function when(random: Random, gapMax: number): When {
  const offsetMs = random.pick(-2, -1, 0, 1, 2, -1_000, -999, -998, 250, random.whole(-1_300, 300));
  const kind = random.next();
  if (kind < 0.6) return { gapMs: random.spread(gapMax) };
  if (kind < 0.8) return { paidEnd: random.pick(0, 0, 0, 1, 2), offsetMs };
  if (kind < 0.9) return { lowFrom: true, offsetMs };
  return { graceEnd: true, offsetMs };
}

function deed(random: Random, rateMinor: number): Deed {
  const kind = random.next();
  const reason = random.pick<HostPauseReason>(
    'no_media',
    'reconnecting',
    'client_no_media',
    'client_reconnecting',
    'appliance_reconnecting',
  );
  if (kind < 0.17)
    return {
      do: 'pause',
      reason,
      noticedAfterMs: random.chance(0.3) ? 0 : random.spread(random.pick(8_000, 8_000, 200_000)),
    };
  if (kind < 0.34) return { do: 'resume', reason };
  if (kind < 0.52) {
    const kbps = random.pick(11_999, 12_000, random.whole(0, 30_000), random.whole(0, 11_999));
    return { do: 'probe', kbps, conclusive: random.chance(0.85), tookMs: random.spread(3_000) };
  }
  if (kind < 0.54) return { do: 'waive' };
  if (kind < 0.68) return { do: 'credit', amountMinor: random.whole(0, rateMinor * random.pick(1, 3, 6)) };
  if (kind < 0.74) return { do: 'spend', amountMinor: random.whole(0, rateMinor * 3), isSent: random.chance(0.5) };
  if (kind < 0.9) return { do: 'restart' };
  if (kind < 0.92) return { do: 'end', by: random.pick('client', 'model', 'appliance'), isHangUp: random.chance(0.5) };
  if (kind < 0.95) return { do: 'wrong_answer', unitsOff: random.pick(-1, 1, 0) };
  return { do: 'look' };
}
