// Module: media. Control of the media processes: legs, leases, what flowed. In: open and close legs,
// leases, the pages' answers. Out: offers for the pages, and the truth about packets. Packets
// themselves pass only inside the media processes; who pays for them is decided elsewhere.
export { isOwnCandidate, isUsableCandidate, kindOf, readAnswer, readTransport } from './answer.ts';
export { type LegEvent, type LegNotice, MediaControl } from './control.ts';
export { iceServersFor, publicAddresses, type ReachabilitySettings } from './reachability.ts';
export { askStun, stunServerOf } from './stun.ts';
export { type MediaOptions, MediaPortInUse, type RecycleLimits } from './supervisor.ts';
export { decide, judgeProbe, type ProbeReport, probeOrder } from './verdict.ts';
export { startWebTransport, type WebTransportHost } from './webtransport/start.ts';
