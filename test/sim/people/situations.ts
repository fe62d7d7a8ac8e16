// Every state of a call in which its appliance can be killed: how it is reached, which timers run, and how the call ends
// by the law (charging rules, "How a call can end" and "After a crash").

import { monotonicMs } from '../../../server/clock/index.ts';
import type { Outcome, ProbeEvidence, Side } from '../../../server/contract/index.ts';
import type { PairWorld } from './pair.ts';

export const KILLS = ['main', 'database', 'both', 'both, and the database again'] as const;
export type Kill = (typeof KILLS)[number];
export const BACKS = [
  'both, the client ends it',
  'both, the model ends it',
  'the client',
  'the model',
  'nobody',
] as const;
export type Back = (typeof BACKS)[number];

export interface Cell {
  readonly kill: Kill;
  readonly downMs: number;
  readonly stepMs: number;
  readonly back: Back;
}

/** How a call ends, and what of the rest of the minimum is taken (charging rule 5). */
export interface End {
  readonly outcome: Outcome;
  readonly endedBy: Side | null;
  readonly minimum: 'all' | 'as covered' | 'none';
}

export interface Situation {
  readonly tariff?: 'per_second';
  /** Shorter and longer than each timer that runs or begins. */
  readonly downsMs: readonly number[];
  readonly kills?: readonly Kill[];
  /** From nothing to the kill. */
  readonly reach: (world: PairWorld) => Promise<void>;
  /** Happens once the database is gone, while main goes on. */
  readonly meanwhile?: (world: PairWorld) => void;
  /** How long a call that goes on does so, until somebody hangs up. */
  readonly tailMs?: number;
  /** Happens when the appliance is there again. */
  readonly again?: (world: PairWorld) => void;
  readonly end: (cell: Cell) => End;
}

/** Credit that comes when the appliance is there again, or after the end. */
export const LATE_CREDIT_MINOR = 1_000;
/** What is left to a client whose credit does not cover the minimum any more. */
const LITTLE_CREDIT_MINOR = 100;
const RING_LEFT_MS = 35_000;
const CALLER_GONE_MS = 5_000;
const CONFIRM_LEFT_MS = 80_000;
const RECONNECT_MS = 60_000;
const GRACE_LATE_MS = 250_000;
const EDGE_MS = 4_000;
const aroundMs = (...timersMs: number[]): number[] => [
  2_000,
  ...timersMs.flatMap((ms) => [ms - EDGE_MS, ms + EDGE_MS]),
];
const LIVE_DOWNS_MS = aroundMs(RECONNECT_MS);

const end = (outcome: Outcome, endedBy: Side | null, minimum: End['minimum'] = 'none'): End => ({
  outcome,
  endedBy,
  minimum,
});
const MISSED = end('missed', null);
const NOT_FOUND = end('network_lost', null);

/** Main carries the call through, and its pages stay. */
const isCarried = ({ kill }: Cell): boolean => kill === 'database';
const goesOn = (cell: Cell): boolean => isCarried(cell) || cell.back.startsWith('both');
/** The call goes on and somebody hangs up. */
const isHungUp = ({ back }: Cell, minimum: End['minimum'] = 'all'): End =>
  back === 'both, the client ends it' ? end('client_ended', 'client', minimum) : end('model_ended', 'model');
const isHungUpOrLost = (cell: Cell, minimum?: End['minimum']): End =>
  goesOn(cell) ? isHungUp(cell, minimum) : NOT_FOUND;

async function goLive(world: PairWorld): Promise<void> {
  await world.ring();
  await world.until(() => world.record.state === 'live', 5_000);
}

async function charging(world: PairWorld): Promise<void> {
  await goLive(world);
  await world.pass(8_250);
}

async function suspended(world: PairWorld): Promise<void> {
  await goLive(world);
  await world.pass(3_000);
  world.credit(-world.balanceMinor);
  await world.until(() => world.record.state === 'suspended', 5_000);
  await world.pass(10_000);
}

const silent = (side: Side) => async (world: PairWorld) => {
  await goLive(world);
  await world.pass(6_000);
  world.lines[side].sending = 'none';
  await world.pass(4_000);
};

const reconnecting = (side: Side) => async (world: PairWorld) => {
  await charging(world);
  world.pageGoes(side);
  await world.pass(10_000);
};

const sendsAgain = (world: PairWorld) => {
  world.lines.client.sending = world.lines.model.sending = 'all';
};

const SLOW: ProbeEvidence = {
  at: '2026-11-22T00:00:00.000Z',
  verdict: 'fail',
  doubt: null,
  kbps: 5_000,
  thresholdKbps: 12_000,
  offeredKbps: 15_000,
  measuredMs: 1_000,
  probeBytes: 600_000,
  mediaBytes: 25_000,
  sentPackets: 1_500,
  receivedPackets: 500,
  lossPct: 66,
  heldMs: 0,
  queueMs: null,
  rttMs: null,
};

async function slow(world: PairWorld): Promise<void> {
  await charging(world);
  for (let n = 0; n < 2; n++) world.run.meter.probe(world.callId, SLOW, monotonicMs());
  await world.pass(4_000);
}

export const SITUATIONS: { readonly [name: string]: Situation } = {
  ringing: {
    downsMs: aroundMs(RING_LEFT_MS),
    reach: async (world) => {
      world.presses.delete('accept');
      await world.ring();
      await world.pass(10_000);
    },
    again: (world) => world.presses.add('accept'),
    end: (cell) => {
      if (cell.downMs > RING_LEFT_MS) return MISSED;
      if (goesOn(cell)) return isHungUp(cell);
      if (cell.back === 'the model') return end('canceled', 'client');
      return cell.back === 'the client' || cell.downMs > RING_LEFT_MS - CALLER_GONE_MS
        ? MISSED
        : end('withdrawn', 'client');
    },
  },
  confirming: {
    downsMs: aroundMs(CONFIRM_LEFT_MS),
    reach: async (world) => {
      await world.ring();
      await world.until(() => world.record.state === 'confirming', 1_000);
      world.presses.delete('connect');
      world.press('model', 'connect');
      await world.pass(10_000);
    },
    again: (world) => world.presses.add('connect'),
    end: (cell) => {
      if (cell.downMs > CONFIRM_LEFT_MS) return end('canceled', isCarried(cell) ? 'client' : null);
      if (goesOn(cell)) return isHungUp(cell);
      // Who is not back has left it.
      if (cell.back === 'the model') return end('canceled', 'client');
      return end('canceled', cell.back === 'the client' ? 'model' : null);
    },
  },
  'charging by the minute': { downsMs: LIVE_DOWNS_MS, reach: charging, end: isHungUpOrLost },
  'charging by the second': { tariff: 'per_second', downsMs: LIVE_DOWNS_MS, reach: charging, end: isHungUpOrLost },
  'without media of the model': {
    downsMs: LIVE_DOWNS_MS,
    reach: silent('model'),
    again: sendsAgain,
    end: isHungUpOrLost,
  },
  'without media of the client': {
    tariff: 'per_second',
    downsMs: LIVE_DOWNS_MS,
    reach: silent('client'),
    again: sendsAgain,
    end: isHungUpOrLost,
  },
  'on a slow link': {
    downsMs: LIVE_DOWNS_MS,
    reach: slow,
    // It stands for more than ten seconds once more before the client leaves.
    tailMs: 12_000,
    end: (cell) => isHungUpOrLost(cell, 'none'),
  },
  waived: {
    tariff: 'per_second',
    downsMs: LIVE_DOWNS_MS,
    reach: async (world) => {
      await charging(world);
      world.press('model', 'waive');
      await world.pass(2_000);
    },
    end: (cell) => isHungUpOrLost(cell, 'none'),
  },
  suspended: {
    tariff: 'per_second',
    downsMs: [...aroundMs(RECONNECT_MS), 270_000, 400_000],
    reach: suspended,
    again: (world) => world.credit(LATE_CREDIT_MINOR),
    end: (cell) =>
      isCarried(cell) && cell.downMs > 290_000 ? end('out_of_funds', null, 'as covered') : isHungUpOrLost(cell),
  },
  'suspended, late in the grace': {
    tariff: 'per_second',
    downsMs: [2_000, 30_000, 56_000, 400_000],
    reach: async (world) => {
      await suspended(world);
      await world.pass(GRACE_LATE_MS - 10_000);
      // Its page is loaded anew: a line of the log that says how long the grace has run.
      world.pageGoes('client');
      await world.pass(500);
      world.pageComes('client');
      await world.pass(2_000);
    },
    again: (world) => world.credit(LATE_CREDIT_MINOR),
    end: (cell) =>
      isCarried(cell) && cell.downMs > 50_000 ? end('out_of_funds', null, 'as covered') : isHungUpOrLost(cell),
  },
  'waiting for the client': {
    downsMs: aroundMs(RECONNECT_MS - 10_000),
    reach: reconnecting('client'),
    end: (cell) =>
      isCarried(cell) && cell.downMs > RECONNECT_MS - 10_000
        ? end('network_lost', 'client', 'all')
        : isHungUpOrLost(cell),
  },
  'waiting for the model': {
    tariff: 'per_second',
    downsMs: aroundMs(RECONNECT_MS - 10_000),
    reach: reconnecting('model'),
    end: (cell) =>
      isCarried(cell) && cell.downMs > RECONNECT_MS - 10_000 ? end('network_lost', 'model') : isHungUpOrLost(cell),
  },
  'hung up by the client a moment ago': {
    downsMs: LIVE_DOWNS_MS,
    reach: async (world) => {
      await charging(world);
      world.credit(LITTLE_CREDIT_MINOR - world.balanceMinor);
      world.press('client', 'hang_up');
      await world.pass(300);
    },
    again: (world) => world.credit(LATE_CREDIT_MINOR),
    end: () => end('client_ended', 'client', 'as covered'),
  },
  'hung up by the client, who has heard no answer': {
    kills: ['database', 'both'],
    downsMs: LIVE_DOWNS_MS,
    reach: charging,
    meanwhile: (world) => world.press('client', 'hang_up'),
    end: (cell) => (isCarried(cell) ? end('client_ended', 'client', 'all') : isHungUpOrLost(cell)),
  },
};
