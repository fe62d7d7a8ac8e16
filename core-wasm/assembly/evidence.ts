// Bandwidth evidence: the last conclusive probes of the model's uplink, and the decision they carry.
import { Call } from './call';
import { PROBES_DECIDING, PROBES_JUDGED } from './limits';
import { begin, end } from './pauses';
import { SLOW_LINK } from './reasons';
import { earlier } from './time-base';

let thresholdKbps: i32 = 0;

export function setThreshold(kbps: i32): void {
  thresholdKbps = kbps;
}

function probeSlot(call: Call, index: i32): usize {
  return changetype<usize>(call) + offsetof<Call>('probe0') + (<usize>index << 2);
}

/** Takes a conclusive probe: two of the last three begin or end the pause `slow_link`. */
export function takeProbe(call: Call, kbps: i32, startedAt: i32, at: i32): void {
  memory.copy(probeSlot(call, 1), probeSlot(call, 0), <usize>(PROBES_JUDGED - 1) << 2);
  store<i32>(probeSlot(call, 0), startedAt);
  if (<i32>call.probes < PROBES_JUDGED) call.probes++;
  const isSlow = kbps < thresholdKbps;
  const judged = (1 << PROBES_JUDGED) - 1;
  call.slowProbes = <u8>((((<i32>call.slowProbes) << 1) | <i32>isSlow) & judged);
  const slow = popcnt<i32>(call.slowProbes);
  if (slow >= PROBES_DECIDING) begin(call, SLOW_LINK, firstSlow(call), at);
  else if (<i32>call.probes - slow >= PROBES_DECIDING) end(call, SLOW_LINK, at);
}

/** Start of the oldest slow probe among the ones judged: that is when the fault began. */
function firstSlow(call: Call): i32 {
  const index = 31 - clz<i32>(call.slowProbes);
  return load<i32>(probeSlot(call, index));
}

export function rebaseProbes(call: Call): void {
  for (let i = 0; i < <i32>call.probes; i++) store<i32>(probeSlot(call, i), earlier(load<i32>(probeSlot(call, i))));
}
