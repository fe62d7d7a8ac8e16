// Module: connection-tests. What measures a connection: bursts, the leg that carries them, and the tests that a person
// starts. A leg's data channel is here, since signs of life, reports and bursts share it.
export { BURST_QUIET_MS, BURST_TICK_MS, type Burst, BurstPace, warmUpMs } from './burst.ts';
export { isUsefulCandidate } from './candidates.ts';
export { type RelayTest, testRelay, testUplink, type UplinkTest } from './connection-test.ts';
export { createLegChannel, type ProbeOrder } from './probe.ts';
export { openProbeLeg, type ProbeLeg } from './probe-leg.ts';
export { withVisibility } from './visibility.ts';
export { wait } from './wait.ts';
