// The core under scenarios that nobody wrote: against the reference, and against itself in another rhythm.
import fc from 'fast-check';
import t from 'tap';
import { MeterCore, type MeterEvent, priceMinor, type Tariff } from '../../core-wasm/index.ts';
import { Random, seedOf } from '../sim/core/random.ts';
import { CORE_SIM_DEFAULTS, coreSimReport, simulateCore } from '../sim/core.ts';
import { coreModule } from './support.ts';

const SEEDS = 300;
/** PARLOUR_CORE_SEED moves the tests to other seeds; a failure prints its own. */
const FIRST_SEED = Number(process.env.PARLOUR_CORE_SEED ?? 1);

for (const build of ['debug', 'release'] as const) {
  t.test(
    `${SEEDS} seeded scenarios agree with the reference, the ledger and the receipts (${build} build)`,
    async (t) => {
      const lines: string[] = [];
      const seeds = build === 'debug' ? SEEDS : SEEDS / 3;
      const result = simulateCore({ ...CORE_SIM_DEFAULTS, seed: FIRST_SEED, seeds, build }, (line) => lines.push(line));
      t.equal(result.mismatches, 0, lines.join('\n'));
      t.ok(result.events > 1_000 * (seeds / 10), coreSimReport(result));
    },
  );
}

/** An input as it was given once, to be given again at the same time. */
type Input = { atMs: number; give: (core: MeterCore) => void };

const CALLS = 20;
const SPAN_MS = 200_000;

/** A core with its calls opened. Handles are the same in every core that is opened the same way. */
function newCore(seed: number) {
  const random = new Random(seedOf(seed, 1));
  const core = MeterCore.instantiate(coreModule(), { capacity: CALLS, graceMs: random.pick(3_000, 300_000) });
  const calls = Array.from({ length: CALLS }, () => {
    const rateMinor = random.whole(1, 300);
    const tariff = random.pick<Tariff>('per_minute', 'per_second');
    return core.open(
      { tariff, rateMinor, minimumMin: random.whole(0, 3), balanceMinor: random.whole(0, rateMinor * 4) },
      0,
    );
  });
  return { core, calls };
}

/** Lives through random inputs once, hearing every event at its own time, and writes every input down. */
function record(seed: number): Input[] {
  const { core, calls } = newCore(seed);
  const random = new Random(seedOf(seed, 2));
  const inputs: Input[] = [];
  const give = (atMs: number, act: (core: MeterCore) => void) => {
    inputs.push({ atMs, give: act });
    act(core);
  };
  const answers: { atMs: number; act: (core: MeterCore) => void }[] = [];
  const balances = new Map<number, number>(calls.map((call) => [call, core.figures(call, 0)?.balanceMinor ?? 0]));
  for (const call of calls) give(0, (core) => core.start(call, 0));
  for (let now = 0; now < SPAN_MS; ) {
    const nextInput = now + random.spread(2_000);
    for (;;) {
      answers.sort((a, b) => a.atMs - b.atMs);
      const deadline = core.nextDeadlineMs();
      const at = Math.min(deadline, answers[0]?.atMs ?? Number.POSITIVE_INFINITY);
      if (at > nextInput) break;
      if (deadline === at) core.tick(at);
      else {
        const answer = answers.shift();
        if (answer) give(at, answer.act);
      }
      for (const event of core.drain()) {
        if (event.kind !== 'charge_due') continue;
        const balance = balances.get(event.call) ?? 0;
        const isCovered = balance >= event.amountMinor;
        const left = isCovered ? balance - event.amountMinor : balance;
        balances.set(event.call, left);
        const atMs = at + random.pick(1, random.spread(400));
        const { call, unit } = event;
        answers.push({ atMs, act: (core) => core[isCovered ? 'posted' : 'refused'](call, unit, left, atMs) });
      }
    }
    now = nextInput;
    const call = random.pick(...calls);
    const since = now - random.spread(3_000);
    const reason = random.pick('no_media' as const, 'reconnecting' as const);
    const kbps = random.whole(8_000, 16_000);
    const credit = random.whole(0, 500);
    const acts: ((core: MeterCore) => unknown)[] = [
      (core) => core.pauseBegin(call, reason, since, now),
      (core) => core.pauseEnd(call, reason, now),
      (core) => core.probe(call, { kbps, conclusive: true, startedAtMs: since }, now),
      (core) => core.balance(call, (balances.get(call) ?? 0) + credit, now),
      (core) => core.restart(call, now),
    ];
    if (random.chance(0.03)) acts.push((core) => core.end(call, 'client', now));
    const act = random.pick(...acts);
    if (act === acts[3]) balances.set(call, (balances.get(call) ?? 0) + credit);
    const given = act === acts[3] ? balances.get(call) : undefined;
    give(now, given === undefined ? act : (core) => core.balance(call, given, now));
  }
  return inputs;
}

/** The same inputs with ticks in the given rhythm between them. */
function replay(seed: number, inputs: Input[], nextTick: (now: number) => number): Map<number, MeterEvent[]> {
  const { core } = newCore(seed);
  let tickAt = nextTick(0);
  for (const { atMs, give } of inputs) {
    for (; tickAt <= atMs; tickAt = nextTick(tickAt)) core.tick(tickAt);
    give(core);
  }
  core.tick(SPAN_MS + 1_000_000);
  const byCall = new Map<number, MeterEvent[]>();
  for (const event of core.drain()) byCall.set(event.call, [...(byCall.get(event.call) ?? []), event]);
  return byCall;
}

t.test('tick independence: every 10 ms, 100 ms, 1 s, at random or never: the same events', async (t) => {
  const count = 40;
  let events = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    const inputs = record(seed);
    const random = new Random(seedOf(seed, 3));
    const never = replay(seed, inputs, () => Number.POSITIVE_INFINITY);
    const rhythms: [string, (now: number) => number][] = [
      ['10 ms', (now) => now + 10],
      ['100 ms', (now) => now + 100],
      ['1 s', (now) => now + 1_000],
      ['random', (now) => now + 1 + random.spread(5_000)],
    ];
    for (const list of never.values()) events += list.length;
    for (const [name, rhythm] of rhythms) {
      if (JSON.stringify([...replay(seed, inputs, rhythm)].sort(byCall)) !== JSON.stringify([...never].sort(byCall))) {
        t.fail(`seed ${seed}: ticked every ${name} the events differ from not ticked at all`);
      }
    }
  }
  t.ok(events > count * 500, `${events} events in ${count} scenarios, five rhythms each`);
});

const byCall = (a: [number, unknown], b: [number, unknown]) => a[0] - b[0];

t.test('rule 3: the rounding never adds up to more than one minor unit', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), fc.integer({ min: 0, max: 2 ** 31 }), (rate, seconds) => {
      const price = priceMinor('per_second', rate, seconds);
      const exact = BigInt(rate) * BigInt(seconds);
      return price * 60n >= exact && price * 60n - exact < 60n;
    }),
    { seed: FIRST_SEED },
  );
});

t.test('rule 3: the core prices any unit of any rate as the formula does, up to the last one allowed', async () => {
  const module = coreModule();
  fc.assert(
    fc.property(
      fc.constantFrom<Tariff>('per_minute', 'per_second'),
      fc.integer({ min: 1, max: 1_000_000_000 }),
      fc.integer({ min: 0, max: 2 ** 31 - 200 }),
      (tariff, rateMinor, units) => {
        if (priceMinor(tariff, rateMinor, units) > BigInt(Number.MAX_SAFE_INTEGER)) return true;
        const core = MeterCore.instantiate(module, { capacity: 1 });
        const billableMs = units * (tariff === 'per_minute' ? 60_000 : 1_000);
        const terms = { tariff, rateMinor, minimumMin: 0, balanceMinor: Number.MAX_SAFE_INTEGER };
        const call = core.open({ ...terms, unitsCharged: units, billableMs }, 0);
        core.start(call, 0);
        core.tick(60_001);
        const due = core.drain().find((event) => event.kind === 'charge_due');
        if (due?.kind !== 'charge_due') return false;
        const before = priceMinor(tariff, rateMinor, due.unit - 1);
        return (
          BigInt(due.amountMinor) === priceMinor(tariff, rateMinor, due.unit) - before &&
          before === BigInt(core.figures(call, 0)?.chargedMinor ?? -1)
        );
      },
    ),
    { seed: FIRST_SEED, numRuns: 300 },
  );
});
