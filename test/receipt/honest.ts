// Honest calls at random: everything that happens to a call's meter, in any order, from a seed.
import FakeTimers from '@sinonjs/fake-timers';
import type { HostPauseReason } from '../../core-wasm/index.ts';
import type { ReceiptTerms } from '../../server/receipt/index.ts';
import { Random } from '../sim/core/random.ts';
import { CLOCK_FAKES, MeteredCall } from './metered-call.ts';

const HOST_REASONS: HostPauseReason[] = [
  'no_media',
  'reconnecting',
  'client_no_media',
  'client_reconnecting',
  'appliance_reconnecting',
];
/** How late each is noticed at most, in ms. */
const LATE_MS: Partial<Record<HostPauseReason, number>> = { no_media: 2_000, reconnecting: 15_000 };

/** Plays the script with a clock of its own. */
export async function played(
  terms: ReceiptTerms,
  balanceMinor: number,
  script: (call: MeteredCall) => Promise<void>,
): Promise<MeteredCall> {
  const clock = FakeTimers.install(CLOCK_FAKES);
  try {
    const call = new MeteredCall(clock, terms, balanceMinor);
    await script(call);
    return call;
  } finally {
    clock.uninstall();
  }
}

export function randomTerms(random: Random): ReceiptTerms {
  return {
    rateMinor: random.pick(1, 7, 59, 60, 61, 100, 199, 200, 600, 1_000, random.whole(1, 2_000)),
    minimumMin: random.pick(0, 1, 3, 5, random.whole(0, 10)),
    tariff: random.pick('per_minute' as const, 'per_second' as const),
    sharePercent: random.pick(0, 33, 60, 100, random.whole(0, 100)),
  };
}

export async function honestCall(seed: number): Promise<MeteredCall> {
  const random = new Random(seed);
  const terms = randomTerms(random);
  const balance = random.pick(
    ...[1, 1, 2, 3, 1_000].map((minutes) => terms.rateMinor * minutes),
    random.whole(1, 5_000),
  );
  return played(terms, balance, async (call) => {
    const isPausedAtFirst = random.chance(0.2);
    call.start(isPausedAtFirst ? [random.pick(...HOST_REASONS)] : []);
    const steps = random.whole(2, 40);
    for (let step = 0; step < steps && call.isOpen; step++) await play(call, random);
    if (call.isOpen) await hangUp(call, random);
    await call.settle(random.chance(0.5) ? random.whole(0, 400_000) : undefined);
  });
}

async function hangUp(call: MeteredCall, random: Random): Promise<void> {
  const by = random.pick('client' as const, 'client' as const, 'model' as const, 'appliance' as const);
  call.end(by, random.chance(0.7));
  if (by !== 'client' || random.chance(0.6)) return;
  await call.pass(random.whole(0, 1_200));
  if (call.isOpen) call.end('model');
}

async function play(call: MeteredCall, random: Random): Promise<void> {
  const roll = random.whole(1, 100);
  const pass = () => call.pass(random.pick(0, 1, random.whole(0, 999), random.spread(70_000), random.spread(400_000)));
  if (roll <= 35) return pass();
  if (roll <= 50) {
    const reason = random.pick(...HOST_REASONS);
    if (call.paused.has(reason)) call.resume(reason);
    else call.pause(reason, random.chance(0.5) ? random.whole(0, LATE_MS[reason] ?? 0) : 0);
    return;
  }
  if (roll <= 62) {
    for (const reason of call.paused) if (random.chance(0.8)) call.resume(reason);
    return;
  }
  if (roll <= 75)
    return call.probe(random.pick(4_000, 11_999, 12_000, 20_000), random.chance(0.2) ? 'inconclusive' : undefined);
  if (roll <= 77) return random.chance(0.3) ? call.waive() : undefined;
  if (roll <= 82) return call.credit(random.spread(3_000));
  if (roll <= 88 || (call.isSuspended && random.chance(0.4))) {
    if (!call.isSuspended) return;
    if (random.chance(0.7)) call.credit(call.terms.rateMinor * random.whole(1, 4));
    return call.restart();
  }
  if (roll <= 92) {
    // The recovery takes a posted unit as proof of how far the meter had run, also where it was cut back since.
    if (call.isCutBehindPosted) return;
    const lostLines = random.pick(0, 0, 1, 2);
    const paused = random.chance(0.3) ? [random.pick(...HOST_REASONS)] : [];
    return call.crash(random.spread(500_000), { lostLines, isBack: random.chance(0.8), paused });
  }
  if (roll <= 96) call.latencyMs = random.pick(0, 1, 5, 50, 260, 900, 1_500, 4_000);
}
