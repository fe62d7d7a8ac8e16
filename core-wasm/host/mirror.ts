// The page's meter: one call, played on from the server's last snapshot by the same rules.
//
// What it shows as paid is what the server has confirmed. A unit that the ledger has posted ahead falls due here by
// itself; billable time stands at the end of the paid time until the next snapshot.
import { isHostReason, MeterCore } from './meter.ts';
import type { CallHandle, Figures, MeterSettings, OpenCall } from './types.ts';

/** What the server tells of a call: its terms and its figures at one moment. */
export interface MeterSnapshot extends Pick<OpenCall, 'tariff' | 'rateMinor' | 'minimumMin'> {
  figures: Figures;
}

export class CallMirror {
  readonly #core: MeterCore;
  #snapshot: MeterSnapshot | null = null;
  #call: CallHandle | null = null;

  constructor(module: WebAssembly.Module, settings: Omit<MeterSettings, 'capacity'> = {}) {
    this.#core = MeterCore.instantiate(module, { ...settings, capacity: 1 });
  }

  /** The server's word as of `atMs` on this page's own clock; what was shown before is forgotten. */
  show(snapshot: MeterSnapshot, atMs: number): void {
    const at = Math.floor(atMs);
    this.#forget(at);
    this.#snapshot = snapshot;
    const { figures } = snapshot;
    if (figures.state === 'closing' || figures.state === 'closed') return;
    const isSuspended = figures.state === 'suspended';
    const call = this.#core.open(
      {
        tariff: snapshot.tariff,
        rateMinor: snapshot.rateMinor,
        minimumMin: snapshot.minimumMin,
        balanceMinor: figures.balanceMinor,
        billableMs: figures.billableMs,
        unitsCharged: figures.unitsCharged,
        unitsPosted: figures.unitsPosted,
        paused: figures.reasons.filter(isHostReason),
        waived: figures.reasons.includes('model_waived'),
        slowLink: figures.reasons.includes('slow_link'),
        ...(isSuspended && { suspendedGraceLeftMs: figures.graceLeftMs ?? 0 }),
      },
      at,
    );
    this.#call = call;
    if (figures.state === 'opened') return;
    if (!isSuspended) this.#core.start(call, at);
    // A restart's charge is with the ledger: the grace does not end before the answer.
    if (isSuspended && figures.pendingUnit !== null) this.#core.restart(call, at);
    this.#core.drain();
  }

  /** The figures now; null before the first snapshot. An ended call's figures stand. */
  figures(atMs: number): Figures | null {
    if (this.#call === null) return this.#snapshot?.figures ?? null;
    return this.#core.figures(this.#call, Math.floor(atMs));
  }

  #forget(at: number): void {
    if (this.#call === null) return;
    const call = this.#call;
    this.#call = null;
    this.#core.end(call, 'appliance', at);
    const pending = this.#core.pendingCharge(call);
    if (pending) this.#core.refused(call, pending.unit, 0, at);
    this.#core.drain();
    this.#core.release(call);
  }
}
