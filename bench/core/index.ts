// The core's speed: what an idle call costs a tick, what an event costs, what a call weighs; as ratios
// to plain JavaScript and to C in the same run, since absolute times say more of the machine.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MeterCore, type OpenCall } from '../../core-wasm/index.ts';
import type { Bench, Goal } from '../bench.ts';
import { PlainMeter } from './plain.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const TERMS: OpenCall = { tariff: 'per_minute', rateMinor: 199, minimumMin: 0, balanceMinor: 1_000_000_000 };
const FILE = path.resolve('core-wasm/build/core.wasm');
const TICK_MS = 100;

interface Idle {
  calls: number;
  coreNs: number;
  jsNs: number;
  /** The same scan in C's vector types, and C's plain loop; null without a compiler. */
  cNs: number | null;
  plainCNs: number | null;
}

export const coreBench: Bench = {
  says: 'the metering core against plain JavaScript and C',
  async run({ isQuick, say }) {
    const module = new WebAssembly.Module(fs.readFileSync(FILE));
    const scan = compileScan(say);
    const rounds = isQuick ? 5 : 15;
    const idle = SIZES.map((calls) => idleTicks(module, calls, rounds, scan));
    for (const { calls, coreNs, jsNs, cNs, plainCNs } of idle) {
      const c =
        cNs === null || plainCNs === null
          ? ''
          : `, C ${cNs.toFixed(4)} (core is ${(coreNs / cNs).toFixed(2)}x), plain C ${plainCNs.toFixed(4)}`;
      say(
        `idle, ${calls} calls: ${coreNs.toFixed(4)} ns a call and tick, JS ${jsNs.toFixed(4)} (${(jsNs / coreNs).toFixed(1)}x)${c}`,
      );
    }
    const live = liveMinute(module, isQuick ? 60_000 : 300_000, isQuick ? 2 : 5);
    say(`live: ${Math.round(live.coreEventsPerS)} events/s from tick to posted, JS ${Math.round(live.jsEventsPerS)}`);
    const event = eventCost(module, isQuick ? 5 : 20);
    say(
      `event: ${event.toHostNs.toFixed(1)} ns out of the ring, ${event.wholeNs.toFixed(1)} ns with settling the call`,
    );
    const bytesPerCall = (memoryOf(module, 1_000_001) - memoryOf(module, 1)) / 1_000_000;
    const wasmBytes = fs.statSync(FILE).size;
    say(`memory: ${bytesPerCall.toFixed(1)} bytes a call; core.wasm ${wasmBytes} bytes`);
    scan?.remove();
    const million = idle.at(-1) as Idle;
    const goals: Goal[] = [
      { says: 'times faster than JS at a million idle calls', measured: million.jsNs / million.coreNs, atLeast: 5 },
      {
        says: 'times C in vectors at a million idle calls',
        measured: million.cNs === null ? null : million.coreNs / million.cNs,
        atMost: 1.3,
      },
      { says: 'ns for an event, core to host', measured: event.toHostNs, atMost: 100 },
      { says: 'bytes a call', measured: bytesPerCall, atMost: 128 },
      { says: 'bytes of core.wasm', measured: wasmBytes, atMost: 12 * 1024 },
    ];
    return { figures: { idle, live, event, bytesPerCall, wasmBytes }, goals };
  },
};

/** Best of several rounds, taken in turn with the others so that a noisy moment hits all. */
function idleTicks(module: WebAssembly.Module, calls: number, rounds: number, scan: Scan | null): Idle {
  const core = MeterCore.instantiate(module, { capacity: calls });
  const js = new PlainMeter(calls);
  for (let i = 0; i < calls; i++) {
    // Live and paid for long: its deadline lies beyond the bench.
    core.start(core.open({ ...TERMS, unitsCharged: 20_000 }, 0), 0);
    js.idle();
  }
  const ticks = Math.max(20, Math.min(20_000, Math.floor(20e6 / calls)));
  // A round unmeasured first, as the C program has one: what ran before has emptied the caches.
  const round = (tick: (t: number) => void) => {
    repeat(ticks, tick);
    return timed(() => repeat(ticks, tick)) / ticks / calls;
  };
  let coreNs = Number.POSITIVE_INFINITY;
  let jsNs = Number.POSITIVE_INFINITY;
  let cNs = scan ? Number.POSITIVE_INFINITY : null;
  let plainCNs = cNs;
  for (let i = 0; i < rounds; i++) {
    coreNs = Math.min(
      coreNs,
      round((t) => core.tick(t)),
    );
    jsNs = Math.min(
      jsNs,
      round((t) => js.tick(t)),
    );
    if (!scan || cNs === null || plainCNs === null) continue;
    cNs = Math.min(cNs, scan.nsPerCall(calls, ticks, 2, 'vectors'));
    plainCNs = Math.min(plainCNs, scan.nsPerCall(calls, ticks, 1, 'plain'));
  }
  return { calls, coreNs, jsNs, cNs, plainCNs };
}

/** A minute of live calls, each charged once, ticked every 100 ms, every charge posted at once. */
function liveMinute(module: WebAssembly.Module, calls: number, rounds: number) {
  let coreNs = Number.POSITIVE_INFINITY;
  let jsNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const core = MeterCore.instantiate(module, { capacity: calls });
    const js = new PlainMeter(calls);
    for (let i = 0; i < calls; i++) {
      const at = (i * 7_919) % 60_000;
      core.start(core.open(TERMS, 0), at);
      js.start(TERMS.rateMinor, TERMS.balanceMinor, at);
    }
    let posted = 0;
    coreNs = Math.min(
      coreNs,
      timed(() =>
        repeat(60_100 / TICK_MS, (t) => {
          core.tick((t + 1) * TICK_MS);
          for (const event of core.drain()) {
            if (event.kind !== 'charge_due') continue;
            core.posted(event.call, event.unit, TERMS.balanceMinor, (t + 1) * TICK_MS);
            posted++;
          }
        }),
      ) / posted,
    );
    let jsPosted = 0;
    jsNs = Math.min(
      jsNs,
      timed(() =>
        repeat(60_100 / TICK_MS, (t) => {
          js.tick((t + 1) * TICK_MS);
          for (const event of js.drain()) {
            if (event.kind !== 'charge_due') continue;
            js.posted(event.call, event.unit, TERMS.balanceMinor);
            jsPosted++;
          }
        }),
      ) / jsPosted,
    );
    if (posted < calls || jsPosted !== posted) throw new Error(`${posted} and ${jsPosted} charges of ${calls} calls`);
  }
  return { calls, coreEventsPerS: 1e9 / coreNs, jsEventsPerS: 1e9 / jsNs };
}

/** 4,000 calls due at one tick: the tick settles them into the ring, drain() makes events of it. */
function eventCost(module: WebAssembly.Module, rounds: number) {
  const calls = 4_000;
  let toHostNs = Number.POSITIVE_INFINITY;
  let wholeNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds * 10; round++) {
    const core = MeterCore.instantiate(module, { capacity: calls });
    for (let i = 0; i < calls; i++) core.start(core.open(TERMS, 0), 0);
    const tickNs = timed(() => core.tick(1));
    let count = 0;
    const drainNs = timed(() => {
      count = core.drain().length;
    });
    toHostNs = Math.min(toHostNs, drainNs / count);
    wholeNs = Math.min(wholeNs, (tickNs + drainNs) / count);
  }
  return { toHostNs, wholeNs };
}

function memoryOf(module: WebAssembly.Module, capacity: number): number {
  return MeterCore.instantiate(module, { capacity }).memoryBytes;
}

function repeat(times: number, act: (i: number) => void): void {
  for (let i = 0; i < times; i++) act(i);
}

function timed(act: () => void): number {
  const from = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - from);
}

interface Scan {
  nsPerCall(calls: number, ticks: number, rounds: number, way: 'plain' | 'vectors'): number;
  remove(): void;
}

/** scan.c built with the machine's compiler, or null when there is none. */
function compileScan(say: (line: string) => void): Scan | null {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'core-bench-'));
  const program = path.join(folder, 'scan');
  try {
    execFileSync('cc', ['-O2', '-o', program, path.resolve('bench/core/scan.c')], { stdio: 'pipe' });
  } catch (error) {
    say(`no C to compare with: ${(error as Error).message.split('\n')[0]}`);
    fs.rmSync(folder, { recursive: true });
    return null;
  }
  return {
    nsPerCall(calls, ticks, rounds, way) {
      const out = execFileSync(program, [String(calls), String(ticks), String(rounds), way], { encoding: 'utf8' });
      return Number(out.split(' ')[0]);
    },
    remove: () => fs.rmSync(folder, { recursive: true }),
  };
}
