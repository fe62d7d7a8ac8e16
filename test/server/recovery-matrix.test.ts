// What becomes of a call when its appliance is killed and comes back (charging rules, "After a crash"): every state of
// the call, kills of main, of the database and of both, downtimes shorter and longer than each timer that runs, a wall
// clock that is stepped meanwhile, and who comes back. Each cell is a world of its own on a fake clock.
import FakeTimers from '@sinonjs/fake-timers';
import t from 'tap';
import type { Tariff } from '../../server/contract/index.ts';
import { PairWorld } from '../sim/people/pair.ts';
import { RATE_MINOR } from '../sim/people/rows.ts';
import { GRACE_MS, loadTestCore } from '../sim/people/run.ts';
import {
  BACKS,
  type Back,
  type Cell,
  KILLS,
  type Kill,
  LATE_CREDIT_MINOR,
  SITUATIONS,
  type Situation,
} from '../sim/people/situations.ts';

const MINIMUM_MIN = 3;
const CREDIT_MINOR = 10_000;
const HOUR_MS = 3_600_000;
const CLOCK_STEPS_MS = [0, HOUR_MS, -HOUR_MS];
/** Between the kill of the database and that of main, when both are killed. */
const BOTH_MS = 1_500;
/** How long the database is away once more, while main finds its calls again. */
const AGAIN_MS = 1_000;
/** Of a call that goes on, until somebody ends it. */
const TAIL_MS = 5_000;
const GRACE_LEFT_MS_MIN = 60_000;
/** By then every call has ended, whatever it waits for. */
const END_MS_MAX = GRACE_MS + 60_000;
const SETTLED_MS_MAX = 60_000;
/** Within two sweeps. */
const UNHEARD_MS_MAX = 140_000;
/** Silence of a side is cut back by two seconds, and legs take a moment. */
const EDGE_MS = 2_600;
const UNIT_MS = { per_minute: 60_000, per_second: 1_000 } as const;

/** Who may come back: after a kill of main everybody has to, after one of the database nobody has gone. */
const BACKS_OF: Readonly<Record<Kill, readonly Back[]>> = {
  main: BACKS,
  database: ['both, the client ends it', 'both, the model ends it'],
  both: ['both, the client ends it', 'both, the model ends it', 'nobody'],
  'both, and the database again': ['both, the client ends it', 'nobody'],
};

const core = loadTestCore();

function cellsOf({ kills = KILLS, downsMs }: Situation): Cell[] {
  return kills.flatMap((kill) =>
    downsMs.flatMap((downMs) =>
      CLOCK_STEPS_MS.flatMap((stepMs) => BACKS_OF[kill].map((back) => ({ kill, downMs, stepMs, back }))),
    ),
  );
}

const nameOf = ({ kill, downMs, stepMs, back }: Cell): string =>
  `${kill} away for ${downMs / 1_000} s, clock ${stepMs / HOUR_MS} h, back: ${back}`;

/** The kill, the time in which the appliance is away, and its return. */
async function killAndReturn(world: PairWorld, situation: Situation, { kill, downMs, stepMs }: Cell): Promise<void> {
  if (kill !== 'main') {
    world.killDatabase();
    situation.meanwhile?.(world);
  }
  if (kill !== 'main' && kill !== 'database') await world.pass(BOTH_MS);
  if (kill !== 'database') world.killMain();
  await world.pass(downMs / 2);
  world.stepWallClock(stepMs);
  await world.pass(downMs / 2);
  world.rows.isAway = false;
  if (kill === 'database') return;
  await world.start(kill === 'both, and the database again' ? AGAIN_MS : 0);
}

/** Who comes back does what fits; a call that goes on is ended by one of them. */
async function comeBack(world: PairWorld, situation: Situation, { back }: Cell): Promise<void> {
  const sides = (['client', 'model'] as const).filter((side) => back.startsWith('both') || back === `the ${side}`);
  for (const side of sides) world.pageComes(side);
  situation.again?.(world);
  if (!back.startsWith('both')) return;
  const isGoingOn = () => world.record.state === 'live' && world.viewOf('client')?.them.hasMedia === true;
  await world.until(() => isGoingOn() || world.record.state === 'ended', END_MS_MAX);
  await world.pass(situation.tailMs ?? TAIL_MS);
  if (world.record.state !== 'ended') world.press(back === 'both, the client ends it' ? 'client' : 'model', 'hang_up');
}

/** @returns what is wrong with the money of a call that has ended; empty is right */
function moneyFaults(world: PairWorld, minimum: 'all' | 'as covered' | 'none', coveredMinor: number): string[] {
  const { record } = world;
  const faults: string[] = [];
  const charges = world.rows.chargesOf(world.callId);
  const sum = (kind: 'charge' | 'minimum') =>
    charges.filter((one) => one.kind === kind).reduce((total, { amountMinor }) => total + amountMinor, 0);
  const unitMs = UNIT_MS[record.tariff];
  const units = Math.ceil(record.billableMs / unitMs);
  const priceMinor = Math.ceil((RATE_MINOR * units * unitMs) / 60_000);
  if (sum('charge') !== priceMinor) faults.push(`${record.billableMs} ms cost ${sum('charge')}, not ${priceMinor}`);
  const restMinor = Math.max(0, RATE_MINOR * MINIMUM_MIN - priceMinor);
  const dueMinor = { all: restMinor, 'as covered': Math.min(restMinor, coveredMinor), none: 0 }[minimum];
  if (sum('minimum') !== dueMinor) faults.push(`${sum('minimum')} of the minimum was taken, not ${dueMinor}`);
  if (record.billableMs > world.receivedMs + EDGE_MS)
    faults.push(`${record.billableMs} ms are billable, and media came for ${world.receivedMs}`);
  const { credit, earned, given, revenue } = world.rows;
  const total = [...credit.values(), ...earned.values(), revenue].reduce((a, b) => a + b, 0);
  if (total !== [...given.values()].reduce((a, b) => a + b, 0)) faults.push('money is lost or made');
  return faults;
}

/** @returns what is wrong, with nobody in it any more; empty is right */
async function afterwardsFaults(world: PairWorld): Promise<string[]> {
  const faults: string[] = [];
  const { callId, record } = world;
  const wasPaid = JSON.stringify(world.rows.chargesOf(callId));
  for (const side of ['client', 'model'] as const) {
    if (world.isHeld(side)) faults.push(`the ${side} is held`);
    world.pageComes(side);
  }
  world.credit(LATE_CREDIT_MINOR);
  world.presses.clear();
  await world.ring();
  world.press('client', 'hang_up');
  await world.pass(1_000);
  if (world.record.outcome !== 'withdrawn') faults.push('the next ring is not taken');
  const left = (await world.rows.records.unfinished()).length;
  if (left > 0) faults.push(`${left} calls are unfinished`);
  const after = world.rows.calls.get(callId);
  if (after?.outcome !== record.outcome) faults.push(`the outcome became ${after?.outcome}`);
  if (JSON.stringify(world.rows.chargesOf(callId)) !== wasPaid) faults.push('it was charged after its end');
  return faults;
}

/** A world whose appliance has started. */
async function inWorld<T>(tariff: Tariff, work: (world: PairWorld) => Promise<T>): Promise<T> {
  const clock = FakeTimers.install({
    now: Date.UTC(2026, 10, 22),
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  const world = new PairWorld(clock, core, { tariff, minimumMin: MINIMUM_MIN, creditMinor: CREDIT_MINOR });
  try {
    await world.start();
    return await work(world);
  } finally {
    world.stop();
    clock.uninstall();
  }
}

/** @returns what is wrong; empty is right */
async function play(world: PairWorld, situation: Situation, cell: Cell): Promise<string[]> {
  world.pageComes('client');
  world.pageComes('model');
  await situation.reach(world);
  const coveredMinor = world.balanceMinor;
  const graceLeftMs = world.run.meter.figures(world.callId)?.graceLeftMs ?? null;
  await killAndReturn(world, situation, cell);
  const faults = graceFaults(world, cell, graceLeftMs);
  await comeBack(world, situation, cell);
  if (!(await world.until(() => world.record.state === 'ended', END_MS_MAX)))
    return [...faults, `it sticks in ${world.record.state}`];
  if (!(await world.until(() => !world.record.liveAt || world.record.agrees !== null, SETTLED_MS_MAX)))
    return [...faults, 'it is not settled'];
  const { outcome, endedBy, liveAt, agrees } = world.record;
  const end = situation.end(cell);
  if (outcome !== end.outcome || endedBy !== end.endedBy)
    faults.push(`it ended as ${outcome} by ${endedBy}, not as ${end.outcome} by ${end.endedBy}`);
  if (liveAt && !agrees) faults.push('log, ledger and core disagree');
  if (liveAt) faults.push(...moneyFaults(world, end.minimum, coveredMinor));
  faults.push(...(await afterwardsFaults(world)), ...world.errors);
  return faults.length === 0 ? [] : [...faults, world.rows.logLines(1)];
}

/** The grace stands while the appliance is down, and at least 60 s are left. */
function graceFaults(world: PairWorld, { kill }: Cell, beforeMs: number | null): string[] {
  if (beforeMs === null || kill === 'database') return [];
  const leftMs = world.run.meter.figures(world.callId)?.graceLeftMs ?? null;
  const leastMs = Math.max(GRACE_LEFT_MS_MIN, beforeMs);
  return leftMs !== null && leftMs >= leastMs ? [] : [`${leftMs} ms of the grace are left, of ${beforeMs}`];
}

for (const [name, situation] of Object.entries(SITUATIONS)) {
  t.test(`a call that is ${name}`, async (t) => {
    for (const cell of cellsOf(situation)) {
      const faults = await inWorld(situation.tariff ?? 'per_minute', (world) => play(world, situation, cell));
      t.equal(faults.join('\n'), '', nameOf(cell));
    }
  });
}

for (const stepMs of CLOCK_STEPS_MS) {
  t.test(`a ring that is written and nobody has heard of holds nobody, clock ${stepMs / HOUR_MS} h`, async (t) => {
    await inWorld('per_minute', async (world) => {
      world.pageComes('client');
      world.rows.isAnswerLost = true;
      await t.rejects(world.ring());
      world.killDatabase();
      await world.pass(2_000);
      world.rows.isAway = false;
      world.stepWallClock(stepMs);
      world.callId = world.rows.open()[0]?.callId ?? 0;
      t.equal(world.record?.state, 'ringing', 'its row is there');
      t.ok(await world.until(() => world.record.state === 'ended', UNHEARD_MS_MAX), 'it ends by itself');
      t.same(await afterwardsFaults(world), []);
    });
  });
}
