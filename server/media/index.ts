// Room: media. Control of the media processes: legs, leases, what flowed. In: open and close legs,
// leases, the pages' answers. Out: offers for the pages, and the truth about packets. Packets
// themselves pass only inside the media processes; who pays for them is decided elsewhere.
export { type LegEvent, MediaControl, type MediaOptions, MediaPortInUse } from './control.ts';
