import type { ProbeEvidence } from '../contract/index.ts';

/** Probes in a row that a page in the foreground has not answered, and that count as slow together. */
export const UNANSWERED_DECIDING = 5;

/** Counts the probes that a model's page does not answer (charging rules: five in a row count as slow). */
export class UnansweredProbes {
  #startedAtMs: number[] = [];

  /**
   * @param startedAtMs when the probe began, on the monotonic clock
   * @param isHidden the page has said that it is in the background, where a browser keeps it from answering
   * @returns when the first and the last of five began, each time there are five; else null
   */
  probed(
    { doubt }: Pick<ProbeEvidence, 'doubt'>,
    startedAtMs: number,
    isHidden: boolean,
  ): { firstMs: number; lastMs: number } | null {
    if (doubt !== 'no_report') {
      this.#startedAtMs = [];
      return null;
    }
    if (!isHidden) this.#startedAtMs.push(startedAtMs);
    if (this.#startedAtMs.length < UNANSWERED_DECIDING) return null;
    const [firstMs = startedAtMs] = this.#startedAtMs;
    this.#startedAtMs = [];
    return { firstMs, lastMs: startedAtMs };
  }
}
