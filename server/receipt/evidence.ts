/** Two of the last three conclusive probes decide (charging rules, `slow_link`). */
const PROBES_JUDGED = 3;
const PROBES_DECIDING = 2;
/** So many without an answer, one after another, count as slow. */
const UNANSWERED_DECIDING = 5;

/** What the probes of the model's uplink say so far. */
export class Evidence {
  #judged: boolean[] = [];
  #unanswered = 0;

  probed({ verdict, doubt, kbps, thresholdKbps }: { readonly [key: string]: unknown }): void {
    this.#unanswered = doubt === 'no_report' ? this.#unanswered + 1 : 0;
    if (verdict === 'inconclusive') return;
    const isSlow = verdict === 'fail' || Number(kbps) < Number(thresholdKbps);
    this.#judged = [...this.#judged, isSlow].slice(-PROBES_JUDGED);
  }

  isSlow(): boolean {
    return this.#judged.filter(Boolean).length >= PROBES_DECIDING || this.#unanswered >= UNANSWERED_DECIDING;
  }

  /** After unanswered probes the first answer is all there is. */
  isFast(): boolean {
    const fast = this.#judged.filter((isSlow) => !isSlow).length;
    return fast >= Math.min(PROBES_DECIDING, this.#judged.length) && fast > 0;
  }
}
