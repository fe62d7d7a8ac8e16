/** Two of the last three conclusive probes decide (charging rules, `slow_link`). */
const PROBES_JUDGED = 3;
const PROBES_DECIDING = 2;
/** So many without an answer, one after another, count as slow. */
const UNANSWERED_DECIDING = 5;

type Detail = { readonly [key: string]: unknown };

/** What the probes of the model's uplink say so far. */
export class Evidence {
  #judged: { isSlow: boolean; detail: Detail }[] = [];
  #unanswered: Detail[] = [];

  /** The probes that decide now, oldest first: the conclusive ones, or a row without an answer. */
  get deciding(): readonly Detail[] {
    return this.#isUnanswered() ? this.#unanswered : this.#judged.map(({ detail }) => detail);
  }

  probed(detail: Detail): void {
    const { verdict, doubt, kbps, thresholdKbps } = detail;
    this.#unanswered = doubt === 'no_report' ? [...this.#unanswered, detail].slice(-UNANSWERED_DECIDING) : [];
    if (verdict === 'inconclusive') return;
    // By what came through: a verdict is a claim.
    const isSlow = Number(kbps) < Number(thresholdKbps);
    this.#judged = [...this.#judged, { isSlow, detail }].slice(-PROBES_JUDGED);
  }

  isSlow(): boolean {
    return this.#judged.filter(({ isSlow }) => isSlow).length >= PROBES_DECIDING || this.#isUnanswered();
  }

  /** After unanswered probes the first answer is all there is. */
  isFast(): boolean {
    const fast = this.#judged.filter(({ isSlow }) => !isSlow).length;
    return fast >= Math.min(PROBES_DECIDING, this.#judged.length) && fast > 0;
  }

  #isUnanswered(): boolean {
    return this.#unanswered.length >= UNANSWERED_DECIDING;
  }
}
