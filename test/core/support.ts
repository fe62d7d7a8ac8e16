// What every test of the core needs: the built core, and a call in one line.
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import {
  type CallHandle,
  MeterCore,
  type MeterEvent,
  type MeterSettings,
  type OpenCall,
} from '../../core-wasm/index.ts';

/** `release` ships; `debug` is the same source with its assertions in. */
export type Build = 'release' | 'debug';

const FILES: Record<Build, string> = { release: 'core.wasm', debug: 'core.debug.wasm' };

/** The compiled core. PARLOUR_CORE_BUILD names another folder than core-wasm/build (the mutation check does). */
export function coreModule(build: Build = 'debug'): WebAssembly.Module {
  const folder = process.env.PARLOUR_CORE_BUILD ?? path.resolve('core-wasm/build');
  return new WebAssembly.Module(fs.readFileSync(path.join(folder, FILES[build])));
}

/** A client with plenty at 60 a minute, no minimum. */
export const TERMS: OpenCall = { tariff: 'per_minute', rateMinor: 60, minimumMin: 0, balanceMinor: 1_000_000 };

/** One call on a core of its own, with a ledger that answers when told to. Times are given as they come. */
export class OneCall {
  readonly core: MeterCore;
  readonly call: CallHandle;
  /** Everything that was drained so far. */
  readonly events: MeterEvent[] = [];
  balanceMinor: number;

  constructor(terms: Partial<OpenCall> = {}, settings: Partial<MeterSettings> = {}, atMs = 0, build: Build = 'debug') {
    this.core = MeterCore.instantiate(coreModule(build), { capacity: 1, ...settings });
    const whole = { ...TERMS, ...terms };
    this.balanceMinor = whole.balanceMinor;
    this.call = this.core.open(whole, atMs);
  }

  /** Opens and starts at 0; the ledger has not answered yet. */
  static asked(terms: Partial<OpenCall> = {}, settings: Partial<MeterSettings> = {}): OneCall {
    const one = new OneCall(terms, settings);
    one.core.start(one.call, 0);
    return one;
  }

  /** Opens and starts at 0, and the ledger answers for the first unit at once. */
  static live(terms: Partial<OpenCall> = {}, settings: Partial<MeterSettings> = {}): OneCall {
    const one = OneCall.asked(terms, settings);
    one.answer();
    one.drain();
    return one;
  }

  drain(): MeterEvent[] {
    const events = this.core.drain();
    this.events.push(...events);
    return events;
  }

  /** Ticks to `untilMs`, the ledger answering each charge at the very millisecond it falls due. */
  run(untilMs: number): MeterEvent[] {
    const seen: MeterEvent[] = [];
    for (let at = this.core.nextDeadlineMs(); at <= untilMs; at = this.core.nextDeadlineMs()) {
      this.core.tick(at);
      seen.push(...this.answer());
    }
    this.core.tick(untilMs);
    seen.push(...this.drain());
    return seen;
  }

  /** The ledger's answer to whatever is due in the events that wait. */
  answer(delayMs = 0): MeterEvent[] {
    const events = this.drain();
    for (const event of events) {
      if (event.kind !== 'charge_due') continue;
      const at = event.atMs + delayMs;
      if (this.balanceMinor >= event.amountMinor) {
        this.balanceMinor -= event.amountMinor;
        this.core.posted(this.call, event.unit, this.balanceMinor, at);
      } else {
        this.core.refused(this.call, event.unit, this.balanceMinor, at);
      }
    }
    return events;
  }

  figures(atMs: number) {
    const figures = this.core.figures(this.call, atMs);
    if (figures === null) throw new Error('the call is gone');
    return figures;
  }
}

/** The kinds of a list of events, in order. */
export const kinds = (events: MeterEvent[]) => events.map((event) => event.kind);

export function only<K extends MeterEvent['kind']>(events: MeterEvent[], kind: K) {
  return events.filter((event): event is Extract<MeterEvent, { kind: K }> => event.kind === kind);
}

/** Exactly these events, each with at least these fields (`t.match` alone lets further events pass). */
export function told(
  t: Pick<Test, 'equal' | 'match'>,
  events: MeterEvent[],
  expected: object[],
  message = 'as expected',
) {
  t.equal(events.length, expected.length, `told: ${kinds(events).join(', ') || 'nothing'}`);
  t.match(events, expected, message);
}
