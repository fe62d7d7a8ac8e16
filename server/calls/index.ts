// Module: calls. A call's life: who rings whom, what each step leads to, how it ends. In: what people
// press, what happens to their pages and media, what the meter says. Out: views for both people, legs
// and leases for the media, starts and pauses for the meter, the call's row. What may follow what
// stands in machine.ts alone; everything else here acts on it.
export { Calls, type PersonAction } from './calls.ts';
export { type CheckedCall, checkCall } from './checked-call.ts';
export type { CallDeps, Callers } from './deps.ts';
export { CallHistory } from './history.ts';
export { type CallEvent, type CallFacts, type Effect, newCall, step, type TimerName } from './machine.ts';
export { CallRecords } from './records.ts';
export { looksToAskFor } from './ring-limits.ts';
