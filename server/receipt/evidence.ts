/** Two of the last three conclusive probes decide (charging rules, `slow_link`). */
const PROBES_JUDGED = 3;
const PROBES_DECIDING = 2;
/** So many without an answer, one after another, count as slow. */
const UNANSWERED_DECIDING = 5;

type Detail = { readonly [key: string]: unknown };

/** What the probes of the model's uplink say so far. */
export class Evidence {
  #judged: { isSlow: boolean; detail: Detail }[] = [];
  #unanswered = 0;

  /** The conclusive probes that decide now, oldest first. */
  get deciding(): readonly Detail[] {
    return this.#judged.map(({ detail }) => detail);
  }

  probed(detail: Detail): void {
    const { verdict, doubt, kbps, thresholdKbps } = detail;
    this.#unanswered = doubt === 'no_report' ? this.#unanswered + 1 : 0;
    if (verdict === 'inconclusive') return;
    const isSlow = verdict === 'fail' || Number(kbps) < Number(thresholdKbps);
    this.#judged = [...this.#judged, { isSlow, detail }].slice(-PROBES_JUDGED);
  }

  isSlow(): boolean {
    return (
      this.#judged.filter(({ isSlow }) => isSlow).length >= PROBES_DECIDING || this.#unanswered >= UNANSWERED_DECIDING
    );
  }

  /** After unanswered probes the first answer is all there is. */
  isFast(): boolean {
    const fast = this.#judged.filter(({ isSlow }) => !isSlow).length;
    return fast >= Math.min(PROBES_DECIDING, this.#judged.length) && fast > 0;
  }
}
