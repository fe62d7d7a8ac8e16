// The receipt, worked out from a call's log alone as a person with a calculator would, and held
// against the ledger: rules 2 to 5 and "What can be checked afterwards".
import type { Closed, MeterEvent } from '../../../core-wasm/index.ts';
import type { LedgerDouble } from './ledger.ts';
import type { CallScenario } from './scenario.ts';

export type LogLine = (MeterEvent & { line: 'event' }) | { line: 'crash' };

/** The first thing that does not add up, or null. */
export function checkReceipt(
  scenario: CallScenario,
  log: LogLine[],
  ledger: LedgerDouble,
  endedBy: 'client' | 'model' | 'appliance' | null,
): string | null {
  const events = log.filter((line): line is MeterEvent & { line: 'event' } => line.line === 'event');
  const closed = events.at(-1);
  if (closed?.kind !== 'closed') return 'the last event is not closed';
  if (events.filter((event) => event.kind === 'closed').length > 1) return 'closed twice';
  if (closed.endedBy !== endedBy) return `ended by ${closed.endedBy}, the scenario says ${endedBy}`;
  if (BigInt(closed.chargedMinor) !== ledger.charged()) {
    return `closed says ${closed.chargedMinor} charged, the ledger ${ledger.charged()}`;
  }
  return (
    checkUnits(scenario, log, ledger) ??
    checkTime(scenario, closed, ledger) ??
    checkMinimum(scenario, events, closed, ledger)
  );
}

const unitMs = (scenario: CallScenario) => (scenario.tariff === 'per_minute' ? 60_000 : 1_000);

function price(scenario: CallScenario, units: number): bigint {
  const whole = BigInt(scenario.rateMinor) * BigInt(units);
  if (scenario.tariff === 'per_minute') return whole;
  return whole / 60n + (whole % 60n > 0n ? 1n : 0n);
}

/** Each charge is the difference to what was paid before, and no unit that costs something is left out. */
function checkUnits(scenario: CallScenario, log: LogLine[], ledger: LedgerDouble): string | null {
  let last = 0;
  for (const [unit, amount] of ledger.posted) {
    if (amount !== price(scenario, unit) - price(scenario, last))
      return `unit ${unit} cost ${amount} after unit ${last}`;
    if (price(scenario, unit - 1) !== price(scenario, last)) return `unit ${unit} came after unit ${last}`;
    last = unit;
  }
  // A unit is asked for at most a second before it falls due, and falls due once billable time has passed its start.
  let isSuspended = false;
  for (const line of log) {
    if (line.line !== 'event') continue;
    if (line.kind === 'suspended') isSuspended = true;
    if (line.kind === 'restarted') isSuspended = false;
    const startMs = 'unit' in line ? (line.unit - 1) * unitMs(scenario) : 0;
    if (line.kind === 'charged' && line.billableMs <= startMs) return `unit ${line.unit} due at ${line.billableMs}`;
    if (line.kind === 'charge_due' && !isSuspended && line.billableMs <= startMs - 1_000)
      return `unit ${line.unit} asked for at billable ${line.billableMs}`;
  }
  return null;
}

/** What was used is paid: no time is given away. */
function checkTime(scenario: CallScenario, closed: Closed, ledger: LedgerDouble): string | null {
  const started = Math.ceil(closed.billableMs / unitMs(scenario));
  if (price(scenario, started) > ledger.charged()) return `${closed.billableMs} ms used, ${ledger.charged()} charged`;
  return null;
}

/** Rule 5. */
function checkMinimum(
  scenario: CallScenario,
  events: MeterEvent[],
  closed: Closed,
  ledger: LedgerDouble,
): string | null {
  const asked = events.filter((event) => event.kind === 'minimum_due');
  const isWaived = events.some((event) => event.kind === 'paused' && event.reason === 'model_waived');
  const rest = BigInt(scenario.rateMinor) * BigInt(scenario.minimumMin) - ledger.charged();
  const mayAsk = closed.endedBy === 'client' && !isWaived && rest > 0n && closed.minimum !== 'model_fault';
  const cap = BigInt(asked[0]?.capMinor ?? 0);
  if (asked.length > 1) return 'the minimum was asked for twice';
  if (asked.length === 1 && !mayAsk) return `the minimum was asked for, ended by ${closed.endedBy}`;
  if (asked[0] && BigInt(asked[0].amountMinor) !== (rest < cap ? rest : cap))
    return `the minimum's rest is ${rest}, not ${asked[0].amountMinor}`;
  if (ledger.minimumPosted > (rest > 0n ? rest : 0n)) return 'more than the minimum was charged';
  return null;
}
