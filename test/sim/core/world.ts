// Plays a scenario: one core, many calls, their ledger, and for each call the reference beside it.
// The first disagreement throws a Mismatch that names the call and says what was expected.
import {
  type CallHandle,
  type ChargeDue,
  MeterCore,
  type MeterEvent,
  type MeterResult,
  type OpenCall,
} from '../../../core-wasm/index.ts';
import { ReferenceCall } from '../../core/reference.ts';
import { LedgerDouble } from './ledger.ts';
import { Random, seedOf } from './random.ts';
import { checkReceipt, type LogLine } from './receipt.ts';
import { type CallScenario, SCENARIO_MS_MAX, type Scenario, type Step } from './scenario.ts';

export class Mismatch extends Error {
  readonly callIndex: number;
  constructor(callIndex: number, message: string) {
    super(message);
    this.callIndex = callIndex;
  }
}

export interface Played {
  calls: number;
  events: number;
  /** What happened to the call that is asked for, line by line. */
  trace: string[];
}

/** Something that will happen: agenda entries of the same time keep their order. */
interface Planned {
  atMs: number;
  order: number;
  /** Entries of a core that has crashed are void. */
  epoch: number;
  run: () => void;
}

/** A client who is neither back nor given up is ended after this long. */
const RETURN_MS_MAX = 60_000;
/** The host repeats a charge whose answer does not come. */
const RETRY_MS = 1_000;
/** A gap this long without a tick is a stall. */
const STALL_MS = 2 ** 29;
const MONEY_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const RELEASE_MAX = 2_000_000_000n;

interface Life {
  index: number;
  scenario: CallScenario;
  ledger: LedgerDouble;
  handle: CallHandle | null;
  reference: ReferenceCall | null;
  /** Events of the reference that were compared already. */
  compared: number;
  heard: MeterEvent[];
  log: LogLine[];
  nextStep: number;
  attempts: Map<number, number>;
  durable: {
    billableMs: number;
    unitsCharged: number;
    isLive: boolean;
    isSuspended: boolean;
    suspendedUnit: number;
    graceEndsAtMs: number;
    waived: boolean;
    slowLink: boolean;
  };
  isOver: boolean;
  end: 'client' | 'model' | 'appliance' | null;
}

/** Plays the whole scenario; `tell` is the index of the call whose happenings are written down. */
export function play(module: WebAssembly.Module, scenario: Scenario, tracedCall = -1): Played {
  return new World(module, scenario, tracedCall).play();
}

class World {
  readonly #module: WebAssembly.Module;
  readonly #scenario: Scenario;
  readonly #tracedCall: number;
  readonly #trace: string[] = [];
  readonly #lives: Life[] = [];
  readonly #byHandle = new Map<number, Life>();
  readonly #agenda = new Agenda();
  readonly #random: Random;
  #core: MeterCore;
  #epoch = 0;
  #now: number;
  #lastTick: number;
  #events = 0;
  #isAsleepUntil = 0;
  #isOver = false;

  constructor(module: WebAssembly.Module, scenario: Scenario, tracedCall: number) {
    this.#module = module;
    this.#scenario = scenario;
    this.#tracedCall = tracedCall;
    this.#now = scenario.baseMs;
    this.#lastTick = scenario.baseMs;
    this.#random = new Random(seedOf(scenario.baseMs, scenario.capacity));
    this.#core = this.#newCore();
  }

  #newCore(): MeterCore {
    const { capacity, slowLinkKbps, graceMs, lowMs } = this.#scenario;
    return MeterCore.instantiate(this.#module, { capacity, slowLinkKbps, graceMs, lowMs });
  }

  play(): Played {
    const { baseMs, crashes, stalls } = this.#scenario;
    this.#scenario.calls.forEach((scenario, index) => {
      this.#plan(baseMs + scenario.openAfterMs, () => this.#open(scenario, index));
    });
    for (const { afterMs, downMs } of crashes) this.#plan(baseMs + afterMs, () => this.#crash(downMs), -1);
    for (const { afterMs, forMs } of stalls) {
      this.#plan(baseMs + afterMs, () => (this.#isAsleepUntil = baseMs + afterMs + forMs), -1);
    }
    this.#runUntil(baseMs + SCENARIO_MS_MAX);
    this.#endAll();
    return { calls: this.#lives.length, events: this.#events, trace: this.#trace };
  }

  // ---- time

  #plan(atMs: number, run: () => void, epoch = this.#epoch): void {
    this.#agenda.add(atMs, epoch, run);
  }

  /** Ticks and agenda entries in the order of their times, until nothing is planned and nothing can fall due. */
  #runUntil(untilMs: number): void {
    for (;;) {
      const planned = this.#agenda.first();
      const tickAt = this.#nextTick();
      const next = Math.min(planned?.atMs ?? Number.POSITIVE_INFINITY, tickAt);
      // After a long stall the scenario is over in time but the host still hears of it.
      if (next === Number.POSITIVE_INFINITY || (next > untilMs && next > this.#isAsleepUntil)) return;
      this.#now = Math.max(this.#now, next, this.#isAsleepUntil);
      // A host that wakes from a stall looks at the clock first.
      if (this.#now - this.#lastTick > STALL_MS) this.#tick();
      if (tickAt <= (planned?.atMs ?? Number.POSITIVE_INFINITY)) this.#tick();
      else {
        this.#agenda.takeFirst();
        if (planned && (planned.epoch === -1 || planned.epoch === this.#epoch)) {
          planned.run();
          this.#hear();
        }
      }
    }
  }

  /** Ticks that nothing can fall due in are left out: they change nothing (see tick independence in the tests). */
  #nextTick(): number {
    const due = this.#core.nextDeadlineMs();
    if (due === Number.POSITIVE_INFINITY) return due;
    const { tickMs, baseMs } = this.#scenario;
    if (tickMs === 0) return Math.max(due, this.#now);
    if (tickMs > 0) return baseMs + Math.ceil((Math.max(due, this.#now) - baseMs) / tickMs) * tickMs;
    return Math.max(due, this.#now) + this.#random.spread(3_000);
  }

  #tick(): void {
    this.#core.tick(this.#now);
    this.#lastTick = this.#now;
    this.#hear();
  }

  // ---- calls

  #open(scenario: CallScenario, index: number): void {
    if (this.#isOver) return;
    if (this.#byHandle.size >= this.#scenario.capacity) {
      // No slot: the caller tries again later.
      this.#plan(this.#now + 20_000, () => this.#open(scenario, index));
      return;
    }
    const life: Life = {
      index,
      scenario,
      ledger: new LedgerDouble(scenario),
      handle: null,
      reference: null,
      compared: 0,
      heard: [],
      log: [],
      nextStep: 0,
      attempts: new Map(),
      durable: {
        billableMs: 0,
        unitsCharged: 0,
        isLive: false,
        isSuspended: false,
        suspendedUnit: 0,
        graceEndsAtMs: 0,
        waived: false,
        slowLink: false,
      },
      isOver: false,
      end: null,
    };
    this.#lives.push(life);
    this.#openInCore(life, {});
    this.#planStep(life);
  }

  #openInCore(life: Life, found: Partial<OpenCall>): void {
    const { tariff, rateMinor, minimumMin } = life.scenario;
    const terms: OpenCall = { tariff, rateMinor, minimumMin, balanceMinor: Number(life.ledger.balance), ...found };
    life.handle = this.#core.open(terms, this.#now);
    life.reference = new ReferenceCall(terms, this.#scenario, this.#now);
    life.compared = 0;
    life.heard = [];
    this.#byHandle.set(life.handle, life);
    this.#say(life, () => `open ${JSON.stringify(terms)}`);
  }

  #planStep(life: Life): void {
    const step = life.scenario.steps[life.nextStep];
    if (!step || life.isOver) return;
    life.nextStep++;
    this.#plan(this.#timeOf(life, step), () => {
      if (life.isOver) return;
      this.#take(life, step);
      this.#planStep(life);
    });
  }

  #timeOf(life: Life, step: Step): number {
    if ('gapMs' in step) return this.#now + step.gapMs;
    const reference = life.reference as ReferenceCall;
    const billable = reference.billable(this.#now);
    let at = this.#now;
    if ('paidEnd' in step) at += reference.paidUntil() + step.paidEnd * reference.unitMs() - billable;
    else if ('lowFrom' in step) at += reference.lowFrom() - billable;
    else at = reference.graceEnds();
    const time = at + step.offsetMs;
    // Whatever lies too far off, or behind, happens soon instead.
    return time < this.#now || time > this.#now + 400_000 ? this.#now + Math.abs(step.offsetMs) : time;
  }

  #take(life: Life, step: Step): void {
    const at = this.#now - step.lateMs;
    const core = this.#core;
    const h = life.handle as CallHandle;
    const reference = life.reference as ReferenceCall;
    reference.advance(this.#lastTick);
    this.#say(life, () => `${step.do} ${JSON.stringify(step)}${step.lateMs ? ` (as of ${this.#clock(at)})` : ''}`);
    switch (step.do) {
      case 'start':
        this.#agree(life, core.start(h, at), reference.start(at));
        life.durable.isLive = true;
        break;
      case 'pause': {
        const since = at - step.noticedAfterMs;
        this.#agree(life, core.pauseBegin(h, step.reason, since, at), reference.pauseBegin(step.reason, since, at));
        break;
      }
      case 'resume':
        this.#agree(life, core.pauseEnd(h, step.reason, at), reference.pauseEnd(step.reason, at));
        break;
      case 'probe': {
        const probe = { kbps: step.kbps, conclusive: step.conclusive, startedAtMs: at - step.tookMs };
        this.#agree(life, core.probe(h, probe, at), reference.probe(probe, at));
        break;
      }
      case 'waive':
        if (this.#agree(life, core.waive(h, at), reference.waive(at)) === 'ok') life.durable.waived = true;
        break;
      case 'credit':
        // A unit that goes back must still fit.
        if (life.ledger.balance + BigInt(step.amountMinor) > MONEY_MAX - RELEASE_MAX) break;
        life.ledger.balance += BigInt(step.amountMinor);
        this.#sendBalance(life, at);
        break;
      case 'spend': {
        const amount = BigInt(step.amountMinor);
        life.ledger.balance -= amount < life.ledger.balance ? amount : life.ledger.balance;
        if (step.isSent) this.#sendBalance(life, at);
        break;
      }
      case 'restart':
        this.#agree(life, core.restart(h, at), reference.restart(at));
        break;
      case 'end': {
        const isHangUp = step.isHangUp === true;
        const result = this.#agree(life, core.end(h, step.by, at, isHangUp), reference.end(step.by, at, isHangUp));
        if (result === 'ok') life.end = step.by;
        break;
      }
      case 'wrong_answer': {
        const unit = reference.paidUntil() / reference.unitMs() + 1 + step.unitsOff;
        if (core.figures(h, this.#now)?.pendingUnit === unit) break;
        const balance = Number(life.ledger.balance);
        this.#agree(life, core.posted(h, unit, balance, at), reference.posted(unit, balance, at));
        this.#agree(life, core.refused(h, unit, balance, at), reference.refused(unit, balance, at));
        break;
      }
      case 'look':
        this.#look(life);
    }
  }

  #sendBalance(life: Life, at: number): void {
    const balance = Number(life.ledger.balance);
    const h = life.handle as CallHandle;
    this.#agree(life, this.#core.balance(h, balance, at), (life.reference as ReferenceCall).balance(balance, at));
  }

  #agree(life: Life, core: MeterResult, reference: MeterResult): MeterResult {
    if (core !== reference) this.#fail(life, `the core answered ${core}, the reference ${reference}`);
    return core;
  }

  #look(life: Life): void {
    const core = this.#core.figures(life.handle as CallHandle, this.#now);
    const reference = (life.reference as ReferenceCall).figures(this.#now);
    if (JSON.stringify(core) !== JSON.stringify(reference)) {
      this.#fail(life, `figures differ\n  core      ${JSON.stringify(core)}\n  reference ${JSON.stringify(reference)}`);
    }
  }

  // ---- events

  #hear(): void {
    for (const event of this.#core.drain()) {
      this.#events++;
      const life = this.#byHandle.get(event.call);
      if (!life) throw new Mismatch(-1, `an event for no call that is open: ${JSON.stringify(event)}`);
      if (life.isOver) this.#fail(life, `an event after close: ${JSON.stringify(event)}`);
      life.heard.push(event);
      life.log.push({ ...event, line: 'event' });
      this.#say(life, () => `→ ${words(event, this.#scenario.baseMs)}`);
      this.#react(life, event);
    }
  }

  #react(life: Life, event: MeterEvent): void {
    const { durable } = life;
    durable.billableMs = event.billableMs;
    switch (event.kind) {
      case 'charge_due':
        this.#post(life, event);
        break;
      case 'minimum_due':
        life.ledger.judgeMinimum(event.amountMinor);
        break;
      case 'suspended':
        durable.isSuspended = true;
        durable.suspendedUnit = event.unit;
        durable.graceEndsAtMs = event.graceEndsAtMs;
        break;
      case 'restarted':
        durable.isSuspended = false;
        break;
      case 'charged':
        durable.unitsCharged = event.unit;
        break;
      case 'release_due':
        life.ledger.release(event.unit, event.lastUnit);
        break;
      case 'ended_by_both':
        life.end = 'model';
        break;
      case 'grace_over':
        life.end = 'client';
        break;
      case 'paused':
      case 'resumed':
        durable.slowLink = event.reasons.includes('slow_link');
        break;
      case 'closed':
        this.#closed(life);
    }
  }

  #post(life: Life, { unit, amountMinor }: ChargeDue): void {
    const attempt = life.attempts.get(unit) ?? 0;
    life.attempts.set(unit, attempt + 1);
    const fate = life.ledger.fate(unit, attempt);
    this.#plan(this.#now + fate.judgedAfterMs, () => {
      if (life.isOver) return;
      const verdict = life.ledger.judge(unit, amountMinor);
      const balance = Number(life.ledger.balance);
      this.#say(
        life,
        () => `ledger: unit ${unit} ${verdict}, balance ${balance}${fate.heardAfterMs === null ? ', answer lost' : ''}`,
      );
      if (fate.heardAfterMs === null) {
        // An answer was lost: the host asks again under the same key.
        this.#plan(this.#now + RETRY_MS, () => this.#repeat(life));
        return;
      }
      this.#plan(this.#now + fate.heardAfterMs, () => this.#answer(life, unit, verdict, balance));
    });
  }

  #repeat(life: Life): void {
    if (life.isOver) return;
    const pending = this.#core.pendingCharge(life.handle as CallHandle);
    if (pending) this.#post(life, { ...pending } as ChargeDue);
  }

  #answer(life: Life, unit: number, verdict: 'posted' | 'refused', balance: number): void {
    if (life.isOver) return;
    const h = life.handle as CallHandle;
    const reference = life.reference as ReferenceCall;
    const at = this.#now;
    reference.advance(this.#lastTick);
    this.#say(life, () => `answer: unit ${unit} ${verdict}`);
    this.#agree(life, this.#core[verdict](h, unit, balance, at), reference[verdict](unit, balance, at));
  }

  #closed(life: Life): void {
    this.#compare(life, this.#now);
    life.isOver = true;
    const problem = checkReceipt(life.scenario, life.log, life.ledger, life.end);
    if (problem) this.#fail(life, `receipt: ${problem}`);
    const handle = life.handle as CallHandle;
    const at = this.#now;
    if (this.#core.release(handle) !== 'ok') this.#fail(life, 'a closed call was not released');
    this.#byHandle.delete(handle);
    // From now on the handle is stale, whoever gets the slot.
    if (this.#core.end(handle, 'client', at) !== 'stale_handle') this.#fail(life, 'a stale handle was not refused');
    if (this.#core.posted(handle, 1, 0, at) !== 'stale_handle') this.#fail(life, 'a stale handle was not refused');
  }

  /** The core's events of this call against the reference's, both settled to `until`. */
  #compare(life: Life, until: number): void {
    const reference = life.reference as ReferenceCall;
    reference.advance(until);
    const { heard } = life;
    for (; life.compared < Math.max(heard.length, reference.events.length); life.compared++) {
      const core = plain(heard[life.compared]);
      const expected = JSON.stringify(reference.events[life.compared]);
      if (core !== expected) {
        this.#fail(life, `event ${life.compared + 1} differs\n  core      ${core}\n  reference ${expected}`);
      }
    }
  }

  // ---- crash and end

  #crash(downMs: number): void {
    // A late input may have made something due before the last tick: let it be heard before comparing.
    this.#core.tick(this.#lastTick);
    this.#hear();
    const found = [...this.#byHandle.values()];
    for (const life of found) this.#compareAtCrash(life);
    this.#epoch++;
    this.#byHandle.clear();
    this.#core = this.#newCore();
    this.#now += downMs;
    this.#lastTick = this.#now;
    for (const life of found) this.#recover(life);
  }

  /** What was heard so far must be what the reference says; a call is settled to its last tick or input. */
  #compareAtCrash(life: Life): void {
    this.#compare(life, this.#lastTick);
    const figures = this.#core.figures(life.handle as CallHandle, this.#now);
    // Every few seconds the host writes billable time down; here it did so by chance just before.
    if (figures && this.#random.chance(0.5)) life.durable.billableMs = figures.billableMs;
  }

  /** Charging rules, "After a crash": the call goes on with the billable time of its last durable record. */
  #recover(life: Life): void {
    const { durable, ledger } = life;
    this.#say(life, () => 'crash: the appliance comes back');
    life.log.push({ line: 'crash' });
    const wasEnded = life.end !== null;
    // A restart whose charge was posted, and whose answer nobody heard, has restarted the call.
    const isSuspended = durable.isSuspended && !wasEnded && ledger.lastUnit() < durable.suspendedUnit;
    this.#openInCore(life, {
      billableMs: durable.billableMs,
      unitsCharged: Math.min(durable.unitsCharged, ledger.lastUnit()),
      unitsPosted: ledger.lastUnit(),
      wasLive: durable.isLive,
      waived: durable.waived,
      slowLink: durable.slowLink,
      paused: durable.isLive && !wasEnded ? ['no_media', 'client_no_media'] : [],
      ...(isSuspended && {
        suspendedGraceLeftMs: Math.min(this.#scenario.graceMs, Math.max(0, durable.graceEndsAtMs - this.#now)),
      }),
    });
    if (wasEnded) this.#plan(this.#now, () => this.#endNow(life, life.end ?? 'appliance'));
    else if (isSuspended || !durable.isLive) this.#planStep(life);
    else if (this.#random.chance(0.8)) {
      this.#plan(this.#now + this.#random.spread(RETURN_MS_MAX), () => {
        if (life.isOver) return;
        this.#take(life, { do: 'start', gapMs: 0, lateMs: 0 });
        for (const reason of ['no_media', 'client_no_media'] as const)
          this.#plan(this.#now + this.#random.spread(2_000), () => {
            if (!life.isOver) this.#take(life, { do: 'resume', reason, gapMs: 0, lateMs: 0 });
          });
        this.#planStep(life);
      });
    } else {
      const by = this.#random.pick<'client' | 'model'>('client', 'model');
      this.#plan(this.#now + RETURN_MS_MAX, () => this.#endNow(life, by));
    }
  }

  #endNow(life: Life, by: 'client' | 'model' | 'appliance'): void {
    if (life.isOver) return;
    life.end = by;
    this.#take(life, { do: 'end', by, gapMs: 0, lateMs: 0 });
  }

  #endAll(): void {
    this.#isOver = true;
    this.#tick();
    for (const life of [...this.#byHandle.values()]) {
      this.#look(life);
      this.#take(life, { do: 'end', by: 'appliance', gapMs: 0, lateMs: 0 });
      life.end ??= 'appliance';
    }
    this.#hear();
    // What is closing waits for the ledger, which answers in the end.
    this.#runUntil(this.#now + 10 * SCENARIO_MS_MAX);
    const left = [...this.#byHandle.values()][0];
    if (left) this.#fail(left, 'the call never closed');
  }

  // ---- words

  #fail(life: Life, message: string): never {
    this.#say(life, () => `MISMATCH ${message}`);
    throw Object.assign(new Mismatch(life.index, message), { trace: this.#trace });
  }

  #say(life: Life, line: () => string): void {
    if (life.index === this.#tracedCall) this.#trace.push(`${this.#clock(this.#now)}  ${line()}`);
  }

  #clock(atMs: number): string {
    return clock(atMs - this.#scenario.baseMs);
  }
}

/** Planned things by time, those of one time in the order in which they were planned: a binary heap. */
class Agenda {
  readonly #heap: Planned[] = [];
  #order = 0;

  first(): Planned | undefined {
    return this.#heap[0];
  }

  add(atMs: number, epoch: number, run: () => void): void {
    const heap = this.#heap;
    const planned = { atMs, order: this.#order++, epoch, run };
    let i = heap.length;
    heap.push(planned);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(planned, heap[parent] as Planned)) break;
      heap[i] = heap[parent] as Planned;
      i = parent;
    }
    heap[i] = planned;
  }

  takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Planned, heap[child] as Planned)) child++;
      if (!isBefore(heap[child] as Planned, last)) break;
      heap[i] = heap[child] as Planned;
      i = child;
    }
    heap[i] = last;
  }
}

const isBefore = (a: Planned, b: Planned) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** An event without its handle, its fields in the reference's order. */
function plain(event: MeterEvent | undefined): string | undefined {
  if (!event) return undefined;
  const { call: _, ...rest } = event;
  return JSON.stringify(rest);
}

/** m:ss.mmm */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const millis = String(ms - seconds * 1_000).padStart(3, '0');
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${millis}`;
}

function words(event: MeterEvent, baseMs: number): string {
  const { kind, call: _, atMs, billableMs, ...rest } = event;
  return `${kind} at ${clock(atMs - baseMs)}, billable ${clock(billableMs)} ${JSON.stringify(rest)}`;
}
