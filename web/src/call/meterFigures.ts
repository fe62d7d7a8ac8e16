import type { CallView, MeterView } from '@contract/calls.ts';

// The only place where the page counts time on between two views. Money is never counted here: a charge
// shows when the appliance has confirmed it.

/** A view of the meter and the moment (performance.now) at which it came. */
export type MeterAnchor = { readonly meter: MeterView; readonly atMs: number };

export type MeterFigures = {
  /** Billable time so far. */
  billableMs: number;
  /** Billable time that paid time and credit still cover; null once the meter is stopped for good. */
  timeLeftMs: number | null;
  /** What is left of the grace; null while not suspended. */
  graceLeftMs: number | null;
};

/** Billable time runs only while charging, the grace only while suspended; nothing passes its end. */
export function figuresAt(anchor: MeterAnchor, nowMs: number): MeterFigures {
  const { meter } = anchor;
  const passedMs = Math.max(0, nowMs - anchor.atMs);
  const runMs = meter.state === 'charging' ? Math.min(passedMs, meter.timeLeftMs ?? 0) : 0;
  return {
    billableMs: meter.billableMs + runMs,
    timeLeftMs: meter.timeLeftMs === null ? null : meter.timeLeftMs - runMs,
    graceLeftMs: meter.graceLeftMs === null ? null : Math.max(0, meter.graceLeftMs - passedMs),
  };
}

/** What is left, at `nowMs`, of a length that was `msLeft` at `atMs`. */
export function leftAt(msLeft: number, atMs: number, nowMs: number): number {
  return Math.max(0, msLeft - Math.max(0, nowMs - atMs));
}

/** Price of the next unit: a minute, or a started second (charging rules 2 and 3). */
export function unitPriceMinor(rateMinor: number, tariff: 'per_minute' | 'per_second'): number {
  return tariff === 'per_minute' ? rateMinor : Math.ceil(rateMinor / 60);
}

/** Whether the client who ends the call now still pays the rest of the minimum (charging rules 5 and 8). */
export function isMinimumOpen(view: CallView): boolean {
  if (view.mySide !== 'client' || !view.meter || view.meter.reasons.includes('model_waived')) return false;
  return view.meter.chargedMinor < view.rateMinor * view.minimumMin;
}
