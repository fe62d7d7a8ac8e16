import type { CallView, MeterView } from '@contract/calls.ts';
import coreUrl from '@core/build/core.wasm?url';
import { CallMirror, type Figures, priceMinor, unitMs, unitPriceMinor } from '@core/index.ts';

// The live figures of a call between two views: the metering core itself, the same file that charges in
// the appliance, played on from the last view. What shows as paid is what the appliance has confirmed;
// each view corrects all of it.

export type MeterFigures = Pick<Figures, 'billableMs' | 'timeLeftMs' | 'graceLeftMs' | 'isLow'>;

export interface LiveMeter {
  /** The appliance's word, as it came at `atMs` (performance.now). */
  show(view: CallView, atMs: number): void;
  /** The figures now; null before the call is live. */
  figures(nowMs: number): MeterFigures | null;
}

/** Compiled once a page; until then the figures stand as the last view told them. */
const core: Promise<WebAssembly.Module> = WebAssembly.compileStreaming(fetch(coreUrl));

export function createLiveMeter(): LiveMeter {
  let mirror: CallMirror | null = null;
  let last: { view: CallView; atMs: number } | null = null;
  core.then(
    (module) => {
      mirror = new CallMirror(module);
      if (last) play(mirror, last.view, last.atMs);
    },
    () => {}, // an old browser: the figures change with each view only
  );
  return {
    show(view, atMs) {
      last = { view, atMs };
      if (mirror) play(mirror, view, atMs);
    },
    figures(nowMs) {
      if (!last?.view.meter) return null;
      return (mirror && last.view.state !== 'ended' ? mirror.figures(nowMs) : null) ?? last.view.meter;
    },
  };
}

function play(mirror: CallMirror, view: CallView, atMs: number): void {
  const { meter, tariff, rateMinor, minimumMin } = view;
  if (!meter || view.state === 'ended') return;
  const paidLeftMs = Math.max(0, meter.paidUntilMs - meter.billableMs);
  const figures: Figures = {
    ...meter,
    balanceMinor: meter.balanceMinor ?? balanceBehind(meter, paidLeftMs, rateMinor, tariff),
    paidUntilBillableMs: meter.paidUntilMs,
    paidLeftMs,
    pendingUnit: null,
    pendingAmountMinor: 0,
  };
  mirror.show({ tariff, rateMinor, minimumMin, figures }, atMs);
}

/** The model is not told what the client has, only how long it lasts: the least credit that lasts as long. */
function balanceBehind(meter: MeterView, paidLeftMs: number, rateMinor: number, tariff: CallView['tariff']): number {
  const coveredMs = Math.max(0, (meter.timeLeftMs ?? 0) - paidLeftMs);
  const price = (units: number) => priceMinor(tariff, rateMinor, units);
  const coveredUnits = Math.round(coveredMs / unitMs(tariff));
  return Number(price(meter.unitsPosted + coveredUnits) - price(meter.unitsPosted));
}

/** What is left, at `nowMs`, of a length that was `msLeft` at `atMs`. */
export function leftAt(msLeft: number, atMs: number, nowMs: number): number {
  return Math.max(0, msLeft - Math.max(0, nowMs - atMs));
}

/** Price of the unit that a restart takes first. */
export function nextUnitMinor({ tariff, rateMinor, meter }: CallView): number {
  return unitPriceMinor(tariff, rateMinor, (meter?.unitsPosted ?? 0) + 1);
}

/** Whether the client who ends the call now still pays the rest of the minimum (charging rules 5 and 8). */
export function isMinimumOpen(view: CallView): boolean {
  if (view.mySide !== 'client' || !view.meter || view.meter.reasons.includes('model_waived')) return false;
  return view.meter.chargedMinor < view.rateMinor * view.minimumMin;
}
